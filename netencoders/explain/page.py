"""The HTML of an explanation: one file without references to others, and without foreign scripts.

All texts are escaped. A policy in the page lets a browser run no script and no style but those of
the page, and load nothing.

The module is long because it has the parts of all pages, each a short function.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from hashlib import sha256
from html import escape
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from netencoders import display
from netencoders.arrays import ArraySpec, Axis
from netencoders.diff import difference
from netencoders.explain.drawing import HEIGHT, WIDTH, Drawing, draw, legend
from netencoders.pictures import axis_label, drawing_problem
from netencoders.stages import Media, Stage

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder
    from netencoders.layer import NetLayer

__all__ = [
    "Scale",
    "Side",
    "common_scale",
    "data_uri",
    "drawing_of",
    "figure",
    "page",
    "policy_hash",
]


class Side(NamedTuple):
    """An encoder with its stages: those of the encoder, then one for each layer."""

    encoder: NetEncoder
    stages: list[Stage]
    media: Media | None


class Scale(NamedTuple):
    """The times of the left and the right edge of all pictures, and the time between labels."""

    begin: float
    end: float
    step: float


def page(title: str, sides: Sequence[Side], notes: Sequence[str], seconds: float) -> str:
    """Return the page.

    Parameters
    ----------
    title : str
        The name of the input.
    sides : sequence of Side
        One or two.
    notes : sequence of str
        The warnings of the encoders.
    seconds : float
        The time from which on nothing is drawn.
    """
    drawings = [[drawing_of(stage) for stage in side.stages] for side in sides]
    scale = common_scale([drawing for row in drawings for drawing in row if drawing])
    style, script = _file("page.css"), _file("page.js")
    policy = (
        "default-src 'none'; img-src data:; media-src data:; "
        f"style-src '{policy_hash(style)}'; script-src '{policy_hash(script)}'"
    )
    count = ("one", "two")[len(sides) - 1]
    articles = [
        [
            _article(side, place, drawing, scale, differing, number)
            for place, drawing in enumerate(drawn)
        ]
        for number, (side, drawn, differing) in enumerate(
            zip(sides, drawings, _differing(sides), strict=True)
        )
    ]
    rows = "".join(
        f'<div class="row {count}">{"".join(cells)}</div>' for cells in _aligned(sides, articles)
    )
    heads = "".join(_head(side, number) for number, side in enumerate(sides))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
        f"<header><h1>{escape(title)}</h1>{_notes(sides, notes, seconds)}</header>"
        f'<div class="players {count}">{heads}</div>'
        f"<main>{_difference(sides)}{rows}</main>"
        f"<script>{script}</script></body></html>\n"
    )


@cache
def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def policy_hash(text: str) -> str:
    """Return the source of a style or a script in the policy of a page."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def drawing_of(stage: Stage) -> Drawing | None:
    """Return the picture of a stage; None if it cannot be drawn."""
    if not stage.array.size or (drawing_problem(stage.form) and stage.form.dims):
        return None
    return draw(stage)


def common_scale(drawings: Sequence[Drawing]) -> Scale:
    """Return the scale of time: from 0, or from the first row if it is much earlier."""
    spans = [drawing.span for drawing in drawings if _is_time(drawing.across)]
    begin = min((first for first, _ in spans), default=0.0)
    last = max((last for _, last in spans), default=1.0)
    begin = 0.0 if begin > -0.02 * last else begin
    step = _step((last - begin) / 8)
    return Scale(begin, begin + step * max(1, math.ceil((last - begin) / step - 1e-6)), step)


def _step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... and of their fractions that is not less."""
    power = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _is_time(axis: Axis) -> bool:
    return axis.unit == "s"


def _notes(sides: Sequence[Side], notes: Sequence[str], seconds: float) -> str:
    texts = [*notes]
    cut = [stage.form for side in sides for stage in side.stages if stage.is_cut]
    if any(_has_times(form) for form in cut):
        texts.append(f"Only the first {seconds:g} s are drawn.")
    if not all(_has_times(form) for form in cut):
        texts.append("Only the first rows are drawn.")
    return "".join(f'<p class="notes">{escape(text)}</p>' for text in texts)


def _has_times(form: ArraySpec) -> bool:
    """Return whether the axis of the rows is in seconds."""
    return bool(form.axes) and _is_time(form.axes[form.stream_axis])


def _head(side: Side, number: int) -> str:
    """Return the expression of an encoder, with its player."""
    player, note = "", ""
    if side.media is not None:
        tag = "video" if side.media.type.startswith("video/") else "audio"
        uri = data_uri(side.media)
        player = f'<{tag} controls data-player="{number}" src="{uri}"></{tag}>'
        note = f"<p>{escape(side.media.note)}</p>" if side.media.note else ""
    return f"<div><code>{escape(repr(side.encoder))}</code>{player}{note}</div>"


def data_uri(media: Media) -> str:
    """Return a file that a browser plays as the value of an attribute."""
    return f"data:{escape(media.type)};base64,{b64encode(media.data).decode()}"


def _difference(sides: Sequence[Side]) -> str:
    if len(sides) < 2:
        return ""
    found = difference(sides[0].encoder, sides[1].encoder)
    # The policy of the page allows no styles of elements.
    text = found._repr_html_().replace(display.LEFT, "")
    text = text if found else "<p>No differences: equal digests.</p>"
    return f'<section><h2>Differences</h2><div class="scroll">{text}</div></section>'


def _differing(sides: Sequence[Side]) -> list[set[str]]:
    """Return the names of the differing parameters for each side, as `diff` names them."""
    if len(sides) < 2:
        return [set()]
    found = {row.name for row in difference(sides[0].encoder, sides[1].encoder)}
    return [found, found]


def _aligned(sides: Sequence[Side], articles: Sequence[list[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the articles of one row; the same stage of two encoders is in one row."""
    empty = "<article></article>"
    if len(sides) == 1:
        yield from ((article,) for article in articles[0])
        return
    names = [[stage.name for stage in side.stages] for side in sides]
    # The stages of equal names; `autojunk` is for long texts.
    matcher = SequenceMatcher(None, names[0], names[1], autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        yield from zip_longest(articles[0][a:b], articles[1][c:d], fillvalue=empty)


def _article(
    side: Side,
    place: int,
    drawing: Drawing | None,
    scale: Scale,
    differing: set[str],
    number: int,
) -> str:
    stage = side.stages[place]
    table = _parameters(side, place, differing)
    drawn = figure(stage, drawing, scale)
    form = display.form_text(stage.form)
    return (
        f'<article data-side="{number}"><h2>{escape(stage.name)}</h2>'
        f"<p>{escape(stage.summary)}</p><p><code>{escape(form)}</code>{_values(stage)}</p>"
        f'<div class="body{"" if table else " alone"}">{drawn}{table}</div></article>'
    )


def _values(stage: Stage) -> str:
    """Return the shape and the extremes of the array that is drawn."""
    array = stage.array
    if not array.size:
        return ", no rows"
    text = f", {'the first rows: ' if stage.is_cut else ''}{array.shape}"
    if np.iscomplexobj(array):
        return escape(text)
    mean = float(array.mean(dtype=np.float64))
    return escape(f"{text}, minimum {array.min():.4g}, mean {mean:.4g}, maximum {array.max():.4g}")


def _parameters(side: Side, place: int, differing: set[str]) -> str:
    """Return the parameters that belong to a stage; those without an effect are folded."""
    encoder, count = side.encoder, len(side.stages) - len(side.encoder.layers)
    owner: NetEncoder | NetLayer = encoder
    before = ""
    names = {parameter.name for parameter in encoder.declarations}
    if place >= count:
        owner = encoder.layers[place - count]
        before = f"layer {place - count + 1}, {owner.name}: "
        names = {parameter.name for parameter in owner.declarations}
    elif place < count - 1:
        names &= set(side.stages[place].parameters)
    else:  # also those of no stage
        names -= {name for stage in side.stages[: count - 1] for name in stage.parameters}
    effective: list[str] = []
    neutral: list[str] = []
    rows = zip(owner.declarations, display.parameter_rows(owner), strict=True)
    for parameter, (name, given, resolved, unit, doc) in rows:
        if name not in names:
            continue
        value = resolved if given == resolved else f"{resolved} ({given})"
        cells = (name, f"{value} {unit}".strip(), doc)
        differs = f"{before}{name}" in differing
        row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        row = f'<tr class="differs">{row}</tr>' if differs else f"<tr>{row}</tr>"
        is_neutral = parameter.is_neutral(owner.resolved) and not differs
        (neutral if is_neutral else effective).append(row)
    text = _table(effective) if effective else ""
    if neutral:
        title = f"{len(neutral)} parameter{'s' * (len(neutral) > 1)} without an effect here"
        text += f"<details><summary>{title}</summary>{_table(neutral)}</details>"
    return f"<div>{text}</div>" if text else ""


def _table(rows: Sequence[str]) -> str:
    head = "".join(f"<th>{text}</th>" for text in ("parameter", "value", "meaning"))
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def figure(stage: Stage, drawing: Drawing | None, scale: Scale) -> str:
    """Return a picture with its axes, or the reason why there is none."""
    if drawing is None:
        reason = "no rows" if not stage.array.size else drawing_problem(stage.form) or ""
        return f"<p>{escape(reason)}</p>"
    begin, end = drawing.span
    picture, data = drawing.svg, ""
    if _is_time(drawing.across):
        left = (begin - scale.begin) / (scale.end - scale.begin) * WIDTH
        factor = (end - begin) / (scale.end - scale.begin)
        picture = f'<g transform="translate({left:.3f} 0) scale({factor:.6f} 1)">{picture}</g>'
        picture += f'<line class="cursor" x1="0" x2="0" y1="0" y2="{HEIGHT}"/>'
        data = f' data-begin="{scale.begin:.9g}" data-end="{scale.end:.9g}"'
    top, bottom = (f"{value:.5g}" for value in (drawing.top, drawing.bottom))
    return (
        f'<figure><div class="up"><span>{top}</span><span>{escape(axis_label(drawing.up))}</span>'
        f'<span>{bottom}</span></div><svg class="picture" role="img" '
        f'aria-label="{escape(stage.name)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none"{data}>{picture}</svg>'
        f'<div class="across">{_ticks(drawing, scale)}</div>'
        f"<figcaption>{_caption(drawing)}</figcaption></figure>"
    )


def _ticks(drawing: Drawing, scale: Scale) -> str:
    """Return the labels of the horizontal axis."""
    begin, end = drawing.span
    labels = [begin, (begin + end) / 2, end]
    if _is_time(drawing.across):
        count = round((scale.end - scale.begin) / scale.step)
        labels = [scale.begin + scale.step * number for number in range(count + 1)]
    return "".join(f"<span>{label:.4g}</span>" for label in labels)


def _caption(drawing: Drawing) -> str:
    across = escape(axis_label(drawing.across))
    if not drawing.colours:
        return across
    low, high = (f"{value:.4g}" for value in drawing.limits)
    label = escape(drawing.label.replace("\n", " "))
    colours = f'<img class="legend" alt="to" src="{legend(drawing.colours)}">'
    return f"{across}; colours: {label}, {low}{colours}{high}"
