"""Plots of encoded arrays, with the axes and the quantity that the encoder declares."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders.arrays import ArraySpec, Axis
from netencoders.errors import NetEncodersError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "drawing_problem", "new_figure", "plot", "save"]

FORMATS = ("jpg", "pdf", "png", "svg")

DYNAMIC_RANGE = 80.0
"""The range of a picture in decibels below its maximum: about that of a 13-bit recording."""

_WITHIN = 0.9
"""The share of signed values within the limits of the colours. A large coefficient, such as a
level, must not make the colours of all others pale."""

_COLUMNS = 4096
"""The maximum number of columns of a picture: more would not be visible, and would take memory."""

_DECIBELS_PER_DECADE = {"power": 10.0, "magnitude": 20.0}


def plot(
    array: npt.NDArray[Any], spec: ArraySpec, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw one encoded array.

    A two-dimensional array becomes an image: the first axis is horizontal, the second is vertical.
    Time is horizontal also if it is last (`ArraySpec.stream_axis`).
    The colours of power and magnitude are decibels relative to the maximum, down to -80; silence
    is -80 everywhere. Other quantities have a linear scale. If their values have both signs, the
    colours diverge from zero, and nine of ten values lie within the limits. A single column, such
    as a waveform, becomes a line. Of complex numbers, only the magnitude is drawn, also if the
    last dimension holds the real and the imaginary part.

    Parameters
    ----------
    array : ndarray
        An array from an encoder.
    spec : ArraySpec
        The encoder's `output`.
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure without a window.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        The array does not have the form `spec`, has no rows, or does not have one or two
        dimensions to draw.
    NetEncodersError
        matplotlib is not installed.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> encoder = NetEncoder("AudioSpectrogram")
    >>> silence = np.zeros((3, 201), np.float32)
    >>> plot(silence, encoder.output).get_xlabel()
    'time in s'
    """
    problem = spec.problem(array)
    if not problem:
        array, spec = _without_ones(array, spec)
        problem = drawing_problem(spec)
    if problem:
        raise ValueError(problem)
    if not array.size:
        raise ValueError("the array has no rows to draw")
    ax = new_figure().subplots() if ax is None else ax
    if spec.is_complex:
        array, spec = _magnitude(array, spec), _magnitude_form(spec)
    if spec.stream_axis == 1 and array.ndim == 2:
        array, spec = array.T, replace(spec, dims=spec.dims[::-1], axes=spec.axes[::-1])
    # parse_math=False: a name with dollar signs in it is not a formula.
    across, *up = spec.axes or [Axis(f"axis {place}") for place in range(array.ndim)]
    ax.set_xlabel(_label(across), parse_math=False)
    if title is not None:
        ax.set_title(title, parse_math=False)
    if array.ndim == 1 or array.shape[1] == 1:
        ax.plot(*_envelope(across, array.reshape(-1)), linewidth=0.5)
        ax.set_ylabel(spec.quantity or "value", parse_math=False)
        ax.margins(x=0)
    else:
        _draw_image(ax, array, spec.quantity, (across, up[0]))
        ax.set_ylabel(_label(up[0]), parse_math=False)
    return ax


def save(figure: Figure, file: BinaryIO, image_format: str) -> None:
    """Write a figure to a file, without a display.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    file : binary file
    image_format : str
        One of `FORMATS`.
    """
    with warnings.catch_warnings():
        # A title may contain a character without a glyph, which becomes a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(file, format=image_format)


def drawing_problem(spec: ArraySpec) -> str | None:
    """Return the reason why arrays of this form cannot be drawn, or None if they can."""
    count = len((_magnitude_form(spec) if spec.is_complex else _kept(spec)).dims)
    if count in (1, 2):
        return None
    return (
        f"arrays of {count} dimensions cannot be drawn, only of 1 or 2: draw a part of the array "
        "by netencoders.plot.plot, or leave out the last layers"
    )


def _kept(spec: ArraySpec) -> ArraySpec:
    """Return a form without its dimensions of size 1, if it has more than two dimensions."""
    places = [place for place, size in enumerate(spec.dims) if size != 1]
    if len(spec.dims) <= 2 or spec.stream_axis not in places:
        return spec
    axes = tuple(spec.axes[place] for place in places) if spec.axes else ()
    dims = tuple(spec.dims[place] for place in places)
    return replace(spec, dims=dims, axes=axes, stream_axis=places.index(spec.stream_axis))


def _without_ones(array: npt.NDArray[Any], spec: ArraySpec) -> tuple[npt.NDArray[Any], ArraySpec]:
    """Return an array without its dimensions of size 1, and its form."""
    if spec.is_complex:
        return array, spec
    kept = _kept(spec)
    if kept is spec:
        return array, spec
    shape = [n for n, size in zip(array.shape, spec.dims, strict=True) if size != 1]
    return array.reshape(shape), kept


def new_figure() -> Figure:
    """Return a figure without a window.

    Raises
    ------
    NetEncodersError
        matplotlib is not installed.
    """
    try:
        # Imported late: matplotlib is an extra, and takes about half a second to import.
        # Not by pyplot, which looks for a display and never frees the figure.
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise NetEncodersError(
            'plotting needs matplotlib (pip install "netencoders[plot]")'
        ) from missing
    return Figure(figsize=(10, 4), dpi=120, layout="constrained")


def _magnitude_form(spec: ArraySpec) -> ArraySpec:
    """Return the form of the magnitude of a complex array of the form `spec`."""
    count = len(spec.dims) - spec.has_parts
    kind = np.empty(0, spec.dtype).real.dtype.name
    return ArraySpec(spec.dims[:count], kind, spec.axes[:count], "magnitude")


def _magnitude(array: npt.NDArray[Any], spec: ArraySpec) -> npt.NDArray[Any]:
    with np.errstate(over="ignore", invalid="ignore"):  # values that are not finite have no colour
        parts = (array[..., 0], array[..., 1]) if spec.has_parts else (array.real, array.imag)
        magnitude: npt.NDArray[Any] = np.hypot(*parts)
        return magnitude


def _draw_image(ax: Axes, array: npt.NDArray[Any], quantity: str, axes: tuple[Axis, Axis]) -> None:
    begin, end = _edges(axes[0], array.shape[0])
    starts, together = _columns(len(array))
    picture = _coloured(array, starts, quantity)
    darkest, brightest = picture.limits
    image = ax.imshow(
        picture.values.T,
        origin="lower",
        aspect="auto",
        extent=(
            begin,
            begin + len(starts) * together * axes[0].step,
            *_edges(axes[1], array.shape[1]),
        ),
        cmap=picture.colours,
        vmin=darkest,
        vmax=brightest,
    )
    ax.set_xlim(begin, end)  # the last column may span fewer indices than the others
    ax.figure.colorbar(image, ax=ax, label=picture.label, extend=picture.extend())


class _Picture(NamedTuple):
    """The values of an image, one row for each of its columns, with their label and colours."""

    values: npt.NDArray[Any]
    label: str
    colours: str = "magma"
    limits: tuple[float, float] | tuple[None, None] = (None, None)

    def extend(self) -> str:
        """Return the sides on which values exceed the limits, as `extend` of a colour bar."""
        least, most = self.limits
        lowest, highest = _extremes(self.values)
        below, above = least is not None and lowest < least, most is not None and most < highest
        if below and above:
            return "both"
        return "min" if below else "max" if above else "neither"


def _coloured(array: npt.NDArray[Any], starts: npt.NDArray[np.intp], quantity: str) -> _Picture:
    scale = _DECIBELS_PER_DECADE.get(quantity)
    if scale is not None:
        loudest = np.maximum.reduceat(array, starts, axis=0)  # so that a click stays visible
        label = f"{quantity} in dB\nrelative to the maximum"
        return _Picture(_below_maximum(loudest, scale), label, limits=(-DYNAMIC_RANGE, 0))
    label = quantity or "value"
    lowest, highest = _extremes(array)
    if lowest < 0 < highest:
        means = _means(array, starts)  # not maxima, which would favour positive values
        limit = _limit(means)
        return _Picture(means, label, "RdBu_r", (-limit, limit))
    return _Picture(np.maximum.reduceat(array, starts, axis=0), label)


def _limit(values: npt.NDArray[np.float64]) -> float:
    """Return the limit of the colours for values of both signs."""
    sizes = np.abs(values[np.isfinite(values)])
    if not sizes.any():
        return 1.0
    return float(np.quantile(sizes, _WITHIN, method="higher")) or float(sizes.max())


def _extremes(array: npt.NDArray[Any]) -> tuple[float, float]:
    """Return the minimum and maximum of the finite values and zero."""
    finite = np.isfinite(array)
    return float(array.min(initial=0, where=finite)), float(array.max(initial=0, where=finite))


def _means(array: npt.NDArray[Any], starts: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    counts = np.diff(starts, append=len(array))
    with np.errstate(over="ignore", invalid="ignore"):  # values that are not finite have no colour
        sums: npt.NDArray[np.float64] = np.add.reduceat(array, starts, axis=0, dtype=np.float64)
        return sums / counts[:, np.newaxis]


def _below_maximum(array: npt.NDArray[Any], scale: float) -> npt.NDArray[np.float64]:
    """Return decibels relative to the maximum, limited to the dynamic range."""
    maximum = array.max(initial=0, where=np.isfinite(array))
    if not maximum > 0:
        return np.full(array.shape, -DYNAMIC_RANGE)
    # In double precision the quotient of two float32 values cannot underflow to zero.
    ratio = array.astype(np.float64) / np.float64(maximum)
    return scale * np.log10(np.maximum(ratio, 10 ** (-DYNAMIC_RANGE / scale)))


def _envelope(
    axis: Axis, values: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Return the points of a line; for a long one, the extremes within each picture column."""
    starts, together = _columns(len(values))
    if together == 1:
        return axis.coordinates(len(values)), values
    spans = [extreme.reduceat(values, starts) for extreme in (np.minimum, np.maximum)]
    return np.repeat(axis.start + axis.step * starts, 2), np.stack(spans, axis=1).reshape(-1)


def _columns(count: int) -> tuple[npt.NDArray[np.intp], int]:
    """Return the first index of each column of a picture, and the number of indices in a column."""
    together = -(-count // _COLUMNS)
    return np.arange(0, count, together), together


def _edges(axis: Axis, count: int) -> tuple[float, float]:
    """Return the begin of the first cell and the end of the last; coordinates are cell centres."""
    return axis.at(0) - axis.step / 2, axis.at(count - 1) + axis.step / 2


def _label(axis: Axis) -> str:
    return f"{axis.name} in {axis.unit}" if axis.unit else axis.name
