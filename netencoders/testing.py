"""EncoderContract: the suite that every encoder must pass, for pytest.

Subclass it, name the encoder, give example inputs, and pytest runs the rest::

    from netencoders.testing import EncoderContract

    class TestZeroCrossingRate(EncoderContract):
        encoder = "ZeroCrossingRate"

        def inputs(self):
            return [Audio([0.5, -0.5, 0.5], 16000)]
"""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

import netencoders
from netencoders import EncodeError, NetEncoder, NetEncodersError, Parameter, ParameterError

__all__ = ["EncoderContract"]


class EncoderContract:
    """What every encoder owes its users, as tests.

    Attributes
    ----------
    encoder : str
        The encoder's name, or that of a declared spec.
    parameters : mapping
        Parameters for the encoder that is tried on the inputs, if its defaults do not suit them.
    setup : str
        Python statements that make the encoder known to a fresh process. An installed plugin needs
        none.
    """

    encoder: ClassVar[str]
    parameters: ClassVar[Mapping[str, Any]] = {}
    setup: ClassVar[str] = ""

    def inputs(self) -> Sequence[Any]:
        """Return one or more inputs that the encoder takes, none of them a list."""
        raise NotImplementedError(f"{type(self).__name__} must define inputs()")

    def live(self, value: Any) -> Any:
        """Return an input in a form that can be read once only, such as an iterator of blocks.

        None, which is the default, where there is none. An encoder of audio returns
        ``iter([value])`` for an `Audio`.
        """
        return None

    def make(self, **more: Any) -> NetEncoder:
        """Return the encoder that is tried on the inputs."""
        return NetEncoder(self.encoder, **{**self.parameters, **more})

    def declarations(self) -> tuple[Parameter, ...]:
        """Return the declarations of the encoder's parameters."""
        return netencoders.encoders()[self.encoder].parameters

    def test_is_registered_with_a_summary(self) -> None:
        """The encoder is listed, with a sentence that tells what it does."""
        record = netencoders.encoders()[self.encoder]
        assert record.summary, "the class needs a docstring, the spec a summary"

    def test_defaults_construct(self) -> None:
        """No parameter is compulsory, and what is given is what is kept."""
        encoder = NetEncoder(self.encoder)
        names = [parameter.name for parameter in self.declarations()]
        assert list(encoder.parameters) == list(encoder.resolved) == names

    def test_parameters_are_documented(self) -> None:
        """Each parameter says what it means."""
        assert [] == [parameter.name for parameter in self.declarations() if not parameter.doc]

    def test_parameters_take_good_values(self) -> None:
        """Each parameter takes the examples of its type, unless they do not fit the others."""
        for parameter in self.declarations():
            head = f"{parameter.name!r} must be {parameter.describe()}. Got "
            taken = 0
            for value in parameter.type.examples():
                try:
                    kept = self.make(**{parameter.name: value}).parameters[parameter.name]
                except ParameterError as error:
                    refused = [text for text in error.problems if text.startswith(head)]
                    assert not refused, str(error)
                else:
                    taken += 1
                    assert kept == parameter.check(value)
            assert taken, f"no example of {parameter.name} is taken"

    def test_parameters_refuse_bad_values(self) -> None:
        """Each parameter refuses what its type refuses, in the standard words."""
        for parameter in self.declarations():
            head = f"{parameter.name!r} must be {parameter.describe()}. Got "
            for value in parameter.type.counterexamples():
                try:
                    self.make(**{parameter.name: value})
                except ParameterError as error:
                    assert any(text.startswith(head) for text in error.problems), str(error)
                else:
                    raise AssertionError(f"{parameter.name}={value!r} is taken")

    def test_unknown_parameter_is_named(self) -> None:
        """A parameter that is not declared is refused by name."""
        try:
            self.make(NoSuchParameter=1)
        except ParameterError as error:
            assert "unknown parameter 'NoSuchParameter'" in str(error)
        else:
            raise AssertionError("an unknown parameter is taken")

    def test_dict_round_trip(self) -> None:
        """What `to_dict` gives is JSON, and makes an equal encoder."""
        encoder = self.make()
        assert encoder == NetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))

    def test_yaml_round_trip(self) -> None:
        """What `to_yaml` gives makes an equal encoder, and the same text again."""
        encoder = self.make()
        again = NetEncoder.from_yaml(encoder.to_yaml())
        assert encoder == again
        assert encoder.to_yaml() == again.to_yaml()

    def test_pickle_round_trip(self) -> None:
        """A pickled encoder comes back equal, with the same digest and hash."""
        encoder = self.make()
        again = pickle.loads(pickle.dumps(encoder))
        assert (encoder, encoder.digest) == (again, again.digest)
        assert hash(encoder) == hash(again)

    def test_repr_evaluates(self) -> None:
        """The repr is an expression for an equal encoder."""
        encoder = self.make()
        assert encoder == eval(repr(encoder), vars(netencoders))

    def test_fresh_process_agrees(self) -> None:
        """A process that has imported nothing finds the same digest and the same arrays."""
        encoder, values = self.make(), self.inputs()
        code = f"""{self.setup}
import pickle, sys
encoder, values = pickle.load(sys.stdin.buffer)
from netencoders.testing import fingerprint
print(encoder.digest, *[fingerprint(encoder(value)) for value in values])
"""
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=pickle.dumps((encoder, values)),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        here = [encoder.digest, *[fingerprint(encoder(value)) for value in values]]
        assert here == done.stdout.decode().split()

    def test_output_has_the_declared_form(self) -> None:
        """Every array fits `output`, which tells what each axis means."""
        encoder = self.make()
        assert len(encoder.output.axes) == len(encoder.output.dims), "each dimension needs an Axis"
        for value in self._values():
            problem = encoder.output.problem(encoder(value))
            assert problem is None, problem

    def test_same_input_gives_the_same_bits(self) -> None:
        """Encoding has no memory: not of the call before, nor of other inputs."""
        encoder, other = self.make(), self.make()
        first = [encoder(value) for value in self._values()]
        for value, array in reversed(list(zip(self._values(), first, strict=True))):
            _require_same(array, encoder(value))
            _require_same(array, other(value))

    def test_input_is_unchanged(self) -> None:
        """Encoding leaves its input as it was."""
        for value in self._values():
            before = pickle.dumps(value)
            self.make()(value)
            assert before == pickle.dumps(value)

    def test_list_equals_loop(self) -> None:
        """A list gives a list, element by element, for any number of workers."""
        encoder, values = self.make(), list(self._values()) * 3
        loop = [encoder(value) for value in values]
        for batch in (encoder(values), *(list(encoder.map(values, workers=n)) for n in (1, 3))):
            assert isinstance(batch, list)
            for expected, actual in zip(loop, batch, strict=True):
                _require_same(expected, actual)

    def test_stream_equals_call(self) -> None:
        """The blocks of a stream make up the array of the call."""
        encoder = self.make()
        for value in self._values():
            _require_same(encoder(value), np.concatenate(list(encoder.stream(value))))

    def test_live_stream_equals_call(self) -> None:
        """The blocks of a live stream make up the array of the call, unless it needs two passes."""
        encoder = self.make()
        for value in self._values():
            if (live := self.live(value)) is None:
                continue
            try:
                blocks = list(encoder.stream(live))
            except EncodeError as error:
                assert error.code == "one-pass", str(error)
                continue
            assert fingerprint(encoder(value)) == fingerprint(np.concatenate(blocks)), (
                "a live stream has other bits than the call. A matrix product rounds a row by the "
                "number of rows: use netencoders_audio.Projection, or remove @row_stable"
            )

    def test_twice_equals_once(self) -> None:
        """An array that is encoded already passes as it is."""
        encoder = self.make()
        for value in self._values():
            once = encoder(value)
            _require_same(once, encoder(once))

    def test_nonsense_is_refused_by_name(self) -> None:
        """A value of a kind that nobody encodes is an error that is no bug."""
        try:
            self.make()(_Nonsense())
        except NetEncodersError as error:
            assert getattr(error, "code", "") != "bug", str(error)
        else:
            raise AssertionError("nonsense is encoded")

    def _values(self) -> Sequence[Any]:
        values = self.inputs()
        assert len(values) > 0, "inputs() must give at least one input"
        return values


class _Nonsense:
    """A value that no encoder takes."""


def fingerprint(array: npt.NDArray[Any]) -> str:
    """Return a word that tells arrays of other bits, types or shapes apart.

    >>> fingerprint(np.zeros(2, np.float32)) == fingerprint(np.zeros(2, np.float64))
    False
    """
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def _require_same(expected: npt.NDArray[Any], actual: Any) -> None:
    assert isinstance(actual, np.ndarray), f"{type(actual).__name__} is no array"
    assert expected.dtype == actual.dtype
    assert expected.shape == actual.shape
    assert np.array_equal(expected, actual, equal_nan=expected.dtype.kind in "fc")
