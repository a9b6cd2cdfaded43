"""DecoderContract: the suite that every decoder must pass, for pytest.

A subclass names the decoder and gives example arrays; pytest runs the tests::

    from netencoders.testing import DecoderContract

    class TestLargest(DecoderContract):
        decoder = "Largest"
        parameters = {"Labels": ["cat", "dog"]}

        def inputs(self):
            return [np.array([0.25, 0.75], np.float32)]

The message of a failure names the remedy. The module is long because the suite is one class, which
plugin authors read as a whole.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from netencoders import DecodeError, NetDecoder, NetEncoder, Parameter, ParameterError, Varying
from netencoders.registry import find_decoder
from netencoders.testing.checks import require_equal, require_same, required_values
from netencoders.testing.declaration_contract import DeclarationContract

__all__ = ["DecoderContract", "described"]

Wanted = tuple[str, Mapping[str, Any]]
"""A property, and its options."""


class DecoderContract(DeclarationContract):
    """Tests that every decoder must pass.

    Attributes
    ----------
    decoder : str
        The name of the decoder.
    parameters : mapping of str to object
        The parameters with which the tests decode; empty by default.
    options : mapping of str to mapping
        The options of properties; by default each option has its default, or if it is required,
        an example of its type.
    setup : str
        Python statements that register the decoder in a new process. An installed plugin needs
        none.
    """

    decoder: ClassVar[str]
    parameters: ClassVar[Mapping[str, Any]] = {}
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    setup: ClassVar[str] = ""

    def inputs(self) -> Sequence[npt.NDArray[Any]]:
        """Return arrays that the decoder takes.

        Returns
        -------
        sequence of ndarray
            At least one array, for which every property has a value.
        """
        raise NotImplementedError(f"{type(self).__name__} must define inputs()")

    def make(self, **more: Any) -> NetDecoder:
        """Return the decoder under test.

        Parameters
        ----------
        **more
            Parameters that replace those of `parameters`.

        Returns
        -------
        NetDecoder
        """
        given = required_values(self.declarations(), {})
        return NetDecoder(self.decoder, **{**given, **self.parameters, **more})

    def declarations(self) -> tuple[Parameter, ...]:
        """Return the declarations of the decoder's parameters.

        Returns
        -------
        tuple of Parameter
        """
        return find_decoder(self.decoder).parameters

    def test_is_registered_with_a_summary(self) -> None:
        """The decoder is registered and has a summary."""
        assert find_decoder(self.decoder).summary, (
            f"{self.decoder} has no summary. Give the class a docstring."
        )

    def test_options_are_documented(self) -> None:
        """Each option of a property has a `doc`."""
        missing = [
            f"{each.name}, {option.name}"
            for each in find_decoder(self.decoder).decoder.properties
            for option in each.parameters
            if not option.doc
        ]
        assert not missing, f"these options have no doc: {missing}. Give each Parameter a doc=."

    def test_dict_and_yaml_round_trip(self) -> None:
        """The declaration gives an equal decoder: as a dict, and as YAML."""
        decoder = self.make()
        again = NetDecoder.from_dict(json.loads(json.dumps(decoder.to_dict(pin=True))))
        require_equal(decoder, again, "to_dict() and from_dict()")
        again = NetDecoder.from_yaml(decoder.to_yaml(pin=True))
        require_equal(decoder, again, "to_yaml() and from_yaml()")

    def test_every_property_gives_a_value(self) -> None:
        """Each property gives a value for each array, and `decode` fails for none."""
        decoder = self.make()
        for array in self._arrays():
            for name, options in self._wanted(decoder):
                try:
                    decoder(array, name, **options)
                except (DecodeError, ParameterError) as error:
                    raise AssertionError(
                        f"the property {name!r} has no value for an array of shape {array.shape}. "
                        f"Let decode() return it, or state options in `options`. {error}"
                    ) from error

    def test_batch_equals_loop(self) -> None:
        """A list of arrays, or one array of arrays of equal shape, gives the value of each."""
        decoder, arrays = self.make(), self._arrays()
        for name, options in self._wanted(decoder):
            values = [described(decoder(array, name, **options)) for array in arrays]
            batch = [described(each) for each in decoder([*arrays], name, **options)]
            assert values == batch, _other(name, "a batch gives other values than a loop")
            stacked = decoder(np.stack([arrays[0]] * 3), name, **options)
            assert [values[0]] * 3 == [*map(described, stacked)], _other(
                name, "an array of three equal arrays gives other values than the array"
            )

    def test_same_array_gives_the_same_value(self) -> None:
        """The value does not depend on earlier calls, on the object, or on the memory."""
        decoder, other, arrays = self.make(), self.make(), self._arrays()
        for name, options in self._wanted(decoder):
            values = [described(decoder(array, name, **options)) for array in arrays]
            for array, value in reversed(list(zip(arrays, values, strict=True))):
                again = [decoder(array, name, **options), other(array, name, **options)]
                if array.ndim:
                    apart = np.repeat(array, 2, -1)[..., ::2]
                    again.append(decoder(apart, name, **options))
                assert [value] * len(again) == [*map(described, again)], _other(
                    name, "a second call gives another value: a decoder must keep no state"
                )

    def test_pickle_gives_the_same_values(self) -> None:
        """An unpickled decoder gives the same values."""
        decoder = self.make()
        again = pickle.loads(pickle.dumps(decoder))
        for name, options in self._wanted(decoder):
            for array in self._arrays():
                value = described(decoder(array, name, **options))
                assert value == described(again(array, name, **options)), _other(
                    name, "an unpickled decoder gives another value"
                )

    def test_fresh_process_agrees(self) -> None:
        """A new process computes the same digest and the same values."""
        decoder, arrays = self.make(), [*self._arrays()]
        wanted = [(name, dict(options)) for name, options in self._wanted(decoder)]
        code = f"""{self.setup}
import pickle, sys
declaration, digest, pickled, arrays, wanted = pickle.load(sys.stdin.buffer)
from netencoders import NetDecoder
from netencoders.testing.decoder_contract import described
decoder = NetDecoder.from_dict(declaration)
if decoder.digest == digest:
    assert decoder == pickle.loads(pickled)
print(decoder.digest, *[
    described(decoder(array, name, **options)) for name, options in wanted for array in arrays
])
"""
        content = (decoder.to_dict(), decoder.digest, pickle.dumps(decoder), arrays, wanted)
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=pickle.dumps(content),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (
            "a new process cannot decode. Install the plugin there, or set `setup` to the "
            f"statements that register the decoder.\n{done.stderr.decode()}"
        )
        here = [
            described(decoder(array, name, **options))
            for name, options in wanted
            for array in arrays
        ]
        digest, *there = done.stdout.decode().split()
        assert decoder.digest == digest, (
            "another process has another digest: parameters and their Automatic rules must not "
            "depend on the process"
        )
        assert here == there, (
            "another process gives other values: decode() must depend on the array and the "
            "parameters alone, not on hash(), time or random numbers without a seed"
        )

    def test_array_is_unchanged_and_not_shared(self) -> None:
        """A decoder does not change its array, and no value shares memory with it."""
        decoder = self.make()
        for array in self._arrays():
            for name, options in self._wanted(decoder):
                before, given = array.copy(), array.copy()
                value = decoder(given, name, **options)
                require_same(before, given, "the array after the call: work on a copy. It")
                shared = [each for each in _arrays_in(value) if np.shares_memory(each, given)]
                assert not shared, (
                    f"the property {name!r} gives an array that shares the memory of the input: "
                    "return a copy"
                )

    def test_nan_is_refused(self) -> None:
        """An array that contains NaN or infinity has no value."""
        decoder = self.make()
        if np.dtype(decoder.input.dtype).kind not in "fc":
            return
        for array in self._arrays():
            for number in (np.nan, np.inf):
                wrong = np.array(array)
                wrong.flat[-1:] = number
                if wrong.size:
                    _refused(decoder, wrong, "non-finite", f"an array with {number}")

    def test_other_forms_are_refused(self) -> None:
        """An array of another type or of other dimensions is refused, and so is no array."""
        decoder = self.make()
        form, array = decoder.input, self._arrays()[0]
        others: dict[str, Any] = {
            "an array of texts": np.full(array.shape, "a"),
            "an array with two more dimensions": array[np.newaxis, np.newaxis],
            "a text": "text",
            "nothing": None,
            "an object": object(),
        }
        fixed = [place for place, size in enumerate(form.dims) if size is not Varying]
        if fixed:
            others["an array of another size"] = np.repeat(array, 2, fixed[0])
        for what, value in others.items():
            _refused(decoder, value, "unsupported-input", what)

    def test_encoder_leads_back(self) -> None:
        """The encoder of `encoder()`, if there is one, exists and takes its parameters."""
        decoder = self.make()
        if decoder._decoder.encoder() is None:
            return
        encoder = NetEncoder.from_decoder(decoder)
        assert NetEncoder.from_decoder(NetDecoder.from_dict(decoder.to_dict())) == encoder

    def _arrays(self) -> Sequence[npt.NDArray[Any]]:
        arrays = self.inputs()
        assert len(arrays) > 0, "inputs() must return at least one array"
        return arrays

    def _wanted(self, decoder: NetDecoder) -> Iterator[Wanted]:
        """Yield each property with its options."""
        for each in decoder._decoder.properties:
            yield (
                each.name,
                {**required_values(each.parameters, {}), **self.options.get(each.name, {})},
            )


def described(value: Any) -> str:
    """Return a hash of a value, in which arrays count by their bits, type and shape.

    >>> described({"a": [1, np.float32(0.5)]}) == described({"a": [1, 0.5]})
    False
    """
    return hashlib.sha256(repr(_plain(value)).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        return type(value).__name__, array.dtype.str, array.shape, array.tobytes()
    if isinstance(value, Mapping):
        return [(_plain(name), _plain(item)) for name, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value).__name__, [*map(_plain, value)]
    if value is None or isinstance(value, str | bytes | bool | int | float | complex):
        return value
    return type(value).__name__, pickle.dumps(value)


def _arrays_in(value: Any) -> Iterator[npt.NDArray[Any]]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _arrays_in(item)


def _refused(decoder: NetDecoder, value: Any, code: str, what: str) -> None:
    """Require that a value is refused with a code."""
    try:
        decoder(value)
    except DecodeError as error:
        assert error.code == code, (
            f"{what} is refused with the code {error.code!r}, and not {code!r}: input() must "
            f"declare the form of the arrays. {error}"
        )
    else:
        raise AssertionError(f"{what} is taken: input() must declare the form of the arrays")


def _other(name: str, problem: str) -> str:
    return f"{problem}, for the property {name!r}. decode() must depend on the array alone."
