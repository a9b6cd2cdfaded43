"""Wave packets: the packets of WAV files in codings of speech, G.722 and GSM 6.10."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed
from netencoders_audio.files.tracks import Span, Track, packets_of
from netencoders_audio.files.uncompressed import Extent
from netencoders_audio.files.wave_format import WaveFormat

__all__ = ["TRACKS", "wave_findings"]


class _Blocks(NamedTuple):
    """A coding of blocks of one size.

    Attributes
    ----------
    coding : str
    size, samples : int
        The bytes and the samples of a block.
    together : int
        The number of blocks in a packet for the decoder.
    """

    coding: str
    size: int
    samples: int
    together: int


TRACKS: Final = {
    0x31: _Blocks("GSM", 65, 320, 1),
    0x65: _Blocks("G722", 1, 2, 4096),
    0x28F: _Blocks("G722", 1, 2, 4096),
}
"""The codings by their format tags."""


def wave_findings(content: Content, found: Extent, form: WaveFormat, fact: int) -> Findings:
    """Return the findings of the sound of a WAV file in one of these codings.

    Parameters
    ----------
    content, found, form : Content, Extent and WaveFormat
    fact : int
        The number of frames in the fact chunk, or 0.
    """
    blocks = TRACKS[form.tag]
    if form.channels != 1:
        raise malformed(f"{blocks.coding} has 1 channel. Got {form.channels}")
    if blocks.coding == "GSM" and form.align != blocks.size:
        raise malformed(f"blocks of GSM 6.10 have {blocks.size} bytes. Got {form.align}")
    count = len(found.data) // blocks.size
    claimed = count if found.claimed is None else found.claimed // blocks.size
    cut = None
    if claimed > count:
        cut = (
            f"has {count * blocks.samples} of the {claimed * blocks.samples} frames that its "
            "header claims"
        )
    length = count * blocks.samples
    if length - blocks.samples < fact < length:
        length = fact
    track = Track(
        "WAV",
        blocks.coding,
        content,
        partial(_packets, content, found.data.start, count, blocks),
        rate=form.rate,
        channels=1,
        settings=(("block_align", blocks.size * (blocks.coding == "GSM")),),
        scale=0,
        length=length,
        cut=cut,
    )
    return Findings((content,), tracks=(track,))


def _packets(content: Content, start: int, count: int, blocks: _Blocks) -> Iterator[bytes]:
    def spans() -> Iterator[Span]:
        for first in range(0, count, blocks.together):
            size = min(blocks.together, count - first) * blocks.size
            yield start + first * blocks.size, size

    return packets_of(content, spans())
