"""APE: the header and the table of frames of Monkey's Audio files, since version 3.98."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from functools import partial
from typing import Final

from netencoders_audio.files.chunks import fields, require
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, ended_before, malformed, unsupported
from netencoders_audio.files.tracks import MAX_PACKET, Track, packets_of_pairs

__all__ = ["read_ape"]

_OLDEST: Final = 3980
_MAX_FRAMES: Final = 1 << 22
_MAX_BLOCKS: Final = 16 * 73728  # the samples of a frame, of the coder of version 4 and later


def read_ape(content: Content) -> Findings:
    """Return the findings of a Monkey's Audio file.

    Raises
    ------
    AudioError
        With code ``malformed``: its header or its table is impossible; ``unsupported-coding``: it
        is older than version 3.98, of the year 2000.
    """
    (version,) = fields("<4xH", content.read_at(0, 6))
    if version < _OLDEST:
        raise unsupported(f"Monkey's Audio of version {version / 1000:.2f}")
    about, head, table, wave, low, high = fields("<8xIIIIII", content.read_at(0, 32))
    kind, flags, block, last, count, bits, channels, rate = fields(
        "<HHIIIHHI", content.read_at(about, 24)
    )
    require("number of channels", channels, 33)
    require("sample rate", rate, 1 << 31)
    require("number of samples of a frame", block, _MAX_BLOCKS + 1)
    require("number of samples of the last frame", last, block + 1)
    require("number of frames", count, _MAX_FRAMES)
    if table < 4 * count:
        raise malformed(f"its table of {table} bytes is too short for {count} frames")
    data = content.read_at(about + head, 4 * count)
    if len(data) < 4 * count:
        raise ended_before(f"ends at byte {content.size}, inside its table")
    places = list(struct.unpack(f"<{count}I", data))
    first = about + head + table + wave
    end = first + (high << 32 | low)
    if places[0] != first:
        raise malformed(f"its first frame is at byte {places[0]}, not {first}")
    packets = array("q")
    cut = None
    for index, place in enumerate(places):
        stop = places[index + 1] if index + 1 < count else end
        if not place < stop <= place + MAX_PACKET:
            raise malformed(f"the frame at byte {place} ends at byte {stop}")
        if stop > content.size:
            cut = f"has {index * block} of the {(count - 1) * block + last} frames that it claims"
            break
        packets.extend((place, stop - place))
    total = (count - 1) * block + last if cut is None else len(packets) // 2 * block
    track = Track(
        "APE",
        "APE",
        content,
        partial(_packets, content, packets, first, block, total),
        rate=rate,
        channels=channels,
        config=struct.pack("<HHH", version, kind, flags),
        settings=(("bits", bits),),
        scale=0,
        length=total,
        cut=cut,
    )
    return Findings((content,), tracks=(track,))


def _packets(
    content: Content, packets: array[int], first: int, block: int, total: int
) -> Iterator[bytes]:
    """Yield the frames as the decoder takes them: in words of four bytes from the first one on."""
    aligned = array("q")
    skips = []
    for place, size in zip(packets[0::2], packets[1::2], strict=True):
        skip = (place - first) & 3
        aligned.extend((place - skip, min((size + skip + 3) & ~3, content.size - place + skip)))
        skips.append(skip)
    left = total
    for skip, data in zip(skips, packets_of_pairs(content, aligned), strict=True):
        yield struct.pack("<II", min(block, left), skip) + data + bytes(-len(data) % 4)
        left -= block
