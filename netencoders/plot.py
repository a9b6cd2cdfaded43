"""Plots of encoded arrays, with the axes and the quantity that the encoder declares."""

from __future__ import annotations

import io
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy.typing as npt

from netencoders.arrays import ArraySpec, Axis
from netencoders.errors import NetEncodersError
from netencoders.pictures import (
    axis_label,
    columns,
    drawable,
    drawing_problem,
    edges,
    envelope,
    is_photograph,
    photograph,
    picture,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "drawing_problem", "new_axes", "new_figure", "plot", "save"]

FORMATS = ("jpg", "pdf", "png", "svg")


def plot(
    array: npt.NDArray[Any], spec: ArraySpec, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw one encoded array.

    A two-dimensional array becomes an image: the first axis is horizontal, the second is vertical.
    Time is horizontal also if it is last (`ArraySpec.stream_axis`).
    The colours of power and magnitude are decibels relative to the maximum, down to -80; silence
    is -80 everywhere. Other quantities have a linear scale. If their values have both signs, and
    are no logarithms, the colours diverge from zero, and nine of ten values other than zero lie
    within the limits. A single column, such as a waveform, becomes a line. Of complex numbers, only
    the magnitude is drawn, also if the last dimension holds the real and the imaginary part.

    An array with the axes row, column and channel is an image, with the first row at the top. Its
    values are colours if they are intensities; else the smallest is black and the largest white.

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
        Jupyter shows new axes as the picture: name them in the last line of a cell.

    Raises
    ------
    ValueError
        The array does not have the form `spec`, has no rows, or does not have one or two
        dimensions to draw.
    NetEncodersError
        matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from netencoders import NetEncoder
    >>> encoder = NetEncoder("AudioSpectrogram")
    >>> silence = np.zeros((3, 201), np.float32)
    >>> plot(silence, encoder.output).get_xlabel()
    'time in s'
    """
    problem = spec.problem(array) or drawing_problem(spec)
    if problem:
        raise ValueError(problem)
    if not array.size:
        raise ValueError("the array has no rows to draw")
    ax = new_axes() if ax is None else ax
    if is_photograph(spec):
        _draw_photograph(ax, array, spec, title)
        return ax
    array, spec = drawable(array, spec)
    # parse_math=False: a name with dollar signs in it is not a formula.
    across, *up = spec.axes or [Axis(f"axis {place}") for place in range(array.ndim)]
    ax.set_xlabel(axis_label(across), parse_math=False)
    if title is not None:
        ax.set_title(title, parse_math=False)
    if array.ndim == 1 or array.shape[1] == 1:
        ax.plot(*envelope(across, array.reshape(-1)), linewidth=0.5)
        ax.set_ylabel(spec.quantity or "value", parse_math=False)
        ax.margins(x=0)
    else:
        _draw_image(ax, array, spec.quantity, (across, up[0]))
        ax.set_ylabel(axis_label(up[0]), parse_math=False)
    return ax


def save(
    figure: Figure, file: BinaryIO, image_format: str, dpi: float | Literal["figure"] = "figure"
) -> None:
    """Write a figure to a file, without a display.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    file : binary file
    image_format : str
        One of `FORMATS`.
    dpi : float, optional
        Dots per inch; by default those of the figure.
    """
    with warnings.catch_warnings():
        # A title may contain a character without a glyph, which becomes a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(file, format=image_format, dpi=dpi)


def new_axes() -> Axes:
    """Return the axes of a new figure without a window, which Jupyter shows as the picture.

    Raises
    ------
    NetEncodersError
        matplotlib is not installed.
    """
    figure = new_figure()
    axes: Axes = figure.subplots()
    # On the object, because the class is matplotlib's. The inline backend of pyplot draws figures
    # of pyplot only, so the picture is shown once. A partial can be pickled with the figure.
    vars(axes)["_repr_png_"] = partial(_png, figure)
    return axes


def new_figure() -> Figure:
    """Return a figure without a window, which Jupyter shows.

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
    figure = Figure(figsize=(10, 4), dpi=120, layout="constrained")
    vars(figure)["_repr_png_"] = partial(_png, figure)
    return figure


def _png(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    file = io.BytesIO()
    save(figure, file, "png", dpi=100)  # the width of a notebook, and a third fewer bytes
    return file.getvalue()


def _draw_photograph(ax: Axes, array: npt.NDArray[Any], spec: ArraySpec, title: str | None) -> None:
    ax.imshow(photograph(array, spec))
    for axis in spec.axes:
        if axis.name == "column":
            ax.set_xlabel(axis_label(axis), parse_math=False)
        elif axis.name == "row":
            ax.set_ylabel(axis_label(axis), parse_math=False)
    if title is not None:
        ax.set_title(title, parse_math=False)


def _draw_image(ax: Axes, array: npt.NDArray[Any], quantity: str, axes: tuple[Axis, Axis]) -> None:
    begin, end = edges(axes[0], array.shape[0])
    starts, together = columns(len(array))
    drawn = picture(array, starts, quantity)
    darkest, brightest = drawn.limits
    image = ax.imshow(
        drawn.values.T,
        origin="lower",
        aspect="auto",
        extent=(
            begin,
            begin + len(starts) * together * axes[0].step,
            *edges(axes[1], array.shape[1]),
        ),
        cmap=drawn.colours,
        vmin=darkest,
        vmax=brightest,
    )
    ax.set_xlim(begin, end)  # the last column may span fewer indices than the others
    ax.figure.colorbar(image, ax=ax, label=drawn.label, extend=drawn.extend())
