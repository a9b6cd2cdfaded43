"""A net as a table of its ports and layers: in text, and in HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from unicodedata import category, east_asian_width

from netencoders.decoder import NetDecoder
from netencoders.display import shape_text, titled_table
from netencoders.encoder import NetEncoder
from netencoders.errors import printable
from netencoders.graph.attachments import Attachment
from netencoders.graph.layers import Layer
from netencoders.graph.shapes import Shapes
from netencoders.graph.wiring import Wiring

__all__ = ["HEADINGS", "UNKNOWN", "Row", "form_text", "net_html", "net_rows", "net_text"]

HEADINGS = ("layer", "kind", "inputs", "output form", "parameters")
UNKNOWN = "unknown"
"""The text of a form that the layers do not declare."""


@dataclass(frozen=True)
class Row:
    """A port or a layer.

    Attributes
    ----------
    name, kind : str
    inputs : tuple of str
        The sources of its values, after the name of the input if there are several.
    forms : tuple of str
        The form of each of its values, after the name of the output if there are several.
    parameters : str
        Those that differ from their defaults; the encoder or the decoder of a port.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    forms: tuple[str, ...]
    parameters: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The cell of each of the columns `HEADINGS`, in lines."""
        lists = ("\n".join(map(printable, texts)) for texts in (self.inputs, self.forms))
        name, kind, parameters = map(printable, (self.name, self.kind, self.parameters))
        return (name, kind, *lists, parameters)


def net_rows(
    layers: Mapping[str, Layer],
    wiring: Wiring,
    shapes: Shapes,
    attached: Mapping[str, Attachment],
) -> list[Row]:
    """Return the input ports, the layers in the order of evaluation, and the output ports."""
    rows = []
    for port in wiring.inputs:
        encoder = _attachment(attached.get(port))
        rows.append(Row(port, "input", (), (form_text(shapes, port),), encoder))
    for name in wiring.order:
        layer, values = layers[name], wiring.values[name]
        inputs = _named(wiring.sources[name])
        forms = _named({output: form_text(shapes, value) for output, value in values.items()})
        rows.append(Row(name, layer.kind, inputs, forms, layer.summary))
    for port, source in wiring.outputs.items():
        decoder = _attachment(attached.get(port))
        rows.append(Row(port, "output", (source,), (form_text(shapes, port),), decoder))
    return rows


def net_text(rows: list[Row]) -> str:
    """Return the rows as aligned text; a cell of several lines takes several lines."""
    cells = [[cell.split("\n") for cell in row.cells] for row in rows]
    columns = zip([[heading] for heading in HEADINGS], *cells, strict=True)
    widths = [max(_width(line) for cell in column for line in cell) for column in columns]
    lines = [list(HEADINGS), ["-" * width for width in widths]]
    for row in cells:
        lines += [list(line) for line in zip_longest(*row, fillvalue="")]
    return "\n".join(_aligned(line, widths) for line in lines)


def net_html(title: str, rows: list[Row], attached: Mapping[str, NetEncoder | NetDecoder]) -> str:
    """Return the rows as an HTML table under a title, and the card of each attachment."""
    # Imported late: it imports the table of all entities.
    from html import escape

    cards = "".join(
        f"<details><summary>{escape(f'{port}: {each.name}')}</summary>"
        f"{each._repr_html_()}</details>"
        for port, each in attached.items()
    )
    return titled_table(title, HEADINGS, [row.cells for row in rows]) + cards


def _attachment(attached: Attachment | None) -> str:
    """Return the expression of an encoder or a decoder; empty for a form."""
    return repr(attached) if isinstance(attached, NetEncoder | NetDecoder) else ""


def form_text(shapes: Shapes, name: str) -> str:
    """Return the form of a value or port in one line."""
    spec = shapes[name]
    return UNKNOWN if spec is None else shape_text(spec)


def _named(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return texts, after their names if there are several."""
    if len(texts) == 1:
        return tuple(texts.values())
    return tuple(f"{name}: {text}" for name, text in texts.items())


def _aligned(cells: list[str], widths: list[int]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Return the number of columns of a terminal that a text takes.

    >>> _width("mel"), _width("層"), _width("é")
    (3, 2, 1)
    """
    if text.isascii():
        return len(text)
    wide = sum(east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(category(letter) in ("Mn", "Me", "Cf") for letter in text)
