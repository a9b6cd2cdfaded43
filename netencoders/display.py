"""Representations of an encoder: an expression, rows of text, an HTML table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from netencoders.arrays import ArraySpec
from netencoders.inputs import kinds_text
from netencoders.values import FrozenMapping, typed

if TYPE_CHECKING:
    from netencoders.declared_value import DeclaredValue
    from netencoders.encoder import NetEncoder

__all__ = [
    "LEFT",
    "call",
    "changed_text",
    "expression",
    "form_html",
    "form_text",
    "html",
    "html_table",
    "layer_html",
    "layer_rows",
    "layer_text",
    "parameter_rows",
    "shape_text",
    "table",
    "titled_table",
    "value_text",
]

HEADINGS = ("parameter", "as given", "resolved", "unit", "meaning")
LAYER_HEADINGS = ("layer", "result", "meaning")
LEFT = ' style="text-align:left;vertical-align:top"'
"""The style of a cell: notebooks align cells right."""


def expression(encoder: NetEncoder) -> str:
    """Return the call that makes the encoder, without the parameters at their default values."""
    layers = (f".then({call(layer)})" for layer in encoder.layers)
    return "".join([f"NetEncoder({call(encoder)})", *layers])


def call(value: DeclaredValue) -> str:
    """Return the arguments that make an encoder or a layer, without those at default values."""
    # Imported late: `import netencoders` needs no repr.
    import json

    return ", ".join([json.dumps(value.name), *_changed(value)])


def layer_text(layer: DeclaredValue) -> str:
    """Return a layer or an encoder for tables: its name, and the parameters that are changed."""
    changed = changed_text(layer)
    return f"{layer.name}({changed})" if changed else layer.name


def changed_text(value: DeclaredValue) -> str:
    """Return the parameters that are not at their default values, as arguments."""
    return ", ".join(_changed(value))


def _changed(value: DeclaredValue) -> list[str]:
    """Return the parameters that are not at their default values, as arguments."""
    given = value.parameters
    return [
        f"{parameter.name}={given[parameter.name]!r}"
        for parameter in value.declarations
        # Compared with their types: 1, 1.0 and True are equal, but different values.
        if parameter.is_required
        or typed(given[parameter.name]) != typed(parameter.check(parameter.default))
    ]


def parameter_rows(value: DeclaredValue) -> list[tuple[str, ...]]:
    """Return one row for each parameter, with the columns `HEADINGS`."""
    return [
        (
            parameter.name,
            value_text(value.parameters[parameter.name]),
            value_text(value.resolved[parameter.name]),
            parameter.unit,
            parameter.doc,
        )
        for parameter in value.declarations
    ]


def layer_rows(encoder: NetEncoder) -> list[tuple[str, str, str]]:
    """Return one row for each layer: the layer, the form of its result, and its meaning."""
    return [
        (layer_text(layer), form_text(form), layer.summary)
        for layer, form in zip(encoder.layers, encoder.forms[1:], strict=True)
    ]


def value_text(value: Any) -> str:
    """Return the Python expression of a parameter's value, with lists for tuples."""
    if isinstance(value, tuple) and not getattr(value, "is_shortened", False):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, FrozenMapping):
        return f"{{{', '.join(f'{name!r}: {value_text(each)}' for name, each in value.items())}}}"
    return repr(value)


def shape_text(spec: ArraySpec) -> str:
    """Return the form of an array in one line.

    >>> shape_text(ArraySpec((3, 2), "float32"))
    'float32 (3, 2)'
    """
    return f"{spec.dtype} ({', '.join(map(repr, spec.dims))}{',' if len(spec.dims) == 1 else ''})"


def form_text(spec: ArraySpec) -> str:
    """Return the form of an array in one line, with the range of its integers and its quantity.

    >>> form_text(ArraySpec((), "int64", low=0, high=2)), form_text(ArraySpec((3,), quantity="log"))
    ('int64 () from 0 to 2', 'float32 (3,) log')
    """
    low = "" if spec.low is None else f" from {spec.low}"
    high = "" if spec.high is None else f" to {spec.high}"
    return f"{shape_text(spec)}{low}{high} {spec.quantity}".strip()


def axis_rows(spec: ArraySpec) -> list[tuple[str, str]]:
    """Return the name of each axis, and a text with its step and start."""
    rows = []
    for axis in spec.axes:
        step = f"{axis.step:.6g} {axis.unit}".strip()
        rate = f" ({1 / axis.step:.6g} per second)" if axis.unit == "s" else ""
        rows.append(
            (axis.name, f"{step} per step{rate}, from {axis.start:.6g} {axis.unit}".strip())
        )
    return rows


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Return rows of text in aligned columns; with a `width`, cells are wrapped to fit it."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    if width is not None and sum(widths) + 2 * len(widths) - 2 > width:
        widths = _narrowed(widths, width - 2 * len(widths) + 2)
        rows = [line for row in rows for line in _wrapped(row, widths)]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _narrowed(widths: Sequence[int], room: int) -> list[int]:
    """Return widths that fit into `room`: the widest columns become narrower, to 12 at least."""
    most = max(widths)
    while sum(min(width, most) for width in widths) > room and most > 12:
        most -= 1
    return [min(width, most) for width in widths]


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    """Return the lines of a row whose cells are wrapped."""
    # Imported late: only the command wraps.
    from textwrap import wrap

    cells = [
        wrap(cell, width, break_on_hyphens=False) for cell, width in zip(row, widths, strict=True)
    ]
    return [list(line) for line in zip_longest(*cells, fillvalue="")]


def html_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text as an HTML table, aligned left; a cell may have several lines.

    It sets no colours, so that it has those of a light or a dark notebook.
    """
    # Imported late: it imports the table of all entities.
    from html import escape

    head = "".join(f"<th{LEFT}>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td{LEFT}>{_lines(escape(cell))}</td>' for cell in row)}</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _lines(text: str) -> str:
    return text.replace("\n", "<br>")


def html(encoder: NetEncoder) -> str:
    """Return the encoder in HTML: a table of its parameters, and the form of its output."""
    # Imported late: it imports the table of all entities.
    from html import escape

    outputs = encoder.outputs.items()
    forms = "".join(form_html(form, f"{name}: ") for name, form in outputs)
    rows = parameter_rows(encoder)
    inputs = f"<p>Input: {escape(kinds_text(encoder.inputs))}</p>" if encoder.inputs else ""
    return (
        f"<p><b>{escape(repr(encoder))}</b><br>{escape(encoder.summary)}</p>"
        f"{html_table(HEADINGS, rows) if rows else ''}{inputs}"
        f"{html_table(LAYER_HEADINGS, layer_rows(encoder)) if encoder.layers else ''}"
        f"{forms}"
    )


def form_html(spec: ArraySpec, before: str = "") -> str:
    """Return the form of an array in HTML, with its axes, after the text `before`."""
    # Imported late: it imports the table of all entities.
    from html import escape

    text = escape(f"{before}{form_text(spec)}")
    axes = "".join(f"<li>{escape(name)}: {escape(text)}</li>" for name, text in axis_rows(spec))
    return f"<p>{text}</p>" + (f"<ul>{axes}</ul>" if axes else "")


def titled_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in HTML, under a title."""
    # Imported late: it imports the table of all entities.
    from html import escape

    return f"<p><b>{escape(title)}</b></p>{html_table(headings, rows)}"


def layer_html(layer: DeclaredValue) -> str:
    """Return a layer or a decoder in HTML, with a table of its parameters."""
    # Imported late: it imports the table of all entities.
    from html import escape

    rows = parameter_rows(layer)
    return (
        f"<p><b>{escape(repr(layer))}</b><br>{escape(layer.summary)}</p>"
        f"{html_table(HEADINGS, rows) if rows else ''}"
    )
