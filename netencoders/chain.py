"""Chain: applies layers one after the other to the blocks of an array, and checks their results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from netencoders import display
from netencoders.arrays import ArraySpec
from netencoders.errors import LayerError, PluginError
from netencoders.layer_base import Blocks, Layer, WholeLayer, has_out
from netencoders.links import Link, Source, no_memory
from netencoders.outputs import Form, Outputs
from netencoders.parameters import short
from netencoders.rows import joined, repeats

if TYPE_CHECKING:
    from netencoders.layer import NetLayer

__all__ = ["Chain", "inferred", "join"]

_SLICE = 1 << 15  # rows
_REPEATS = 64  # equal rows at the end; fewer do not pay the copy
_MOST = 100  # layers: each one calls the one before, and Python limits the depth of calls


class Chain:
    """Layers that are applied one after the other.

    Parameters
    ----------
    layers : sequence of NetLayer
    form : ArraySpec or Outputs
        The form of the input.

    Attributes
    ----------
    forms : tuple of ArraySpec or Outputs
        The form of the input, then that of the result of each layer.

    Raises
    ------
    LayerError
        A layer does not take the arrays of the layer before it.
    PluginError
        The code of a layer fails.
    """

    def __init__(self, layers: Sequence[NetLayer], form: Form) -> None:
        if len(layers) > _MOST:
            raise LayerError(f"there are {len(layers)} layers, and at most {_MOST} are allowed")
        self._layers = [layer._layer for layer in layers]
        self._specs: list[ArraySpec] = []  # of the arrays before, between and after the layers
        if isinstance(form, Outputs):
            if layers:
                raise LayerError(
                    f"layer 1 of {len(layers)}, {display.layer_text(layers[0])}: it takes one "
                    f"array, and the encoder gives several: {form.names}"
                )
            self.forms: tuple[Form, ...] = (form,)
            return
        forms = self._specs = [form]
        for place, layer in enumerate(layers):
            try:
                forms.append(layer.infer(forms[-1]))
            except LayerError as problem:
                text = f"layer {place + 1} of {len(layers)}, {display.layer_text(layer)}"
                raise LayerError(f"{text}: {problem}") from None
        self.forms = tuple(forms)
        self._parts = [result.block() for result in forms[1:]]  # takes some microseconds each
        self._ignores_repeats = not form.stream_axis and all(map(_ignores_repeats, self._layers))

    @property
    def is_empty(self) -> bool:
        """Whether there are no layers."""
        return not self._layers

    def lacks_layers(self, value: object) -> bool:
        """Return whether a value has the form of the arrays before the layers."""
        return len(self._specs) > 1 and self._specs[0].matches(value)

    @property
    def readings(self) -> int:
        """The number of times that a stream reads its input."""
        return 1 + sum(layer.reach == "whole" for layer in self._layers)

    @property
    def first_whole(self) -> str:
        """The name of the first layer that needs the whole array; empty if there is none."""
        return next((layer.name for layer in self._layers if layer.reach == "whole"), "")

    def array(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the result for one array; for the errors, see `blocks`.

        Of equal rows at the end, one is computed, if no layer depends on the others (A87).
        """
        left_out = repeats(array) if self._ignores_repeats else 0
        left_out = left_out if left_out >= _REPEATS else 0
        rows = array[: len(array) - left_out]
        blocks = list(self._connected(lambda: _slices(rows), keep=True)())
        try:
            return join(blocks, self._specs[-1], left_out)
        except MemoryError as problem:
            raise no_memory(self._layers[-1].name, problem) from problem

    def blocks(self, source: Source) -> Blocks:
        """Return the blocks of the result.

        Parameters
        ----------
        source : callable
            Begins to yield the blocks of the input, `readings` times.

        Raises
        ------
        EncodeError
            The code is ``too-short`` if too few rows are left for a layer, ``non-finite`` if a
            result contains NaN or infinity (A55), ``no-memory`` if a result does not fit into
            memory, and ``bug`` if a layer fails. Exceptions of `source` are raised unchanged.
        """
        return self._connected(source, keep=False)()

    def _connected(self, source: Source, *, keep: bool) -> Source:
        """Return a function that begins to yield the result.

        Each layer is computed once if `keep` is true, and once for each reading otherwise.
        """
        owned = checked = False
        results = zip(self._specs[1:], self._parts, strict=True)
        for layer, given, (result, part) in zip(self._layers, self._specs, results, strict=False):
            if keep and layer.reach == "whole":
                source = _kept(source)
            source = Link(layer, given, result, part, source, owned, checked).begin
            owned, checked = has_out(layer), True
        return source


def inferred(layer: Layer, form: ArraySpec) -> ArraySpec:
    """Return the form of the result of a layer.

    Raises
    ------
    LayerError
        The layer does not take arrays of this form.
    PluginError
        Its method `infer` fails.
    """
    if not isinstance(form, ArraySpec):
        raise TypeError(f"infer takes an ArraySpec. Got {short(form)}.")
    if not form.dims:
        raise LayerError("a layer takes arrays of at least one dimension")
    if form.stream_axis and layer.reach != "row":
        raise LayerError(
            f"it needs time as the first dimension, and time is dimension {form.stream_axis} of "
            f"{form.dims}: put {layer.name} before the layer that moves time, such as Transpose"
        )
    try:
        result = layer.infer(form)
    except LayerError:
        raise
    except Exception as bug:  # code of a plugin may raise anything
        raise PluginError(
            f"infer() raised {type(bug).__name__}: {bug}", plugin=f"layer {layer.name}"
        ) from bug
    if not isinstance(result, ArraySpec):
        raise PluginError(
            f"infer() returns {type(result).__name__}, not an ArraySpec",
            plugin=f"layer {layer.name}",
        )
    return result


def join(blocks: Sequence[npt.NDArray[Any]], form: ArraySpec, repeats: int = 0) -> npt.NDArray[Any]:
    """Return the blocks of an array as one C-contiguous array; see `joined`."""
    if not repeats and all(block.flags.c_contiguous for block in blocks):
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=form.stream_axis)
    return joined(blocks, form.stream_axis, repeats)


def _ignores_repeats(layer: Layer) -> bool:
    return layer.reach == "row" or (isinstance(layer, WholeLayer) and layer.ignores_repeats)


def _kept(source: Source) -> Source:
    """Return a source that is read once, and keeps its blocks for the second reading."""
    blocks: list[npt.NDArray[Any]] = []

    def begin() -> Blocks:
        if not blocks:
            blocks.extend(source())
        return iter(blocks)

    return begin


def _slices(array: npt.NDArray[Any]) -> Blocks:
    """Yield an array in blocks, so that an interrupt ends the work on a long one."""
    for begin in range(0, len(array), _SLICE):
        yield array[begin : begin + _SLICE]
