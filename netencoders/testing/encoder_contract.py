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

import json
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np

from netencoders import (
    EncodeError,
    Encoder,
    NetEncoder,
    NetEncodersError,
    Parameter,
    VerificationError,
)
from netencoders.outputs import Encoded, arrays_of
from netencoders.parameters import short
from netencoders.registry import find
from netencoders.testing.checks import (
    RANDOM,
    fingerprint,
    global_seeds,
    require_blocks,
    require_equal,
    require_same,
    required_values,
)
from netencoders.testing.declaration_contract import DeclarationContract

__all__ = ["EncoderContract"]


class EncoderContract(DeclarationContract):
    """Tests that every encoder must pass.

    Attributes
    ----------
    encoder : str
        The name of the encoder or spec.
    parameters : mapping of str to object
        The parameters with which the tests encode the inputs; empty by default.
    random_parameters : mapping of str to object
        For an encoder that declares `is_random`: further parameters with which it draws random
        numbers once it has a seed; empty by default.
    setup : str
        Python statements that register the encoder in a new process. An installed plugin needs
        none.
    """

    encoder: ClassVar[str]
    parameters: ClassVar[Mapping[str, Any]] = {}
    random_parameters: ClassVar[Mapping[str, Any]] = {}
    setup: ClassVar[str] = ""

    def inputs(self) -> Sequence[Any]:
        """Return inputs that the encoder takes.

        Returns
        -------
        sequence of object
            At least one input, and no list that the encoder takes as a batch. Include one with the
            fewest rows: no rows, if `output` has ``minimum=0``.
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

    def pieces(self, value: Any) -> tuple[tuple[Any, ...], Sequence[Any]] | None:
        """Return the arguments of a session, and an input in pieces for `Session.feed`.

        Parameters
        ----------
        value : object
            One of `inputs`.

        Returns
        -------
        tuple of (tuple, sequence) or None
            The arguments and the pieces, or None if the encoder has no sessions for this input,
            which is the default.
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
        record = find(self.encoder)
        given = required_values(record.parameters, record.preset)
        return NetEncoder(self.encoder, **{**given, **self.parameters, **more})

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
        """With the required ones alone, the encoder holds the value of every parameter."""
        record = find(self.encoder)
        needed = {each.name for each in record.parameters if each.is_required}
        given = {
            **required_values(record.parameters, record.preset),
            **{name: value for name, value in self.parameters.items() if name in needed},
        }
        encoder = NetEncoder(self.encoder, **given)
        names = [parameter.name for parameter in self.declarations()]
        for shown in (encoder.parameters, encoder.resolved):
            assert names == list(shown), f"{list(shown)} are not the declared parameters {names}"

    def test_dict_round_trip(self) -> None:
        """`to_dict` returns JSON values, and `from_dict` returns an equal encoder."""
        encoder = self.make()
        again = NetEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
        require_equal(encoder, again, "to_dict() and from_dict()")

    def test_yaml_round_trip(self) -> None:
        """`from_yaml` of `to_yaml` returns an equal encoder, with the same YAML."""
        encoder = self.make()
        again = NetEncoder.from_yaml(encoder.to_yaml())
        require_equal(encoder, again, "to_yaml() and from_yaml()")
        assert encoder.to_yaml() == again.to_yaml(), (
            f"equal encoders have different YAML:\n{encoder.to_yaml()}\n{again.to_yaml()}"
        )

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
            form: Any = encoder._chain.forms[-1]
            problem = form.problem(array)
            assert problem is None, (
                f"the array of {short(value)} does not have the form that output() declares: "
                f"{problem}"
            )

    def test_result_is_finite(self) -> None:
        """No array contains NaN or infinity."""
        for value, array in self._results(self.make()):
            assert all(np.isfinite(part).all() for part in arrays_of(array).values()), (
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
            require_same(array, encoder(value), way)

    def test_same_input_gives_the_same_bits(self) -> None:
        """The array of an input does not depend on earlier calls."""
        encoder, other = self.make(), self.make()
        rule = "encode() must keep no state between calls"
        for value, array in reversed(self._results(encoder)):
            require_same(array, encoder(value), f"a second call with {short(value)}: {rule}")
            require_same(array, other(value), f"an equal encoder with {short(value)}: {rule}")

    def test_randomness_is_declared(self) -> None:
        """The arrays do not depend on the generators of random and numpy, nor on threads."""
        encoder = self.make()
        values = self._values()
        with global_seeds(1):
            expected = [encoder(value) for value in values]
        ways: dict[str, list[Encoded]] = {}
        with global_seeds(2):
            ways["in another order"] = [encoder(value) for value in reversed(values)][::-1]
        with global_seeds(3), ThreadPoolExecutor(2) as pool:
            ways["in threads"] = list(pool.map(encoder, values))
        for way, arrays in ways.items():
            for value, array, actual in zip(values, expected, arrays, strict=True):
                require_same(array, actual, f"{short(value)} {way}, with other seeds: {RANDOM}. It")

    def test_seed_determines_the_random_numbers(self) -> None:
        """Of an encoder that is random, equal seeds give equal bits, and other seeds others."""
        if not find(self.encoder).encoder.is_random:
            return
        encoder = self.make(**self.random_parameters)
        values = list(self._values())
        with global_seeds(1):
            first = [encoder.training(seed=1)(value) for value in values]
        same, other = encoder.training(seed=1), encoder.training(seed=2)
        ways: dict[str, list[Encoded]] = {}
        with global_seeds(2):
            ways["in another order"] = [same(value) for value in reversed(values)][::-1]
            for workers in (1, 3):
                ways[f"with workers={workers}"] = list(same.map(values, workers=workers))
        for way, arrays in ways.items():
            for value, array, actual in zip(values, first, arrays, strict=True):
                require_same(array, actual, f"{short(value)} {way}, with an equal seed: {RANDOM}")
        axis = 0 if encoder.has_names else encoder.output.stream_axis
        for value, array in zip(values, first, strict=True):
            blocks = list(same.stream(value))
            require_blocks(array, blocks, f"the stream of {short(value)} with a seed", axis)
        second = [other(value) for value in values]
        prints = [[fingerprint(array) for array in arrays] for arrays in (first, second)]
        assert prints[0] != prints[1], (
            "two seeds give the same arrays. Take the random numbers from self.draws(value), and "
            "set `random_parameters` to parameters with which the encoder draws."
        )

    def test_probes_verify(self) -> None:
        """If the encoder makes signals for probes, a spec with a probe of each passes `verify`."""
        encoder = self.make()
        for signal in encoder._encoder.probe_signals():
            spec = {**encoder.to_dict(), "probe": encoder.probe(signal)}
            try:
                NetEncoder.from_dict(json.loads(json.dumps(spec))).verify()
            except VerificationError as error:
                raise AssertionError(
                    f"the signal {signal} does not verify: probe_input() must make the same input "
                    f"at each call, and an input that can be read twice. {error}"
                ) from error

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
                require_same(
                    expected, actual, f"input {place} of {way}: encode() must keep no state"
                )

    def test_stream_equals_call(self) -> None:
        """The concatenated blocks of a stream equal the array of the call."""
        encoder = self.make()
        axis = 0 if encoder.has_names else encoder.output.stream_axis
        for value, array in self._results(encoder):
            require_blocks(
                array, list(encoder.stream(value)), f"the stream of {short(value)}", axis
            )

    def test_live_stream_equals_call(self) -> None:
        """The blocks of a live stream equal the array of the call, unless it needs two passes."""
        encoder = self.make()
        axis = 0 if encoder.has_names else encoder.output.stream_axis
        for value, array in self._results(encoder):
            if (live := self.live(value)) is None:
                continue
            try:
                blocks = list(encoder.stream(live))
            except EncodeError as error:
                assert error.code in ("one-pass", "no-input-id"), (
                    f"the live form of {short(value)} is refused. Return one that stream() takes, "
                    "or use the code 'one-pass' if it must be read twice, or 'no-input-id' if "
                    f"random numbers depend on its content. {error}"
                )
                continue
            require_blocks(array, blocks, f"the live stream of {short(value)}", axis)

    def test_session_equals_call(self) -> None:
        """The joined rows of a session equal the array of the call, unless it needs two passes."""
        encoder = self.make()
        for value, array in self._results(encoder):
            if (given := self.pieces(value)) is None:
                continue
            arguments, pieces = given
            try:
                with encoder.session(*arguments) as session:
                    rows = [*map(session.feed, pieces), session.finish()]
            except EncodeError as error:
                assert error.code in ("one-pass", "no-input-id"), (
                    f"the session of {short(value)} is refused. Return pieces that feeder() takes, "
                    f"or use the code 'one-pass' if the input must be read twice. {error}"
                )
                continue
            axis = encoder.output.stream_axis
            require_blocks(array, rows, f"the session of {short(value)}", axis)

    def test_stages_end_with_the_array(self) -> None:
        """The last stage is the array, or its first rows; of named arrays, each is a stage."""
        encoder = self.make()._encoder
        for value in self._values():
            if not encoder.repeatable(value):
                continue
            arrays = arrays_of(encoder.encode(value)).values()
            stages = list(encoder.stages(value, 30.0))[-len(arrays) :]
            for array, stage in zip(arrays, stages, strict=True):
                rows = array[tuple(map(slice, stage.array.shape))] if stage.is_cut else array
                require_same(rows, stage.array, f"the stage {stage.name} of {short(value)}")

    def test_twice_equals_once(self) -> None:
        """An array that is already encoded is returned unchanged, or refused as a possible input.

        Only an encoder that overrides `check_encoded` may refuse it.
        """
        encoder = self.make()
        may_refuse = type(encoder._encoder).check_encoded is not Encoder.check_encoded
        may_refuse |= bool(encoder.layers)
        for value, array in self._results(encoder):
            if encoder.inputs and encoder.accepts(array):
                continue  # the array may be an input
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
            require_same(array, again, way)

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

    def _results(self, encoder: NetEncoder) -> list[tuple[Any, Encoded]]:
        return [(value, encoder(value)) for value in self._values()]


class _Nonsense:
    """A value that no encoder takes."""
