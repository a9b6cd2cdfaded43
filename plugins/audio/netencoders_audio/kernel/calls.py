"""Calls of the compiled library: the arrays are checked here, so that it cannot leave them."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.kernel.library import Library, library
from netencoders_audio.kernel.matrix import Matrix
from netencoders_audio.kernel.plans import Plan, plan, supported
from netencoders_audio.kernel.work import work

__all__ = ["BandKernel", "FrameKernel", "band_kernel", "frame_kernels"]

Rows = npt.NDArray[np.float32]

MAX_FACTORS: Final = 16  # as in kernel.c; a length of at most 10000 has fewer
COMPLEX, POWER, MAGNITUDE, BANDS, TWO_SIDED = range(5)  # as in kernel.c
FLOAT32: Final = np.dtype(np.float32)
COMPLEX64: Final = np.dtype(np.complex64)
# In vectors: see `one_block` in frames.h.
AROUND: Final = 1200


class Setting(ctypes.Structure):
    """The structure `setting` of kernel.c."""

    _fields_ = (
        ("length", ctypes.c_int64),
        ("size", ctypes.c_int64),
        ("place", ctypes.c_int64),
        ("output", ctypes.c_int64),
        ("root", ctypes.c_int64),
        ("remove_mean", ctypes.c_int64),
        ("columns", ctypes.c_int64),
        ("padded", ctypes.c_int64),
        ("factor_count", ctypes.c_int64),
        ("factors", ctypes.c_int64 * MAX_FACTORS),
        ("lengths", ctypes.c_int64 * MAX_FACTORS),
        ("starts", ctypes.c_int64 * MAX_FACTORS),
        ("twiddles", ctypes.c_void_p),
        ("chirp", ctypes.c_void_p),
        ("filter", ctypes.c_void_p),
        ("window", ctypes.c_void_p),
        ("runs", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
        ("emphasis", ctypes.c_float),
        ("offset", ctypes.c_float),
    )


class _Kernel:
    """A function of the library with its setting, from rows to rows."""

    def __init__(self, library: Library, function: Any, setting: Setting, kept: tuple[Any, ...]):
        self._function = function
        self._setting = setting
        self._address = ctypes.addressof(setting)
        self._kept = kept  # the arrays of which the setting has the addresses
        self._bytes = 0  # of the work memory
        self._library = library
        self._size = int(setting.size)
        self._set_rows(0, 0, FLOAT32)

    def _set_rows(self, first: int, width: int, dtype: np.dtype[Any]) -> None:
        """Set the first element that is read of a row, and the elements of a row of `out`."""
        self._first, self._least = first, first + self._size
        self._row, self._type, self._item = width, dtype, dtype.itemsize

    def __call__(self, rows: Rows, out: npt.NDArray[Any]) -> None:
        """Write one row to `out` for each row.

        Parameters
        ----------
        rows : ndarray of float32, shape (k, size)
            Rows may overlap in memory; the elements of a row are adjacent.
        out : ndarray, shape (k, columns)
            Its rows do not overlap, also not with `rows`; the elements of a row are adjacent.

        Raises
        ------
        ValueError
            The type, the shape or the strides of an array differ.
        """
        count, width = len(rows), self._row
        if (
            rows.ndim != 2
            or rows.dtype != FLOAT32
            or rows.shape[1] < self._least
            or out.shape != (count, width)
            or out.dtype != self._type
        ):
            raise ValueError(_mismatch(self, rows, out))
        if not count:
            return
        step, item = rows.strides
        out_step, out_item = out.strides
        # The addresses; numpy takes 1 us for each.
        place, _ = rows.__array_interface__["data"]
        out_place, read_only = out.__array_interface__["data"]
        if (
            read_only
            or (item != 4 and self._size > 1)
            or (out_item != self._item and width > 1)
            or (out_step < width * self._item and count > 1)
            or (step | out_step | place | out_place) % 4  # not aligned
        ):
            raise ValueError(_mismatch(self, rows, out))
        self._function(
            self._address,
            place + 4 * self._first,
            step // 4,
            count,
            out_place,
            out_step // 4,
            work(self._bytes),
        )


class FrameKernel(_Kernel):
    """From frames to their transform, power, magnitude or bands, in one call.

    Parameters
    ----------
    library : Library
    window : ndarray of float32, shape (size,)
    place : slice
        The position of the window in a frame and in the transform.
    length : int
        The length of the transform.
    remove_mean : bool
    pre_emphasis : float
        As for `netencoders_audio.stages.condition.condition`.
    exponent : {None, 1, 2}
        None gives the transform, 1 its magnitude, 2 its power.
    offset : float
        As for `netencoders_audio.stages.power.power`.
    matrix : Matrix, optional
        Gives the product of the magnitude or power with this matrix.
    two_sided : bool
        Gives all bins of the transform, instead of the first half.

    Raises
    ------
    ValueError
        The kernel does not support these values: see `supports`.
    """

    def __init__(
        self,
        library: Library,
        window: npt.NDArray[np.float32],
        place: slice,
        length: int,
        remove_mean: bool,
        pre_emphasis: float,
        exponent: int | None = None,
        offset: float = 0.0,
        matrix: Matrix | None = None,
        two_sided: bool = False,
    ) -> None:
        window = np.array(window, np.float32)  # of its own: the library has its address
        if not self.supports(length, matrix):
            raise ValueError(f"the kernel does not support the length {length} with this matrix.")
        if not (0 <= place.start <= place.stop <= length) or exponent not in (None, 1, 2):
            raise ValueError(f"the kernel has no {place} in {length}, or no exponent {exponent}.")
        if window.shape != (place.stop - place.start,) or not len(window):
            raise ValueError(f"the window must fill {place}. It has the shape {window.shape}.")
        prepared = plan(length)
        output = COMPLEX if exponent is None else MAGNITUDE if exponent == 1 else POWER
        if matrix is not None:
            if exponent is None or matrix.rows != length // 2 + 1:
                raise ValueError(f"the matrix must have {length // 2 + 1} rows, of powers.")
            output = BANDS
        if two_sided:
            if exponent is not None:
                raise ValueError("only the transform has two sides.")
            output = TWO_SIDED
        setting = Setting(
            length=length,
            size=len(window),
            place=place.start,
            output=output,
            root=exponent == 1,
            remove_mean=remove_mean,
            padded=prepared.padded,
            factor_count=len(prepared.factors),
            factors=(ctypes.c_int64 * MAX_FACTORS)(*prepared.factors),
            lengths=(ctypes.c_int64 * MAX_FACTORS)(*prepared.lengths),
            starts=(ctypes.c_int64 * MAX_FACTORS)(*prepared.starts),
            twiddles=prepared.twiddles.ctypes.data,
            window=window.ctypes.data,
            emphasis=pre_emphasis,
            offset=offset,
        )
        _set_matrix(setting, matrix)
        filters = _set_filter(library, setting, prepared)
        super().__init__(library, library.frames, setting, (prepared, window, matrix, filters))
        bins = length if two_sided else length // 2 + 1
        width = bins if matrix is None else matrix.columns
        self._set_rows(place.start, width, COMPLEX64 if exponent is None else FLOAT32)
        spare = max(prepared.spare, 0 if matrix is None else matrix.columns)
        buffers = length + 4 * prepared.padded if prepared.padded else 4 * length
        self._bytes = library.lanes * 4 * (buffers + AROUND + spare)

    @staticmethod
    def supports(length: int, matrix: Matrix | None = None) -> bool:
        """Return whether there is a kernel for this length and this matrix."""
        return supported(length) and (matrix is None or matrix.is_supported)


class BandKernel(_Kernel):
    """The product of rows and a matrix.

    Parameters
    ----------
    library : Library
    matrix : Matrix
        One that `is_supported`.

    Raises
    ------
    ValueError
        The matrix is too large.
    """

    def __init__(self, library: Library, matrix: Matrix) -> None:
        if not matrix.is_supported:
            raise ValueError(f"a matrix of {matrix.columns} columns is not supported.")
        setting = Setting(size=matrix.rows, output=BANDS)
        _set_matrix(setting, matrix)
        super().__init__(library, library.bands, setting, (matrix,))
        self._set_rows(0, matrix.columns, FLOAT32)
        self._bytes = library.lanes * 4 * (matrix.rows + matrix.columns)


def _set_matrix(setting: Setting, matrix: Matrix | None) -> None:
    if matrix is not None:
        setting.columns = matrix.columns
        setting.runs = matrix.runs.ctypes.data
        setting.weights = matrix.weights.ctypes.data


def _set_filter(
    library: Library, setting: Setting, prepared: Plan
) -> npt.NDArray[np.float32] | None:
    """Compute the filter of the convolution, by the transform of the library itself."""
    if not prepared.padded:
        return None
    setting.chirp = prepared.chirp.ctypes.data
    numbers = prepared.filter_input()
    bins = np.empty(prepared.padded // 2 * 2 + 2, np.float32)
    memory = work(library.lanes * 4 * 4 * prepared.padded)
    address = ctypes.addressof(setting)
    library.filter(address, numbers.ctypes.data, 0, len(bins), bins.ctypes.data, 0, memory)
    setting.filter = bins.ctypes.data
    return bins


def frame_kernels(length: int) -> Library | None:
    """Return the library for a `FrameKernel` of this length, or None if there is none.

    Raises
    ------
    KernelError
        The environment variable asks for a kernel that cannot be used.
    """
    return library() if supported(length) else None


def band_kernel(matrix: Matrix) -> BandKernel | None:
    """Return the kernel for a matrix, or None if numpy is used instead.

    Raises
    ------
    KernelError
        The environment variable asks for a kernel that cannot be used.
    """
    found = library()
    return None if found is None or not matrix.is_supported else BandKernel(found, matrix)


def _mismatch(kernel: _Kernel, rows: npt.NDArray[Any], out: npt.NDArray[Any]) -> str:
    return (
        f"the kernel needs rows of float32 with at least {kernel._least} adjacent "
        f"elements, and out of {kernel._type.name} and shape ({len(rows)}, "
        f"{kernel._row}). Got {rows.dtype} {rows.shape} with strides {rows.strides}, and "
        f"{out.dtype} {out.shape} with strides {out.strides}."
    )
