"""Pictures of arrays as SVG without text: an image of coloured cells, or lines.

A picture is stretched to the size that the page gives it, so the labels of its axes are HTML. Its
lines have the colour of the text, which a dark page makes light.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders.arrays import Axis
from netencoders.pictures import columns, drawable, edges, envelope, extremes, photograph, picture
from netencoders.stages import Stage

__all__ = ["HEIGHT", "WIDTH", "Drawing", "draw", "legend", "still"]

WIDTH, HEIGHT = 1000, 100  # the units of the SVG, which the page stretches
COLUMNS: Final = 1200  # a wide screen shows no more; and the rows of an image
ROWS: Final = 256

# A few colours of matplotlib's maps, at equal distances; the others lie between.
_MAPS: Final = {
    "magma": "000004 1c1044 4f127b 812581 b5367a e55064 fb8761 fec287 fcfdbf",
    "RdBu_r": "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f",
}


class Drawing(NamedTuple):
    """A picture of a stage.

    Attributes
    ----------
    span : tuple of float
        The coordinates of its left and its right edge.
    across, up : Axis
        The horizontal and the vertical axis.
    bottom, top : float
        The values at the lower and the upper edge.
    label : str
        The quantity of the colours or of the lines.
    colours : str
        The name of the colours; empty for lines.
    limits : tuple of float
        The values of the first and the last colour.
    svg : str
        The elements, in units of `HEIGHT` and, between the edges of `span`, of `WIDTH`.
    """

    span: tuple[float, float]
    across: Axis
    up: Axis
    bottom: float
    top: float
    label: str
    colours: str
    limits: tuple[float, float]
    svg: str


def draw(stage: Stage) -> Drawing:
    """Draw the array of a stage, which `drawing_problem` permits and which is not empty."""
    array, form = drawable(stage.array, stage.form)
    if array.ndim == 0:
        array = array.reshape(1)
    axes = form.axes or tuple(Axis(f"axis {place}") for place in range(array.ndim))
    if array.ndim == 2 and len(array) == 1:  # one row, such as a mean over time
        array, axes = array.T, axes[::-1]
    across, *more = axes
    if array.ndim == 1 or array.shape[1] == 1 or stage.lines:
        return _lines(array.reshape(len(array), -1), across, form.quantity or "value")
    return _image(array, across, more[0], form.quantity)


def still(stage: Stage) -> tuple[str, int, int]:
    """Return the image of a stage as a data URI, with its width and height.

    Of a large image, some rows and columns are left out.
    """
    cells = photograph(stage.array, stage.form)
    step = -(-max(cells.shape[:2]) // COLUMNS)
    cells = cells[::step, ::step]
    height, width = cells.shape[:2]
    return _data_uri(_png(cells.reshape(height, width * 3), None)), width, height


def legend(name: str) -> str:
    """Return the colours of a map, from the first to the last, as a data URI."""
    return _data_uri(_png(np.arange(256, dtype=np.uint8)[np.newaxis], _palette(name)))


def _lines(array: npt.NDArray[Any], across: Axis, quantity: str) -> Drawing:
    bottom, top = extremes(array)
    top = top if top > bottom else bottom + 1
    begin, end = across.at(0), across.at(max(1, len(array) - 1))
    paths = []
    for column in array.T:
        places, values = envelope(across, column, COLUMNS)
        x = (places - begin) / (end - begin) * WIDTH
        y = (top - np.nan_to_num(values.astype(np.float64))) / (top - bottom) * HEIGHT
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        paths.append(f'<polyline class="line" points="{points}"/>')
    up = Axis(quantity)
    return Drawing(
        (begin, end), across, up, bottom, top, quantity, "", (bottom, top), "".join(paths)
    )


def _image(array: npt.NDArray[Any], across: Axis, up: Axis, quantity: str) -> Drawing:
    starts, together = columns(len(array), COLUMNS)
    drawn = picture(array, starts, quantity)
    darkest, brightest = drawn.limits
    if darkest is None or brightest is None:
        finite = drawn.values[np.isfinite(drawn.values)]
        darkest, brightest = (
            (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        )
    values = _fewer_rows(drawn.values, drawn.colours)
    scaled = (np.nan_to_num(values) - darkest) / ((brightest - darkest) or 1.0)
    cells = (np.clip(scaled, 0, 1) * 255).round().astype(np.uint8)
    uri = _data_uri(_png(cells.T[::-1], _palette(drawn.colours)))
    begin, end = edges(across, len(array))
    wide = len(starts) * together / len(array) * WIDTH  # the last column may span fewer rows
    return Drawing(
        (begin, end),
        across,
        up,
        up.at(0),
        up.at(array.shape[1] - 1),
        drawn.label,
        drawn.colours,
        (darkest, brightest),
        f'<image x="0" y="0" width="{wide:.3f}" height="{HEIGHT}" preserveAspectRatio="none" '
        f'href="{uri}"/>',
    )


def _fewer_rows(values: npt.NDArray[Any], colours: str) -> npt.NDArray[Any]:
    """Return the values with at most `ROWS` along the second axis."""
    starts, together = columns(values.shape[1], ROWS)
    if together == 1:
        return values
    if colours == "magma":
        largest: npt.NDArray[Any] = np.maximum.reduceat(values, starts, axis=1)
        return largest
    ends = [*starts[1:], values.shape[1]]
    return np.stack([values[:, a:b].mean(1) for a, b in zip(starts, ends, strict=True)], axis=1)


def _palette(name: str) -> npt.NDArray[np.uint8]:
    """Return 256 colours, of shape (256, 3)."""
    few = np.array([list(bytes.fromhex(text)) for text in _MAPS[name].split()], np.float64)
    places = np.linspace(0, len(few) - 1, 256)
    parts = [np.interp(places, np.arange(len(few)), few[:, part]) for part in range(3)]
    return np.stack(parts, axis=1).round().astype(np.uint8)


def _png(cells: npt.NDArray[np.uint8], palette: npt.NDArray[np.uint8] | None) -> bytes:
    """Return a PNG file of cells: indices of the palette or, without one, three for each pixel."""
    height, width = cells.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter, 0
    rows[:, 1:] = cells
    size, kind = (width // 3, 2) if palette is None else (width, 3)
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", size, height, 8, kind, 0, 0, 0),
        **({} if palette is None else {b"PLTE": palette.tobytes()}),
        b"IDAT": zlib.compress(rows.tobytes(), 9),
        b"IEND": b"",
    }
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in chunks.items():
        parts.append(struct.pack(">I", len(data)) + name + data)
        parts.append(struct.pack(">I", zlib.crc32(name + data)))
    return b"".join(parts)


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"
