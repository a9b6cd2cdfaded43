"""The sample of a page: inputs of a corpus that are decoded again, measured, and drawn."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from netencoders import Media, NetEncoder, NetEncodersError, Stage, calls, first_rows
from netencoders_corpus.items import Item, input_of, of_item
from netencoders_corpus.sources import Source, open_source

__all__ = ["Shown", "items_of", "shown_of"]

MEASURED: Final = 60.0  # seconds of a recording
MEDIA_BYTES: Final = 200_000  # twenty players are 5 MB in the page
FULL_SCALE: Final = 32767 / 32768
BLOCK: Final = 1 << 16


@dataclass
class Shown:
    """An input that was decoded again.

    Attributes
    ----------
    id : str
    problem : str
        The reason why it was not; or empty.
    level : float or None
        The root mean square of all channels in dB of full scale; None if it is not audio.
    clipped : float
        The share of its samples at full scale.
    stage : Stage or None
        The first rows of its array, if it is drawn.
    media : Media or None
        Its player.
    notes : tuple of str
        The warnings of its decoder.
    """

    id: str
    problem: str = ""
    level: float | None = None
    clipped: float = 0.0
    stage: Stage | None = None
    media: Media | None = None
    notes: tuple[str, ...] = ()


def items_of(
    chosen: Sequence[str], source: str | os.PathLike[str] | Source, column: str | None
) -> dict[str, Item]:
    """Return the items of some ids; the source is read once.

    Raises
    ------
    SourceError
        The source cannot be read.
    """
    opened = source if isinstance(source, Source) else open_source(source, column=column)
    wanted = set(chosen)
    return {
        item.id: item for item in opened.items() if isinstance(item, Item) and item.id in wanted
    }


def shown_of(item: Item, encoder: NetEncoder, *, drawn: bool, seconds: float) -> Shown:
    """Decode an item again, and measure it; draw its first rows, if `drawn`."""
    found = Shown(item.id)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found.level, found.clipped = _levels(item, encoder)
            if drawn:
                with of_item(item, encoder):
                    _draw(found, item, encoder, seconds)
        except (NetEncodersError, OSError) as problem:
            found.problem = str(problem)
    found.notes = tuple(dict.fromkeys(str(warning.message) for warning in caught))
    return found


def _draw(found: Shown, item: Item, encoder: NetEncoder, seconds: float) -> None:
    plugin = encoder._encoder
    value = input_of(item, encoder)
    found.media = calls._guarded(plugin, value, lambda: plugin.media(value, seconds))
    if found.media is not None and len(found.media.data) > MEDIA_BYTES:  # a high sample rate
        seconds *= MEDIA_BYTES / len(found.media.data)
        found.media = calls._guarded(plugin, value, lambda: plugin.media(value, seconds))
    array, is_cut = first_rows(encoder.stream(input_of(item, encoder)), encoder.output, seconds)
    found.stage = Stage(encoder.name, "", array, encoder.output, is_cut=is_cut)


def _levels(item: Item, encoder: NetEncoder) -> tuple[float | None, float]:
    """Return the level and the share of samples at full scale; None for an input without audio."""
    if encoder.inputs and "audio" not in encoder.inputs:
        return None, 0.0
    try:  # late: the encoder may be of another plugin
        from netencoders_audio.recordings.opening import open_recording
    except ImportError:
        return None, 0.0
    power, count, full = 0.0, 0, 0
    with open_recording(input_of(item, encoder)) as recording:
        for block in _blocks(recording):
            samples = _scaled(block)
            power += float(np.square(samples, dtype=np.float64).sum())
            full += int((np.abs(samples) >= FULL_SCALE).sum())
            count += samples.size
    if not count or not power:
        return -math.inf, 0.0
    return 10 * math.log10(power / count), full / count


def _blocks(recording: Any) -> Iterator[Any]:
    left = round(MEASURED * recording.rate)
    blocks = recording.blocks(BLOCK)
    try:
        for block in blocks:
            yield block[:left]
            left -= len(block)
            if left <= 0:
                return
    finally:
        close: Callable[[], object] = getattr(blocks, "close", lambda: None)
        close()


def _scaled(block: Any) -> Any:
    """Return samples as floats, of which full scale is 1."""
    from netencoders_audio.stages.mono import mix_block

    channels = range(block.shape[1])
    return np.stack([mix_block(block[:, place : place + 1]) for place in channels], axis=1)
