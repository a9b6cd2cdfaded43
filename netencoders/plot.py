"""Pictures of encoded arrays, drawn from what the encoder says of its axes."""

from __future__ import annotations

import warnings
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
"""Decibels below the maximum at which a picture ends: about what a 13-bit recording holds."""

_WITHIN = 0.9
"""The share of values of both signs that have a colour of their own: one large coefficient in ten,
such as a level, must not leave all others pale."""

_COLUMNS = 4096
"""What is finer than this along the first axis no picture shows, and would only take memory."""

_DECIBELS_PER_DECADE = {"power": 10.0, "magnitude": 20.0}


def plot(
    array: npt.NDArray[Any], spec: ArraySpec, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw one encoded array.

    An array of two dimensions becomes an image: the first axis runs across, the second one up. If
    it holds power or magnitudes, the colours are decibels below its maximum, 80 at most; silence
    is all 80 below. Other values keep their scale; where some are below zero and some above, the
    colours diverge from zero, and end where one value in ten lies beyond. A single column, such as
    a waveform, becomes a line.

    Of complex numbers the magnitude is drawn, also where a last dimension holds their real and
    imaginary parts, which the quantity ``"complex"`` says. The phase is not drawn.

    Parameters
    ----------
    array : ndarray
        What an encoder gave.
    spec : ArraySpec
        The encoder's `output`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default on a new figure, which belongs to no window.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        The array is not of the form `spec`, or there are neither one nor two dimensions to draw.
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
    problem = spec.problem(array) or drawing_problem(spec)
    if problem:
        raise ValueError(problem)
    ax = new_figure().subplots() if ax is None else ax
    if spec.is_complex:
        array, spec = _magnitude(array, spec), _magnitude_form(spec)
    # A name is not a formula, even with dollar signs in it.
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
        # A title may hold any character of a file's name; one without a glyph is drawn as a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(file, format=image_format)


def drawing_problem(spec: ArraySpec) -> str | None:
    """Return why arrays of this form cannot be drawn, or None if they can."""
    count = len((_magnitude_form(spec) if spec.is_complex else spec).dims)
    return None if count in (1, 2) else f"arrays of {count} dimensions cannot be drawn"


def new_figure() -> Figure:
    """Return a figure that belongs to no window.

    Raises
    ------
    NetEncodersError
        matplotlib is not installed.
    """
    try:
        # Late: matplotlib takes about half a second to import, and is an extra.
        # A Figure of its own: pyplot would look for a display, and keep the figure for ever.
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise NetEncodersError(
            'plotting needs matplotlib (pip install "netencoders[plot]")'
        ) from missing
    return Figure(figsize=(10, 4), dpi=120, layout="constrained")


def _magnitude_form(spec: ArraySpec) -> ArraySpec:
    """Return the form of the magnitudes of complex numbers of the form `spec`."""
    count = len(spec.dims) - spec.has_parts
    kind = np.empty(0, spec.dtype).real.dtype.name
    return ArraySpec(spec.dims[:count], kind, spec.axes[:count], "magnitude")


def _magnitude(array: npt.NDArray[Any], spec: ArraySpec) -> npt.NDArray[Any]:
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite has no colour
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
    ax.set_xlim(begin, end)  # the last column may stand for fewer than the others
    ax.figure.colorbar(image, ax=ax, label=picture.label, extend=picture.extend())


class _Picture(NamedTuple):
    """What each column of an image shows, what that is, and in which colours."""

    values: npt.NDArray[Any]
    label: str
    colours: str = "magma"
    limits: tuple[float, float] | tuple[None, None] = (None, None)

    def extend(self) -> str:
        """Return on which sides the values go beyond the limits, as a colour bar takes it."""
        least, most = self.limits
        lowest, highest = _extremes(self.values)
        below, above = least is not None and lowest < least, most is not None and most < highest
        if below and above:
            return "both"
        return "min" if below else "max" if above else "neither"


def _coloured(array: npt.NDArray[Any], starts: npt.NDArray[np.intp], quantity: str) -> _Picture:
    scale = _DECIBELS_PER_DECADE.get(quantity)
    if scale is not None:
        loudest = np.maximum.reduceat(array, starts, axis=0)  # a click stays to be seen
        label = f"{quantity} in dB\nrelative to the maximum"
        return _Picture(_below_maximum(loudest, scale), label, limits=(-DYNAMIC_RANGE, 0))
    label = quantity or "value"
    lowest, highest = _extremes(array)
    if lowest < 0 < highest:
        means = _means(array, starts)  # the largest would favour one of the signs
        limit = _limit(means)
        return _Picture(means, label, "RdBu_r", (-limit, limit))
    return _Picture(np.maximum.reduceat(array, starts, axis=0), label)


def _limit(values: npt.NDArray[np.float64]) -> float:
    """Return where the colours of values of both signs end."""
    sizes = np.abs(values[np.isfinite(values)])
    if not sizes.any():
        return 1.0
    return float(np.quantile(sizes, _WITHIN, method="higher")) or float(sizes.max())


def _extremes(array: npt.NDArray[Any]) -> tuple[float, float]:
    """Return the smallest and the largest of the finite values and zero."""
    finite = np.isfinite(array)
    return float(array.min(initial=0, where=finite)), float(array.max(initial=0, where=finite))


def _means(array: npt.NDArray[Any], starts: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    counts = np.diff(starts, append=len(array))
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite has no colour
        sums: npt.NDArray[np.float64] = np.add.reduceat(array, starts, axis=0, dtype=np.float64)
        return sums / counts[:, np.newaxis]


def _below_maximum(array: npt.NDArray[Any], scale: float) -> npt.NDArray[np.float64]:
    """Return decibels relative to the maximum, not below the dynamic range."""
    maximum = array.max(initial=0, where=np.isfinite(array))
    if not maximum > 0:
        return np.full(array.shape, -DYNAMIC_RANGE)
    # In double precision the quotient of two floats of single precision cannot underflow to zero.
    ratio = array.astype(np.float64) / np.float64(maximum)
    return scale * np.log10(np.maximum(ratio, 10 ** (-DYNAMIC_RANGE / scale)))


def _envelope(
    axis: Axis, values: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Return the points of a line; of a long one, only what each column of the picture spans."""
    starts, together = _columns(len(values))
    if together == 1:
        return axis.coordinates(len(values)), values
    spans = [extreme.reduceat(values, starts) for extreme in (np.minimum, np.maximum)]
    return np.repeat(axis.start + axis.step * starts, 2), np.stack(spans, axis=1).reshape(-1)


def _columns(count: int) -> tuple[npt.NDArray[np.intp], int]:
    """Return the first index of each column of a picture, and how many share one."""
    together = -(-count // _COLUMNS)
    return np.arange(0, count, together), together


def _edges(axis: Axis, count: int) -> tuple[float, float]:
    """Return where the first cell begins and the last one ends: a coordinate is a cell's middle."""
    return axis.at(0) - axis.step / 2, axis.at(count - 1) + axis.step / 2


def _label(axis: Axis) -> str:
    return f"{axis.name} in {axis.unit}" if axis.unit else axis.name
