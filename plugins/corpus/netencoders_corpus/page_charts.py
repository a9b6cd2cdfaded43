"""Charts: bars of counts as SVG without text, with their labels as HTML."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

__all__ = ["chart", "clipping_bars", "duration_bars", "level_bars"]

Bars = list[tuple[str, int]]
"""Labels and counts, in the order of the axis."""

WIDTH, HEIGHT = 1000, 100  # the units of the SVG, which the page stretches
LABELS: Final = 12

STEP: Final = 3  # dB
LOWEST: Final = -90
SHARES: Final = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


def duration_bars(counts: Mapping[int, int]) -> Bars:
    """Return the bars of durations by bins of a tenth of a power of ten."""
    return [
        (f"{10 ** (place / 10):.3g}", counts.get(place, 0))
        for place in range(min(counts), max(counts) + 1)
    ]


def level_bars(levels: Sequence[float]) -> Bars:
    """Return the bars of levels in dB: silence, then steps of 3 dB from -90 dB on."""
    places = Counter(
        None if math.isinf(level) else max(LOWEST, math.floor(level / STEP) * STEP)
        for level in levels
    )
    known = [place for place in places if place is not None]
    bars: Bars = [("silence", places[None])] if places[None] else []
    if known:
        steps = range(min(known), max(known) + 1, STEP)
        bars += [(f"{place:g}", places[place]) for place in steps]
    return bars


def clipping_bars(shares: Sequence[float]) -> Bars:
    """Return the bars of shares of samples at full scale, by powers of ten."""
    counts = [0] * (len(SHARES) + 1)
    for share in shares:
        counts[sum(share > limit for limit in SHARES)] += 1
    names = ["none", *(f"to {limit:.0e}" for limit in SHARES[1:]), "more"]
    return list(zip(names, counts, strict=True))


def chart(bars: Bars, axis: str) -> str:
    """Return a chart of bars; each has its label and count as a tooltip."""
    most = max((count for _, count in bars), default=0) or 1
    wide = WIDTH / max(1, len(bars))
    parts = []
    for place, (label, count) in enumerate(bars):
        high = HEIGHT * count / most
        parts.append(
            f'<rect class="bar" x="{place * wide:.2f}" y="{HEIGHT - high:.2f}" '
            f'width="{0.9 * wide:.2f}" height="{high:.2f}">'
            f"<title>{escape(label)}: {count:,}</title></rect>"
        )
    every = math.ceil(len(bars) / LABELS)
    labels = "".join(
        f"<span>{escape(label) if place % every == 0 else ''}</span>"
        for place, (label, _) in enumerate(bars)
    )
    return (
        f'<figure class="chart"><div class="up"><span>{most:,}</span><span>rows</span><span>0'
        f'</span></div><svg class="picture" role="img" aria-label="{escape(axis)}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{"".join(parts)}</svg>'
        f'<div class="under">{labels}</div><figcaption>{escape(axis)}</figcaption></figure>'
    )
