"""Chain: applies layers one after the other to the blocks of an array, and checks their results."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from netencoders import display
from netencoders.arrays import ArraySpec
from netencoders.errors import EncodeError, LayerError, PluginError
from netencoders.layer_base import Blocks, Layer
from netencoders.origins import is_foreign
from netencoders.outputs import Form, Outputs
from netencoders.parameters import short
from netencoders.rows import joined
from netencoders.sentinels import Varying
from netencoders.workers import check_stop

if TYPE_CHECKING:
    from netencoders.layer import NetLayer

__all__ = ["Chain", "close", "empty", "inferred", "is_finite", "join"]

Source = Callable[[], Blocks]

_SLICE = 1 << 15  # rows
_MOST = 100  # layers: each one calls the one before, and Python limits the depth of calls
_BUG_REMEDY = "this is a bug of the layer, please report it"


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
        """Return the result for one array; for the errors, see `blocks`."""
        blocks = list(self.blocks(lambda: _slices(array)))
        try:
            return join(blocks, self._specs[-1])
        except MemoryError as problem:
            raise _no_memory(self._layers[-1].name, problem) from problem

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
        for layer, (given, result) in zip(
            self._layers, zip(self._specs, self._specs[1:], strict=False), strict=True
        ):
            source = _Link(layer, given, result, source).begin
        return source()


class _Link:
    """One layer between the blocks before it and the blocks after it.

    Parameters
    ----------
    layer : Layer
    given, result : ArraySpec
        The forms of its input and of its result.
    source : callable
        Begins to yield the blocks of the input.
    """

    def __init__(self, layer: Layer, given: ArraySpec, result: ArraySpec, source: Source) -> None:
        self._layer = layer
        self._given = given
        self._result = result
        self._source = source
        self._passing: BaseException | None = None  # the exception of the source
        self._count = 0
        self._readings: list[Blocks] = []
        self._connected: Source | None = None

    def begin(self) -> Blocks:
        """Yield the blocks of the result."""
        if self._connected is None:  # a second reading uses the measures of the first one
            self._connected = self._layer._connect(self._read)
        part, empty_result = self._result.block(), True
        try:
            for block in self._connected():
                problem = _problem(part, block)
                if problem:
                    raise EncodeError(  # noqa: TRY301 - as it is
                        f"the layer {self._layer.name} breaks its declaration: {problem}",
                        code="bug",
                        remedy=_BUG_REMEDY,
                    )
                if not block.shape[self._result.stream_axis]:
                    continue
                if not is_finite(block):
                    raise _overflow(self._layer.name, block)  # noqa: TRY301 - names the layer
                empty_result = False
                yield block
        except EncodeError:
            raise
        except Exception as bug:  # code of a plugin may raise anything
            if bug is self._passing or is_foreign(bug):
                raise
            if isinstance(bug, MemoryError):
                raise _no_memory(self._layer.name, bug) from bug
            raise EncodeError(
                f"the layer {self._layer.name} raised {type(bug).__name__}: {bug}",
                code="bug",
                remedy=_BUG_REMEDY,
            ) from bug
        finally:
            for reading in self._readings:
                close(reading)
        if empty_result:
            if part.shape_problem(_empty_shape(self._result)) is not None:
                raise _too_few(self._layer.name, self._count)
            yield empty(self._result)

    def _read(self) -> Blocks:
        """Begin to read the input. The layer may drop its iterator without closing it."""
        self._readings.append(self._rows())
        return self._readings[-1]

    def _rows(self) -> Blocks:
        """Yield the blocks of the input that have rows, contiguous."""
        self._count = 0
        blocks = self._source()
        try:
            for block in blocks:
                check_stop()
                if count := block.shape[self._given.stream_axis]:
                    self._count += count
                    yield np.ascontiguousarray(block)
        except Exception as problem:
            self._passing = problem
            raise
        finally:
            close(blocks)


def close(blocks: Blocks) -> None:
    """Close an iterator now if it is a generator: its `finally` may raise an exception."""
    if isinstance(blocks, Generator):
        blocks.close()


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


def join(blocks: Sequence[npt.NDArray[Any]], form: ArraySpec) -> npt.NDArray[Any]:
    """Return the blocks of an array as one C-contiguous array."""
    if all(block.flags.c_contiguous for block in blocks):
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=form.stream_axis)
    return joined(blocks, form.stream_axis)


def empty(form: ArraySpec) -> npt.NDArray[Any]:
    """Return an array of a form whose stream axis has no elements."""
    return np.empty(_empty_shape(form), form.dtype)


def _slices(array: npt.NDArray[Any]) -> Blocks:
    """Yield an array in blocks, so that an interrupt ends the work on a long one."""
    for begin in range(0, len(array), _SLICE):
        yield array[begin : begin + _SLICE]


def _empty_shape(form: ArraySpec) -> tuple[int, ...]:
    sizes = [1 if size is Varying else size for size in form.dims]
    sizes[form.stream_axis : form.stream_axis + 1] = [0]
    return tuple(int(size) for size in sizes if isinstance(size, int))


def _problem(form: ArraySpec, block: Any) -> str | None:
    if not isinstance(block, np.ndarray):
        return f"the result is of type {type(block).__name__}, not an array"
    problem = form.problem(block)
    empty_block = block.ndim == len(form.dims) and not block.shape[form.stream_axis]
    if problem and not empty_block:
        return f"the result does not have the form that infer() returns: {problem}"
    return None


def is_finite(array: npt.NDArray[Any]) -> bool:
    """Return whether no element is NaN or infinite."""
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def _overflow(name: str, block: npt.NDArray[Any]) -> EncodeError:
    wider = "" if block.dtype.itemsize >= 8 else "the layer Cast with Type='float64', or "
    return EncodeError(
        f"the result of the layer {name} contains NaN or infinity: its numbers are too large for "
        f"{block.dtype}",
        code="non-finite",
        remedy=f"put {wider}Affine with a small Factor before it, or use other parameters",
    )


def _no_memory(name: str, problem: MemoryError) -> EncodeError:
    return EncodeError(
        f"there is not enough memory for the result of the layer {name}: {problem}",
        code="no-memory",
        remedy="use smaller sizes in the layers, or a shorter recording",
    )


def _too_few(name: str, count: int) -> EncodeError:
    rows = "row is" if count == 1 else "rows are"
    return EncodeError(
        f"its {count} {rows} too few for the layer {name}",
        code="too-short",
        remedy="use a longer recording, a smaller size or a Padding in that layer, or the "
        "MinimumLength of the encoder, which fills shorter recordings",
    )
