"""CAF packets: the table of packets of a CAF file in a coding such as ALAC or AAC."""

from __future__ import annotations

from array import array
from functools import partial
from typing import Final

from netencoders_audio.files.chunks import fields
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed
from netencoders_audio.files.sample_entries import alac_config
from netencoders_audio.files.tracks import Track, packets_of_pairs

__all__ = ["caf_track"]

_MAX_TABLE: Final = 1 << 28


def caf_track(
    content: Content, data: range, rate: int, channels: int, cookie: bytes, table: range | None
) -> Track:
    """Return the track of ALAC in a CAF file.

    Parameters
    ----------
    content : Content
    data : range
        The bytes of the packets.
    rate, channels : int
    cookie : bytes
        The header of the decoder.
    table : range or None
        The chunk of the table.

    Raises
    ------
    AudioError
        With code ``malformed``: the table is missing or impossible.
    """
    if table is None or len(table) > _MAX_TABLE:
        raise malformed("it has no table of its packets")
    found = content.read_at(table.start, len(table))
    count, valid, priming, rest = fields(">qqii", found)
    if min(count, valid, priming, rest) < 0 or count > len(found) - 24:
        raise malformed(f"its table of {len(found)} bytes claims {count} packets")
    packets = array("q")
    place, size, done = data.start, 0, 0
    cut = None
    for byte in memoryview(found)[24:]:
        size = size << 7 | byte & 127
        if byte & 128:
            continue
        if done == count:
            break
        if place + size > data.stop:
            cut = f"has {done} of the {count} packets that its table states"
            break
        packets.extend((place, size))
        place, size, done = place + size, 0, done + 1
    if cut is None and done < count:
        raise malformed(f"its table has {done} of the {count} packets that it claims")
    return Track(
        "CAF",
        "ALAC",
        content,
        partial(packets_of_pairs, content, packets),
        rate=rate,
        channels=channels,
        config=alac_config(cookie),
        scale=0,
        skip=priming,
        length=valid if cut is None else None,
        complete=False,  # ffmpeg writes the number of whole packets
        cut=cut,
    )
