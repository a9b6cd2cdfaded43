"""Ogg Speex: the packets of a stream of Speex, and its length by the pages."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from functools import partial
from typing import Final

from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import malformed
from netencoders_audio.files.tracks import Track, packets_of_pairs

__all__ = ["speex_track"]

_PAGE: Final = struct.Struct("<4sBBqIIIB")
_HEADER: Final = 80
_RATES: Final = range(6000, 48001)  # those that its coder takes


def speex_track(content: Content, pages: Sequence[range], head: bytes) -> Track:
    """Return the track of a stream whose pages were checked.

    Parameters
    ----------
    content : Content
    pages : sequence of range
        The pages of the stream.
    head : bytes
        Its first packet.

    Raises
    ------
    AudioError
        With code ``malformed``: its header is incomplete or impossible.
    """
    if len(head) < _HEADER:
        raise malformed("its header of Speex is incomplete")
    rate, _mode, _version, channels, _bits, size, _vbr, count, extra = struct.unpack_from(
        "<9i", head, 36
    )
    if not (rate in _RATES and channels in (1, 2) and 0 < size <= 640 and 0 <= count <= 10):
        raise malformed("the numbers in its header of Speex are impossible")
    samples = size * max(1, count)
    whole = Pieces(content, list(pages))
    packets, granules, firsts = _packets(whole)
    headers = 2 + max(0, min(extra, 100))
    del packets[: 2 * headers]
    # The number of the first page states the samples before the first one: the delay of the coder.
    first = next((index for index, granule in enumerate(granules) if granule > 0), None)
    skip, length = 0, None
    if first is not None:
        skip = max(0, (firsts[first] - headers) * samples - granules[first])
        length = max(granules)
        if skip >= samples * 4 or length > len(packets) // 2 * samples - skip:
            skip, length = 0, None
    return Track(
        "OGG",
        "SPEEX",
        content,
        partial(packets_of_pairs, whole, packets),
        rate=rate,
        channels=channels,
        config=head[:_HEADER],
        scale=rate,
        skip=skip,
        length=length,
        complete=False,
    )


def _packets(pages: Content) -> tuple[array[int], list[int], list[int]]:
    """Return places and sizes of the packets, and for each page its time and the packets so far.

    A packet that goes on in another page is rare in Speex, and is refused.
    """
    packets, granules, counts, place = array("q"), [], [], 0
    while place < pages.size:
        head = pages.read_at(place, _PAGE.size)
        *_, granule, _serial, _number, _check, segments = _PAGE.unpack(head)
        table = pages.read_at(place + _PAGE.size, segments)
        place += _PAGE.size + segments
        size = 0
        for segment in table:
            size += segment
            if segment < 255:
                packets.extend((place, size))
                place, size = place + size, 0
        if size:
            raise malformed(f"a packet of Speex at byte {place} goes on in another page")
        granules.append(granule)
        counts.append(len(packets) // 2)
    return packets, granules, counts
