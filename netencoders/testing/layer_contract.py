"""LayerContract: the suite that every layer must pass, for pytest.

A subclass names the layer and gives example arrays; pytest runs the tests::

    from netencoders.testing import LayerContract

    class TestPowerLaw(LayerContract):
        layer = "PowerLaw"

        def inputs(self):
            return [np.ones((300, 4), np.float32)]

The message of a failure names the remedy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, Axis, EncodeError, NetLayer, Parameter, Varying
from netencoders.chain import Chain
from netencoders.layer_base import has_out
from netencoders.registry import find_layer
from netencoders.testing.checks import LAYER_RULE, require_blocks, require_equal, require_same
from netencoders.testing.declaration_contract import DeclarationContract

__all__ = ["LayerContract"]

# The sizes of blocks, repeated to the end of an array: `measure` gets groups of 256 rows.
_SIZES = ((1,), (2,), (7,), (255, 1, 2), (256,), (257, 3))


class LayerContract(DeclarationContract):
    """Tests that every layer must pass.

    Attributes
    ----------
    layer : str
        The name of the layer.
    parameters : mapping of str to object
        The parameters with which the tests apply the layer; empty by default.
    """

    layer: ClassVar[str]
    parameters: ClassVar[Mapping[str, Any]] = {}

    def inputs(self) -> Sequence[npt.NDArray[Any]]:
        """Return arrays that the layer takes.

        Returns
        -------
        sequence of ndarray
            At least one array. Include one with the fewest rows, and one with more than 512 rows.
        """
        raise NotImplementedError(f"{type(self).__name__} must define inputs()")

    def make(self, **more: Any) -> NetLayer:
        """Return the layer under test.

        Parameters
        ----------
        **more
            Parameters that replace those of `parameters`.

        Returns
        -------
        NetLayer
        """
        return NetLayer(self.layer, **{**self.parameters, **more})

    def declarations(self) -> tuple[Parameter, ...]:
        """Return the declarations of the layer's parameters.

        Returns
        -------
        tuple of Parameter
        """
        return find_layer(self.layer).parameters

    def test_is_registered_with_a_summary(self) -> None:
        """The layer is registered and has a summary."""
        assert find_layer(self.layer).summary, (
            f"{self.layer} has no summary. Give the class a docstring."
        )

    def test_dict_round_trip(self) -> None:
        """`to_dict` returns JSON values, and `from_dict` returns an equal layer."""
        layer = self.make()
        again = NetLayer.from_dict(json.loads(json.dumps(layer.to_dict())))
        require_equal(layer, again, "to_dict() and from_dict()")

    def test_result_has_the_inferred_form(self) -> None:
        """Every result has the form of `infer`, with the same quantity for all arrays."""
        layer = self.make()
        for array in self._arrays():
            result = layer(array)
            problem = layer.infer(_form(array)).problem(result)
            assert problem is None, (
                f"the result for an array of shape {array.shape} does not have the form that "
                f"infer() returns: {problem}"
            )
            assert result.flags.c_contiguous, "a NetLayer returns contiguous arrays"

    def test_form_of_a_fixed_number_of_rows(self) -> None:
        """For a fixed number of rows, `infer` gives the dimensions of the result, and as many axes.

        A recording of fixed length has such a form, and a net is built for these dimensions.
        """
        layer = self.make()
        for array in self._arrays():
            axes = (Axis("time", "s"), *[Axis("feature")] * (array.ndim - 1))
            inferred = layer.infer(ArraySpec(array.shape, array.dtype.name, axes))
            problem = inferred.problem(layer(array))
            assert problem is None, (
                f"the result for an array of shape {array.shape} does not have the form that "
                f"infer() returns for this fixed number of rows: {problem}"
            )
            plain = layer.infer(ArraySpec(array.shape, array.dtype.name))
            assert inferred.dims == plain.dims, "infer() returns other dimensions without axes"
            assert not plain.axes, "infer() returns axes for an array without axes"

    def test_result_is_finite(self) -> None:
        """No result contains NaN or infinity."""
        for array in self._arrays():
            try:
                self.make()(array)
            except EncodeError as error:
                if error.code != "non-finite":
                    raise
                raise AssertionError(
                    f"the result for an array of shape {array.shape} contains NaN or infinity. Add "
                    "a floor or an epsilon, or raise EncodeError for an array without a finite "
                    "result."
                ) from error

    def test_input_is_unchanged(self) -> None:
        """A layer does not change its input."""
        for array in self._arrays():
            before = array.copy()
            self.make()(array)
            require_same(before, array, "the input after the call: work on a copy. It")

    def test_same_input_gives_the_same_bits(self) -> None:
        """The result does not depend on earlier calls, or on the memory of the array."""
        layer, other = self.make(), self.make()
        results = [(array, layer(array)) for array in self._arrays()]
        for array, result in reversed(results):
            require_same(result, layer(array), "a second call: a layer must keep no state. It")
            require_same(result, other(array), "an equal layer")
            apart = np.asfortranarray(np.repeat(array, 2, 0))[::2]
            require_same(result, layer(apart), "an array that is not contiguous")

    def test_mends_returns_valid_parameters(self) -> None:
        """`mends` returns None, or parameters of the layer, for the forms of the arrays."""
        layer = self.make()
        forms = [_form(array) for array in self._arrays()]
        for have in forms:
            for want in (layer.infer(have), *forms):
                try:
                    found = layer._layer.mends(have, want)
                    if found is not None:
                        NetLayer(self.layer, **found)
                except Exception as bug:  # code of a plugin may raise anything
                    raise AssertionError(
                        f"mends() must return None, or parameters of the layer: {bug!r}"
                    ) from bug

    def test_stream_equals_call(self) -> None:
        """The joined blocks of a stream equal the result of the call, for any sizes of blocks."""
        layer = self.make()
        for array in self._arrays():
            form, result = _form(array), layer(array)
            chain = Chain([layer], form)
            axis = layer.infer(form).stream_axis
            for sizes in _SIZES:
                blocks = list(chain.blocks(partial(_blocks, array, sizes)))
                way = f"the stream in blocks of {sizes} rows of an array of shape {array.shape}"
                require_blocks(result, blocks, way, axis, LAYER_RULE)
                source = partial(_blocks, array, sizes, reuse=True)
                blocks = [block.copy() for block in chain.blocks(source)]
                way += ", each in the memory of the one before: copy the rows that are kept,"
                require_blocks(result, blocks, way, axis, LAYER_RULE)

    def test_result_in_given_memory_is_the_same(self) -> None:
        """An `apply` that `takes_out` gives the same bits in the memory of its input.

        Without `out`, its result is new memory.
        """
        layer = self.make()
        if not has_out(layer._layer):
            return
        for array in self._arrays():
            given: list[npt.NDArray[Any]] = []

            def source(
                array: npt.NDArray[Any] = array, given: list[npt.NDArray[Any]] = given
            ) -> Iterator[npt.NDArray[Any]]:
                given.append(np.array(array, order="C"))
                return iter(given[-1:])

            [fresh] = list(layer._layer._connect(source)())
            assert not any(np.shares_memory(fresh, block) for block in given), (
                "the result without out is not new memory: remove the mark takes_out, or copy"
            )
            [result] = list(layer._layer._connect(source, owned=True)())
            assert np.shares_memory(result, given[-1]), (
                "the result is not in the given memory: write it to out, and return out"
            )
            require_same(fresh, result, "the result in given memory")

    def _arrays(self) -> Sequence[npt.NDArray[Any]]:
        arrays = self.inputs()
        assert len(arrays) > 0, "inputs() must return at least one array"
        return arrays


def _form(array: npt.NDArray[Any]) -> ArraySpec:
    return ArraySpec((Varying, *array.shape[1:]), array.dtype.name, minimum=0)


def _blocks(
    array: npt.NDArray[Any], sizes: Sequence[int], *, reuse: bool = False
) -> Iterator[npt.NDArray[Any]]:
    """Yield the rows in blocks of some sizes, which are repeated; they may share their memory."""
    memory = np.empty((max(sizes), *array.shape[1:]), array.dtype)
    place = 0
    for size in cycle(sizes):
        rows = array[place : place + size]
        if not len(rows):
            return
        block = memory[: len(rows)] if reuse else np.empty_like(rows)
        block[...] = rows
        yield block
        place += size
