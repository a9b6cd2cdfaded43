"""A net graph as text."""

from __future__ import annotations

from collections.abc import Mapping

from netencoders.display import shape_text
from netencoders.encoder import NetEncoder
from netencoders.graph.shapes import Shapes
from netencoders.graph.wiring import Wiring

__all__ = ["HEADINGS", "picture", "picture_rows"]

HEADINGS = ("from", "to", "form")


def picture(wiring: Wiring, shapes: Shapes, encoders: Mapping[str, NetEncoder]) -> str:
    """Return one line for each port and layer: sources, name and form, in order of evaluation."""
    rows = picture_rows(wiring, shapes, encoders)
    left, middle, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        f"{sources:<{left}} -> {name:<{middle}}  {form}" for sources, name, form in rows
    )


def picture_rows(
    wiring: Wiring, shapes: Shapes, encoders: Mapping[str, NetEncoder]
) -> list[tuple[str, str, str]]:
    """Return the rows of `picture`, with the columns `HEADINGS`."""
    rows = [(str(encoders.get(port, "an array")), port) for port in wiring.inputs]
    for name in wiring.order:
        sources = _sources(wiring.sources[name])
        rows += [(sources, value) for value in wiring.values[name].values()]
    rows += [(source, port) for port, source in wiring.outputs.items()]
    return [(sources, name, _form(shapes, name)) for sources, name in rows]


def _sources(feeds: Mapping[str, str]) -> str:
    if len(feeds) == 1:
        return next(iter(feeds.values()))
    return ", ".join(f"{port}: {source}" for port, source in feeds.items())


def _form(shapes: Shapes, name: str) -> str:
    spec = shapes[name]
    return "unknown form" if spec is None else shape_text(spec)
