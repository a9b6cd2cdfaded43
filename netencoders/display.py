"""Representations of an encoder: an expression, rows of text, an HTML table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netencoders.arrays import ArraySpec
from netencoders.parameters import Parameter

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = [
    "expression",
    "html",
    "html_table",
    "parameter_rows",
    "shape_text",
    "table",
    "value_text",
]

HEADINGS = ("parameter", "as given", "resolved", "unit", "meaning")


def expression(name: str, declared: Sequence[Parameter], given: Mapping[str, Any]) -> str:
    """Return the call that makes the encoder, without the parameters at their default values."""
    # Imported late: `import netencoders` needs no repr.
    import json

    changed = [
        f"{parameter.name}={given[parameter.name]!r}"
        for parameter in declared
        # Compared by repr: 1, 1.0 and True are equal, but different values.
        if repr(given[parameter.name]) != repr(parameter.check(parameter.default))
    ]
    return f"NetEncoder({', '.join([json.dumps(name), *changed])})"


def parameter_rows(encoder: NetEncoder) -> list[tuple[str, ...]]:
    """Return one row for each parameter, with the columns `HEADINGS`."""
    return [
        (
            parameter.name,
            value_text(encoder.parameters[parameter.name]),
            value_text(encoder.resolved[parameter.name]),
            parameter.unit,
            parameter.doc,
        )
        for parameter in encoder.declarations
    ]


def value_text(value: Any) -> str:
    """Return the Python expression of a parameter's value, with lists for tuples."""
    return f"[{', '.join(map(value_text, value))}]" if isinstance(value, tuple) else repr(value)


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

    axes = "".join(
        f"<li>{escape(name)}: {escape(text)}</li>" for name, text in axis_rows(encoder.output)
    )
    return (
        f"<p><b>{escape(repr(encoder))}</b><br>{escape(encoder.summary)}</p>"
        f"{html_table(HEADINGS, parameter_rows(encoder))}"
        f"<p>Output: {escape(shape_text(encoder.output))}</p><ul>{axes}</ul>"
    )
