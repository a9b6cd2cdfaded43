"""A net as the text of a Mermaid flowchart, which GitHub and documentation tools draw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

from netencoders.decoder import NetDecoder
from netencoders.display import layer_text, shape_text
from netencoders.encoder import NetEncoder
from netencoders.errors import printable
from netencoders.graph.attachments import Attachment
from netencoders.graph.layers import Layer
from netencoders.graph.shapes import Shapes
from netencoders.graph.wiring import Wiring
from netencoders.parameters import short

__all__ = ["Direction", "flowchart"]

Direction = Literal["TD", "LR"]

_LONGEST = 60  # characters of a line of a label: Mermaid does not shorten them
_SAFE = re.compile(r"(?<=[^\W_])[_=.-](?=[^\W_]|[\['(])|[^\W_]|[ ,:()']")
_SPECIAL = re.compile(r"\\(?=n)|\$(?=\$)")
_NUMBERED = re.compile(r"\s*\d+[.)]")


def flowchart(
    layers: Mapping[str, Layer],
    wiring: Wiring,
    shapes: Shapes,
    attached: Mapping[str, Attachment],
    direction: Direction,
) -> str:
    """Return the flowchart of a net; see `NetGraph.to_mermaid`."""
    if direction not in get_args(Direction):
        raise ValueError(f"direction must be 'TD' or 'LR'. Got {short(direction)}.")
    nodes, arrows = [], []
    after: list[str] = []  # the arrows from decoders to output ports
    starts: dict[str, str] = {}  # from each value to the node that gives it
    for number, port in enumerate(wiring.inputs, 1):
        starts[port] = f"input{number}"
        nodes.append(f'{starts[port]}(["{_label(port)}"])')
        encoder, name = attached.get(port), f"encoder{number}"
        if isinstance(encoder, NetEncoder):
            nodes.append(f'{name}["{_label(*_lines(encoder))}"]')
            arrows.append(f"{starts[port]} --> {name}")
            starts[port] = name
    for number, name in enumerate(wiring.order, 1):
        layer = layers[name]
        lines = [name] if layer.kind == name else [name, layer.kind]
        nodes.append(f'layer{number}["{_label(*lines, layer.summary)}"]')
        starts |= dict.fromkeys(wiring.values[name].values(), f"layer{number}")
    ends = [
        (source, f"layer{number}", port if len(wiring.sources[name]) > 1 else "")
        for number, name in enumerate(wiring.order, 1)
        for port, source in wiring.sources[name].items()
    ]
    for number, (port, source) in enumerate(wiring.outputs.items(), 1):
        nodes.append(f'output{number}(["{_label(port)}"])')
        decoder, name = attached.get(port), f"decoder{number}"
        if isinstance(decoder, NetDecoder):
            nodes.append(f'{name}["{_label(layer_text(decoder))}"]')
            after.append(f"{name} --> output{number}")
            ends.append((source, name, ""))
        else:
            ends.append((source, f"output{number}", ""))
    for source, end, target in ends:
        name, _, output = source.partition(".")
        names = " to ".join(filter(None, (output, target)))
        form = shapes[source]
        label = _label(names, "" if form is None else shape_text(form))
        arrow = f'-->|"{label}"|' if label else "-->"
        arrows.append(f"{starts[source]} {arrow} {end}")
    body = (f"    {line}" for line in (*nodes, *arrows, *after))
    return "\n".join([f"flowchart {direction}", *body])


def _lines(encoder: NetEncoder) -> list[str]:
    """Return the encoder and its layers, each with its parameters that differ from defaults."""
    return [layer_text(encoder), *map(layer_text, encoder.layers)]


def _label(*lines: str) -> str:
    """Return lines as a label of Mermaid; empty lines are left out.

    Quotes end a label, ``#`` and ``<`` begin an entity or an element, and Mermaid reads labels as
    Markdown. So each character that may have a meaning is written as its number.
    """
    return "<br>".join(_escaped(printable(line)) for line in lines if line)


def _escaped(line: str) -> str:
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST - 3]}..."
    # Mermaid decodes the numbers before it looks for formulas and line breaks.
    line = _SPECIAL.sub("\\g<0>\u2060", line)
    safe = {place for found in _SAFE.finditer(line) for place in range(*found.span())}
    numbered = _NUMBERED.match(line)  # else a list of Markdown
    if numbered:
        safe.discard(numbered.end() - 1)
    return "".join(
        letter if place in safe else f"#{ord(letter)};" for place, letter in enumerate(line)
    )
