"""Fill: samples around a signal that is shorter than declared (A3, A44)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from netencoders_audio.stages.length import extend, zeros

__all__ = ["Fill", "fill", "filled_length"]

Samples = npt.NDArray[np.float32]


class Fill(NamedTuple):
    """The samples that are added to a signal.

    Attributes
    ----------
    length : int
        The smallest number of samples before the next two steps.
    side : str
        ``"End"``: they are added after the signal. ``"Start"``: before it. ``"Both"``: half of them
        on each side, and an odd one at the end.
    samples : str
        ``"Zero"``; ``"Repeat"``: the signal, as often as it fits whole, and then zeros; or
        ``"Cycle"``: the signal again and again, of which the last one is cut.
    multiple : int
        Zeros are added at the end, up to a multiple of this number.
    append : int
        The number of zeros that are then added at the end.
    """

    length: int = 0
    side: str = "End"
    samples: str = "Zero"
    multiple: int = 1
    append: int = 0


def fill(blocks: Iterable[Samples], rule: Fill) -> Iterator[Samples]:
    """Add samples around a signal.

    At most `rule.length` samples are held, unless zeros follow the signal: then none.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (k,)
        At least one sample in total.
    rule : Fill

    Returns
    -------
    iterator of ndarray of float32, shape (j,)
        In total `filled_length` samples.
    """
    if rule.samples != "Zero" or rule.side != "End":
        filled = _filled(blocks, rule)
    else:
        filled = extend(blocks, rule.length or None)
    return _ended(filled, rule) if rule.multiple > 1 or rule.append else filled


def filled_length(length: int, rule: Fill) -> int:
    """Return the number of samples after `fill`.

    >>> filled_length(1000, Fill(multiple=512, append=160))
    1184
    """
    return -(-max(length, rule.length) // rule.multiple) * rule.multiple + rule.append


def _filled(blocks: Iterable[Samples], rule: Fill) -> Iterator[Samples]:
    held: list[Samples] = []
    count = 0
    for block in blocks:
        count += len(block)
        if count < rule.length:
            held.append(block.copy())
            continue
        yield from held  # nothing is added
        held.clear()
        yield block
    if count >= rule.length:
        return
    copies = rule.length // count if rule.samples == "Repeat" else 1
    added = rule.length - copies * count
    before = {"End": 0, "Start": added, "Both": added // 2}[rule.side]
    if rule.samples == "Cycle":
        signal = np.concatenate(held)
        yield np.resize(np.roll(signal, before), rule.length)
        return
    yield from zeros(before)
    for _ in range(copies):
        yield from held
    yield from zeros(added - before)


def _ended(blocks: Iterable[Samples], rule: Fill) -> Iterator[Samples]:
    count = 0
    for block in blocks:
        count += len(block)
        yield block
    yield from zeros(-count % rule.multiple + rule.append)
