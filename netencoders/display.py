"""How an encoder shows itself: as an expression, as rows of text, as an HTML table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netencoders.arrays import ArraySpec
from netencoders.parameters import Parameter

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["expression", "html", "parameter_rows", "shape_text", "table", "value_text"]

HEADINGS = ("parameter", "as given", "resolved", "unit", "meaning")


def expression(name: str, declared: Sequence[Parameter], given: Mapping[str, Any]) -> str:
    """Return the call that makes the encoder, without the parameters that are at their default."""
    # Late: `import netencoders` shows none.
    import json

    changed = [
        f"{parameter.name}={given[parameter.name]!r}"
        for parameter in declared
        # Not by ==: 1, 1.0 and True are different parameters.
        if repr(given[parameter.name]) != repr(parameter.check(parameter.default))
    ]
    return f"NetEncoder({', '.join([json.dumps(name), *changed])})"


def parameter_rows(encoder: NetEncoder) -> list[tuple[str, ...]]:
    """Return one row a parameter, under `HEADINGS`."""
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
    """Return a parameter's value as it would be written in Python, tuples as lists."""
    return f"[{', '.join(map(value_text, value))}]" if isinstance(value, tuple) else repr(value)


def shape_text(spec: ArraySpec) -> str:
    """Return the form of an array in one line.

    >>> shape_text(ArraySpec((3, 2), "float32"))
    'float32 (3, 2)'
    """
    return f"{spec.dtype} ({', '.join(map(repr, spec.dims))}{',' if len(spec.dims) == 1 else ''})"


def axis_rows(spec: ArraySpec) -> list[tuple[str, str]]:
    """Return what each axis means, and how much one index adds."""
    rows = []
    for axis in spec.axes:
        step = f"{axis.step:.6g} {axis.unit}".strip()
        rate = f" ({1 / axis.step:.6g} per second)" if axis.unit == "s" else ""
        rows.append((axis.name, f"{step} a step{rate}, from {axis.start:.6g} {axis.unit}".strip()))
    return rows


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text in aligned columns."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def html(encoder: NetEncoder) -> str:
    """Return the encoder as an HTML table of its parameters above the form of its output."""
    # Late: it imports the table of all entities.
    from html import escape

    head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for row in parameter_rows(encoder)
    )
    axes = "".join(
        f"<li>{escape(name)}: {escape(text)}</li>" for name, text in axis_rows(encoder.output)
    )
    return (
        f"<p><b>{escape(repr(encoder))}</b><br>{escape(encoder.summary)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>Output: {escape(shape_text(encoder.output))}</p><ul>{axes}</ul>"
    )
