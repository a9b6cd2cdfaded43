"""Link: one layer in a chain, with the checks of its result."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec
from netencoders.errors import EncodeError
from netencoders.layer_base import Blocks, Layer
from netencoders.origins import is_foreign
from netencoders.sentinels import Varying
from netencoders.workers import check_stop

__all__ = ["Link", "Source", "close", "empty", "is_finite", "no_memory"]

Source = Callable[[], Blocks]
"""A function that begins to yield the blocks of an array."""

_BUG_REMEDY = "this is a bug of the layer, please report it"


class Link:
    """One layer between the blocks before it and the blocks after it.

    Parameters
    ----------
    layer : Layer
    given, result : ArraySpec
        The forms of its input and of its result.
    part : ArraySpec
        The form of a block of the result.
    source : callable
        Begins to yield the blocks of the input.
    owned : bool
        Whether nothing else uses the memory of these blocks, so that they may be overwritten.
    checked : bool
        Whether all elements of these blocks are known to be finite.
    """

    def __init__(
        self,
        layer: Layer,
        given: ArraySpec,
        result: ArraySpec,
        part: ArraySpec,
        source: Source,
        owned: bool = False,
        checked: bool = False,
    ) -> None:
        self._layer = layer
        self._is_finite = checked and layer.keeps_finite
        self._result, self._part = result, part
        self._input = _Input(given, source)
        # A second reading uses the measures of the first one.
        self._connected = layer._connect(self._input.read, owned)

    def begin(self) -> Blocks:
        """Yield the blocks of the result."""
        part, empty_result = self._part, True
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
                if not (self._is_finite or is_finite(block)):
                    raise _overflow(self._layer.name, block)  # noqa: TRY301 - names the layer
                empty_result = False
                yield block
        except EncodeError:
            raise
        except Exception as bug:  # code of a plugin may raise anything
            if bug is self._input.passing or is_foreign(bug):
                raise
            if isinstance(bug, MemoryError):
                raise no_memory(self._layer.name, bug) from bug
            raise EncodeError(
                f"the layer {self._layer.name} raised {type(bug).__name__}: {bug}",
                code="bug",
                remedy=_BUG_REMEDY,
            ) from bug
        finally:
            self._input.close()
        if empty_result:
            if part.shape_problem(_empty_shape(self._result)) is not None:
                raise _too_few(self._layer.name, self._input.count)
            yield empty(self._result)


class _Input:
    """The blocks before a layer. It does not refer to the link, so there is no reference cycle.

    A cycle would keep the arrays until the garbage collector runs: the next recordings would need
    new memory, and a third more time (measured).
    """

    def __init__(self, form: ArraySpec, source: Source) -> None:
        self._axis = form.stream_axis
        self._source = source
        self._readings: list[Blocks] = []
        self.passing: BaseException | None = None  # the exception of the source
        self.count = 0

    def read(self) -> Blocks:
        """Begin to read the input. The layer may drop its iterator without closing it."""
        self._readings.append(self._rows())
        return self._readings[-1]

    def close(self) -> None:
        """End all readings."""
        while self._readings:
            close(self._readings.pop())

    def _rows(self) -> Blocks:
        """Yield the blocks of the input that have rows, contiguous."""
        self.count = 0
        blocks = self._source()
        try:
            for block in blocks:
                check_stop()
                if count := block.shape[self._axis]:
                    self.count += count
                    yield np.ascontiguousarray(block)
        except Exception as problem:
            self.passing = problem
            raise
        finally:
            close(blocks)


def close(blocks: Blocks) -> None:
    """Close an iterator now if it is a generator: its `finally` may raise an exception."""
    if isinstance(blocks, Generator):
        blocks.close()


def empty(form: ArraySpec) -> npt.NDArray[Any]:
    """Return an array of a form whose stream axis has no elements."""
    return np.empty(_empty_shape(form), form.dtype)


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


def no_memory(name: str, problem: MemoryError) -> EncodeError:
    """Return the error for a result that does not fit into memory."""
    return EncodeError(
        f"there is not enough memory for the result of the layer {name}: {problem}",
        code="no-memory",
        remedy="use smaller sizes in the layers, or a shorter input",
    )


def _too_few(name: str, count: int) -> EncodeError:
    rows = "row is" if count == 1 else "rows are"
    return EncodeError(
        f"its {count} {rows} too few for the layer {name}",
        code="too-short",
        remedy="use a longer input, a smaller size or a Padding in that layer, or a parameter of "
        "the encoder that fills shorter inputs, such as MinimumLength",
    )
