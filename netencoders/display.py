"""Representations of an encoder: an expression, rows of text, an HTML table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from netencoders.arrays import ArraySpec
from netencoders.values import Numbers, is_shortened, typed

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder
    from netencoders.layer import NetLayer

__all__ = [
    "call",
    "expression",
    "html",
    "html_table",
    "layer_html",
    "layer_rows",
    "layer_text",
    "parameter_rows",
    "shape_text",
    "table",
    "value_text",
]

HEADINGS = ("parameter", "as given", "resolved", "unit", "meaning")
LAYER_HEADINGS = ("layer", "result", "meaning")


def expression(encoder: NetEncoder) -> str:
    """Return the call that makes the encoder, without the parameters at their default values."""
    layers = (f".then({call(layer)})" for layer in encoder.layers)
    return "".join([f"NetEncoder({call(encoder)})", *layers])


def call(value: NetEncoder | NetLayer) -> str:
    """Return the arguments that make an encoder or a layer, without those at default values."""
    # Imported late: `import netencoders` needs no repr.
    import json

    return ", ".join([json.dumps(value.name), *_changed(value)])


def layer_text(layer: NetLayer) -> str:
    """Return a layer for messages and tables: its name, and the parameters that are changed."""
    changed = _changed(layer)
    return f"{layer.name}({', '.join(changed)})" if changed else layer.name


def _changed(value: NetEncoder | NetLayer) -> list[str]:
    """Return the parameters that are not at their default values, as arguments."""
    given = value.parameters
    return [
        f"{parameter.name}={given[parameter.name]!r}"
        for parameter in value.declarations
        # Compared with their types: 1, 1.0 and True are equal, but different values.
        if typed(given[parameter.name]) != typed(parameter.check(parameter.default))
    ]


def parameter_rows(value: NetEncoder | NetLayer) -> list[tuple[str, ...]]:
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
        (layer_text(layer), f"{shape_text(form)} {form.quantity}".strip(), layer.summary)
        for layer, form in zip(encoder.layers, encoder.forms[1:], strict=True)
    ]


def value_text(value: Any) -> str:
    """Return the Python expression of a parameter's value, with lists for tuples."""
    if isinstance(value, tuple) and not (isinstance(value, Numbers) and is_shortened(value)):
        return f"[{', '.join(map(value_text, value))}]"
    return repr(value)


def shape_text(spec: ArraySpec) -> str:
    """Return the form of an array in one line.

    >>> shape_text(ArraySpec((3, 2), "float32"))
    'float32 (3, 2)'
    """
    return f"{spec.dtype} ({', '.join(map(repr, spec.dims))}{',' if len(spec.dims) == 1 else ''})"


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


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text in aligned columns."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def html_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text as an HTML table."""
    # Imported late: it imports the table of all entities.
    from html import escape

    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def html(encoder: NetEncoder) -> str:
    """Return the encoder in HTML: a table of its parameters, and the form of its output."""
    # Imported late: it imports the table of all entities.
    from html import escape

    forms = "".join(
        f"<p>{escape(output)}: {escape(shape_text(spec))}</p><ul>"
        + "".join(f"<li>{escape(name)}: {escape(text)}</li>" for name, text in axis_rows(spec))
        + "</ul>"
        for output, spec in encoder.outputs.items()
    )
    return (
        f"<p><b>{escape(repr(encoder))}</b><br>{escape(encoder.summary)}</p>"
        f"{html_table(HEADINGS, parameter_rows(encoder))}"
        f"{html_table(LAYER_HEADINGS, layer_rows(encoder)) if encoder.layers else ''}"
        f"{forms}"
    )


def layer_html(layer: NetLayer) -> str:
    """Return a layer in HTML, with a table of its parameters."""
    # Imported late: it imports the table of all entities.
    from html import escape

    rows = parameter_rows(layer)
    return (
        f"<p><b>{escape(repr(layer))}</b><br>{escape(layer.summary)}</p>"
        f"{html_table(HEADINGS, rows) if rows else ''}"
    )
