"""EncoderContract: the suite that every encoder must pass, for pytest.

A subclass names the encoder and gives example inputs; pytest runs the tests::

    from netencoders.testing import EncoderContract

    class TestZeroCrossingRate(EncoderContract):
        encoder = "ZeroCrossingRate"

        def inputs(self):
            return [Audio([0.5, -0.5, 0.5], 16000)]

The message of a failure names the remedy. The module is long because the suite is
one class, which plugin authors read as a whole.
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
from netencoders import (
    EncodeError,
    Encoder,
    NetEncoder,
    NetEncodersError,
    Parameter,
    ParameterError,
    PluginError,
)
from netencoders.parameters import short
from netencoders.registry import find
from netencoders.values import from_plain, to_plain

__all__ = ["EncoderContract"]


class EncoderContract:
    """Tests that every encoder must pass.

    Attributes
    ----------
    encoder : str
        The name of the encoder or spec.
    parameters : mapping of str to object
        The parameters with which the tests encode the inputs; empty by default.
    setup : str
        Python statements that register the encoder in a new process. An installed plugin needs
        none.
    """

    encoder: ClassVar[str]
    parameters: ClassVar[Mapping[str, Any]] = {}
    setup: ClassVar[str] = ""

    def inputs(self) -> Sequence[Any]:
        """Return inputs that the encoder takes.

        Returns
        -------
        sequence of object
            At least one input, and no input that is a list. Include one with the fewest rows: no
            rows, if `output` has ``minimum=0``.
        """
        raise NotImplementedError(f"{type(self).__name__} must define inputs()")

    def live(self, value: Any) -> Any:
        """Return an input in a form that can be read only once, such as an iterator of blocks.

        Parameters
        ----------
        value : object
            One of `inputs`.

        Returns
        -------
        object or None
            The input in the other form, or None if there is none, which is the default. An encoder
            of audio returns ``iter([value])`` for an `Audio`.
        """
        return None

    def make(self, **more: Any) -> NetEncoder:
        """Return the encoder under test.

        Parameters
        ----------
        **more
            Parameters that replace those of `parameters`.

        Returns
        -------
        NetEncoder
        """
        return NetEncoder(self.encoder, **{**self.parameters, **more})

    def declarations(self) -> tuple[Parameter, ...]:
        """Return the declarations of the encoder's parameters.

        Returns
        -------
        tuple of Parameter
        """
        return find(self.encoder).parameters

    def test_is_registered_with_a_summary(self) -> None:
        """The encoder is registered and has a summary."""
        assert find(self.encoder).summary, (
            f"{self.encoder} has no summary. Give the class a docstring, or the spec a summary."
        )

    def test_defaults_construct(self) -> None:
        """Every parameter has a default, and the encoder holds the value of every parameter."""
        encoder = NetEncoder(self.encoder)
        names = [parameter.name for parameter in self.declarations()]
        for shown in (encoder.parameters, encoder.resolved):
            assert names == list(shown), f"{list(shown)} are not the declared parameters {names}"

    def test_parameters_are_documented(self) -> None:
        """Each parameter has a `doc`."""
        missing = [parameter.name for parameter in self.declarations() if not parameter.doc]
        assert not missing, f"these parameters have no doc: {missing}. Give each Parameter a doc=."

    def test_parameters_take_good_values(self) -> None:
        """Each parameter takes the examples of its type, and a spec can contain them.

        An example that does not fit the other parameters is skipped. For instance, no filter may
        fit a sample rate of 1.
        """
        for parameter in self.declarations():
            examples = parameter.type.examples()
            assert examples, f"{parameter}: examples() of its type must return at least one value"
            taken = 0
            for value in examples:
                checked = _checked(parameter, value)
                try:
                    kept = self.make(**{parameter.name: value}).parameters[parameter.name]
                except ParameterError:
                    continue  # it does not fit the others, and the type is correct
                except PluginError as error:
                    raise AssertionError(
                        f"{parameter.name}={value!r} is taken, but the encoder cannot be created. "
                        "Let the type refuse the value, or constraints() if it does not fit other "
                        f"parameters. {error}"
                    ) from error
                assert checked == kept, f"{parameter.name}={value!r} is kept as {kept!r}"
                taken += 1
            assert taken, (
                f"constraints() or resolve() refuses every example of {parameter.name!r}: "
                f"{[*examples]}. State examples that fit, such as Text(examples=[...]), in "
                "examples() of a type of your own, or set `parameters` of this test."
            )

    def test_parameters_refuse_bad_values(self) -> None:
        """Each parameter refuses the counterexamples of its type with the standard message."""
        for parameter in self.declarations():
            head = f"{parameter.name!r} must be {parameter.describe()}. Got "
            for value in parameter.type.counterexamples():
                bad = f"{parameter.name}={value!r}"
                try:
                    self.make(**{parameter.name: value})
                except ParameterError as error:
                    assert any(text.startswith(head) for text in error.problems), (
                        f"{bad} is not refused by the type of the parameter: {error}"
                    )
                except PluginError as error:
                    raise AssertionError(
                        f"{bad}: check() of the type must raise RefusedError, and no other error. "
                        f"{error}"
                    ) from error
                else:
                    raise AssertionError(
                        f"{bad} is taken, although counterexamples() of the type returns it. "
                        "Let check() raise RefusedError, or remove the counterexample."
                    )

    def test_unknown_parameter_is_named(self) -> None:
        """A parameter that is not declared is refused by name."""
        try:
            self.make(NoSuchParameter=1)
        except ParameterError as error:
            assert "unknown parameter 'NoSuchParameter'" in str(error), str(error)
        else:
            raise AssertionError(f"{self.encoder} takes a parameter that it does not declare")

    def test_dict_round_trip(self) -> None:
        """`to_dict` returns JSON values, and `from_dict` returns an equal encoder."""
        encoder = self.make()
        again = NetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
        _require_equal(encoder, again, "to_dict() and from_dict()")

    def test_yaml_round_trip(self) -> None:
        """`from_yaml` of `to_yaml` returns an equal encoder, with the same YAML."""
        encoder = self.make()
        again = NetEncoder.from_yaml(encoder.to_yaml())
        _require_equal(encoder, again, "to_yaml() and from_yaml()")
        assert encoder.to_yaml() == again.to_yaml(), (
            f"equal encoders have different YAML:\n{encoder.to_yaml()}\n{again.to_yaml()}"
        )

    def test_pickle_round_trip(self) -> None:
        """An unpickled encoder is equal, with the same digest and hash."""
        encoder = self.make()
        again = pickle.loads(pickle.dumps(encoder))
        _require_equal(encoder, again, "pickle")
        assert hash(encoder) == hash(again), "the hash changes with pickle; see check()"

    def test_repr_evaluates(self) -> None:
        """The repr is an expression for an equal encoder."""
        encoder = self.make()
        _require_equal(encoder, eval(repr(encoder), vars(netencoders)), f"eval({encoder!r})")

    def test_fresh_process_agrees(self) -> None:
        """A new process computes the same digest and the same arrays."""
        encoder, values = self.make(), self._values()
        code = f"""{self.setup}
import pickle, sys
declaration, digest, pickled, values = pickle.load(sys.stdin.buffer)
from netencoders import NetEncoder
from netencoders.testing import fingerprint
encoder = NetEncoder.from_dict(declaration)
if encoder.digest == digest:
    assert encoder == pickle.loads(pickled)
print(encoder.digest, *[fingerprint(encoder(value)) for value in values])
"""
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=pickle.dumps((encoder.to_dict(), encoder.digest, pickle.dumps(encoder), values)),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (
            "a new process cannot encode. Install the plugin there, or set `setup` to the "
            f"statements that register the encoder.\n{done.stderr.decode()}"
        )
        here = [encoder.digest, *[fingerprint(encoder(value)) for value in values]]
        there = done.stdout.decode().split()
        assert here[0] == there[0], (
            "another process has another digest: parameters and their Automatic rules must not "
            "depend on the process"
        )
        differing = [place for place in range(len(values)) if here[place + 1] != there[place + 1]]
        assert not differing, (
            f"another process gives other arrays for inputs {differing}: encode() must depend on "
            "the input and the parameters alone, not on hash(), time or random numbers"
        )

    def test_output_has_the_declared_form(self) -> None:
        """Every array has the form of `output`."""
        encoder = self.make()
        for value, array in self._results(encoder):
            problem = encoder.output.problem(array)
            assert problem is None, (
                f"the array of {short(value)} does not have the form that output() declares: "
                f"{problem}"
            )

    def test_result_is_finite(self) -> None:
        """No array contains NaN or infinity."""
        for value, array in self._results(self.make()):
            assert np.isfinite(array).all(), (
                f"the array of {short(value)} contains NaN or infinity. Raise EncodeError for an "
                "input that has no finite array, or give the element a value, such as a floor "
                "below the logarithm."
            )

    def test_prepare_changes_nothing(self) -> None:
        """`prepare` may be called any number of times, and has no effect on the arrays."""
        encoder = self.make()
        for value, array in self._results(self.make()):
            encoder.prepare()
            way = f"{short(value)} after prepare(): it must only import modules. It"
            _require_same(array, encoder(value), way)

    def test_same_input_gives_the_same_bits(self) -> None:
        """The array of an input does not depend on earlier calls."""
        encoder, other = self.make(), self.make()
        rule = "encode() must keep no state between calls"
        for value, array in reversed(self._results(encoder)):
            _require_same(array, encoder(value), f"a second call with {short(value)}: {rule}")
            _require_same(array, other(value), f"an equal encoder with {short(value)}: {rule}")

    def test_input_is_unchanged(self) -> None:
        """Encoding does not change its input."""
        for value in self._values():
            before = pickle.dumps(value)
            self.make()(value)
            assert before == pickle.dumps(value), (
                f"encode() changed its input, {short(value)}. Work on a copy."
            )

    def test_list_equals_loop(self) -> None:
        """A list gives the arrays of its elements, for any number of workers."""
        encoder, values = self.make(), list(self._values()) * 3
        loop = [encoder(value) for value in values]
        batches = {"a list": encoder(values)}
        batches |= {f"map with workers={n}": list(encoder.map(values, workers=n)) for n in (1, 3)}
        for way, batch in batches.items():
            for place, (expected, actual) in enumerate(zip(loop, batch, strict=True)):
                _require_same(
                    expected, actual, f"input {place} of {way}: encode() must keep no state"
                )

    def test_stream_equals_call(self) -> None:
        """The concatenated blocks of a stream equal the array of the call."""
        encoder = self.make()
        for value, array in self._results(encoder):
            _require_blocks(array, list(encoder.stream(value)), f"the stream of {short(value)}")

    def test_live_stream_equals_call(self) -> None:
        """The blocks of a live stream equal the array of the call, unless it needs two passes."""
        encoder = self.make()
        for value, array in self._results(encoder):
            if (live := self.live(value)) is None:
                continue
            try:
                blocks = list(encoder.stream(live))
            except EncodeError as error:
                assert error.code == "one-pass", (
                    f"the live form of {short(value)} is refused. Return one that stream() takes, "
                    f"or use the code 'one-pass' if it must be read twice. {error}"
                )
                continue
            _require_blocks(array, blocks, f"the live stream of {short(value)}")

    def test_twice_equals_once(self) -> None:
        """An array that is already encoded is returned unchanged, or refused as a possible input.

        Only an encoder that overrides `check_encoded` may refuse it.
        """
        encoder = self.make()
        may_refuse = type(encoder._encoder).check_encoded is not Encoder.check_encoded
        for value, array in self._results(encoder):
            way = f"the array of {short(value)}, encoded again"
            try:
                again = encoder(array)
            except EncodeError as error:
                declared = may_refuse and error.code != "bug"
                assert declared, (
                    f"{way}, is refused. Override check_encoded() to refuse arrays that may be "
                    f"inputs, and raise EncodeError in it. {error}"
                )
                continue
            _require_same(array, again, way)

    def test_nonsense_is_refused_by_name(self) -> None:
        """A value of an unknown class raises an error with a code other than `bug`."""
        try:
            self.make()(_Nonsense())
        except NetEncodersError as error:
            assert getattr(error, "code", "") != "bug", (
                "encode() must raise EncodeError for a value of a kind that it does not take, and "
                f"name the kinds that it takes: {error}"
            )
        else:
            raise AssertionError(
                "encode() takes an object of an unknown class. Raise EncodeError for a value of a "
                "kind that the encoder does not take."
            )

    def _values(self) -> Sequence[Any]:
        values = self.inputs()
        assert len(values) > 0, "inputs() must return at least one input"
        return values

    def _results(self, encoder: NetEncoder) -> list[tuple[Any, npt.NDArray[Any]]]:
        return [(value, encoder(value)) for value in self._values()]


_FIXED = "A canonical value must be its own canonical form, also after a conversion to JSON."


class _Nonsense:
    """A value that no encoder takes."""


def fingerprint(array: npt.NDArray[Any]) -> str:
    """Return a hash of the bits, the type and the shape of an array.

    >>> fingerprint(np.zeros(2, np.float32)) == fingerprint(np.zeros(2, np.float64))
    False
    """
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def _checked(parameter: Parameter, value: Any) -> Any:
    """Return the canonical form of an example; require that a spec can contain it."""
    try:
        checked = parameter.check(value)
    except ValueError as error:
        raise AssertionError(
            f"the type of {parameter.name!r} refuses its own example. Let check() take it, or "
            f"remove it from examples(). {error}"
        ) from error
    own = f"check() of the type of {parameter.name!r} returns {checked!r} for {value!r}"
    try:
        hash(checked)
        plain = json.loads(json.dumps(to_plain(checked), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise AssertionError(
            f"{own}. It must be a str, int, float, bool, None, Automatic, All or a tuple of these: "
            f"{error}"
        ) from error
    again = from_plain(plain)
    try:
        twice = parameter.check(again)
    except ValueError as error:
        raise AssertionError(f"{own}, and refuses {again!r}. {_FIXED}") from error
    assert repr(checked) == repr(twice), f"{own}, and {twice!r} for {again!r}. {_FIXED}"
    return checked


def _require_equal(expected: NetEncoder, actual: NetEncoder, way: str) -> None:
    assert expected == actual, (
        f"{way} makes another encoder: {actual!r} from {expected!r}. The canonical values that "
        "check() of a type returns must not change."
    )
    assert expected.digest == actual.digest, (
        f"{way} changes the digest of {expected!r}: resolve() and Automatic rules must be pure"
    )


def _require_blocks(array: npt.NDArray[Any], blocks: list[npt.NDArray[Any]], way: str) -> None:
    assert blocks, (
        f"{way} gives no block. stream() must yield at least one block; without rows, yield a "
        "block of no rows."
    )
    assert array.ndim or len(blocks) == 1, f"{way}: an array without dimensions must be one block"
    joined = np.concatenate(blocks) if array.ndim else blocks[0]
    rule = (
        "stream() must compute each row as encode() does. A product of matrices rounds a row by "
        "the number of rows: compute the same groups of rows, and mark as row_stable only a "
        "compute() that has no such product"
    )
    _require_same(array, joined, f"{way} ({rule})")


def _require_same(expected: npt.NDArray[Any], actual: Any, way: str) -> None:
    assert isinstance(actual, np.ndarray), f"{way} gives a {type(actual).__name__}, not an array"
    form, other = (f"{array.dtype} {array.shape}" for array in (expected, actual))
    assert form == other, f"{way} gives {other}, but the call gives {form}"
    assert np.array_equal(expected, actual, equal_nan=expected.dtype.kind in "fc"), (
        f"{way} gives other elements than the call"
    )
