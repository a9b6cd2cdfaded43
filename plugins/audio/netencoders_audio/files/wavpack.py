"""WavPack: walks over the blocks of WavPack files, version 4 and 5."""

from __future__ import annotations

import struct
from array import array
from functools import partial
from typing import Final

from netencoders_audio.files.chunks import fields
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.tags import unknown_bytes
from netencoders_audio.files.tracks import MAX_PACKET, Track, Window, packets_of_pairs

__all__ = ["read_wavpack", "with_headers"]

_HEADER: Final = struct.Struct("<4sIHBBIIII4x")
_FIRST, _LAST, _DSD = 0x800, 0x1000, 0x8000_0000
_UNKNOWN: Final = 0xFFFF_FFFF
_SHORTEST: Final = 24  # the bytes of a header that a block's size counts
# The kinds of the parts of a block, whose sizes are words of two bytes.
_SAMPLES, _CORRECTIONS, _KIND, _LARGE = 0x0A, 0x0B, 0x3F, 0x80
_VERSIONS: Final = range(0x402, 0x411)
_MAX_SAMPLES: Final = 1 << 21


def read_wavpack(content: Content) -> Findings:
    """Return the findings of a WavPack file.

    Raises
    ------
    AudioError
        With code ``malformed``: other bytes are between its blocks, or a block is missing;
        ``unsupported-coding``: it has samples of one bit, or another version.
    """
    window, place, begin = Window(content, _HEADER.size), 0, 0
    claimed: int | None = None
    present, cut, packets = 0, None, array("q")
    while place < content.size:
        head = window.at(place, _HEADER.size)
        if len(head) < _HEADER.size and b"wvpk".startswith(head[:4]):
            cut = f"ends at byte {content.size}, inside a block"
            break
        if head[:4] != b"wvpk":
            if unknown := unknown_bytes(content, place, content.size):
                raise malformed(f"no block begins at byte {place}, and {unknown} bytes are there")
            break
        _, size, version, index_high, total_high, total, index, samples, flags = _HEADER.unpack(
            head
        )
        if version not in _VERSIONS:
            raise unsupported(f"WavPack of version 0x{version:X}")
        if flags & _DSD:
            raise unsupported("DSD in WavPack")
        if size < _SHORTEST or size > MAX_PACKET or samples > _MAX_SAMPLES:
            raise malformed(f"the block at byte {place} claims {size} bytes and {samples} samples")
        if place + 8 + size > content.size:
            cut = f"ends at byte {content.size}, inside a block"
            break
        if samples:
            if not present and _corrects(content.read_at(place + _HEADER.size, size - _SHORTEST)):
                raise unsupported(
                    "that of a WavPack correction file (wvc)", "give the file that it corrects (wv)"
                )
            if claimed is None and not present:
                claimed = None if total == _UNKNOWN else total + (total_high << 32) - total_high
            if flags & _FIRST:
                begin = place
                if index + (index_high << 32) != present:
                    raise malformed(
                        f"the block at byte {place} has the sample {index}, not {present}"
                    )
            if flags & _LAST:
                packets.extend((begin, place + 8 + size - begin))
                present += samples
        place += 8 + size
    if cut is None and claimed is not None and present < claimed:
        cut = f"has {present} of the {claimed} frames that its header claims"
    track = Track(
        "WAVPACK",
        "WAVPACK",
        content,
        partial(packets_of_pairs, content, packets),
        scale=0,
        length=present,
        cut=cut,
    )
    return Findings((content,), tracks=(track,))


def _corrects(block: bytes) -> bool:
    """Return whether a block has corrections, and no samples of its own."""
    kinds, place = set(), 0
    while place + 2 <= len(block):
        kind, size = block[place], block[place + 1]
        place += 2
        if kind & _LARGE:
            size += int.from_bytes(block[place : place + 2], "little") << 8
            place += 2
        kinds.add(kind & _KIND)
        place += 2 * size
    return _CORRECTIONS in kinds and _SAMPLES not in kinds


def with_headers(packet: bytes, version: int) -> bytes:
    """Return a packet of Matroska, which leaves out most of the headers, as whole blocks.

    Raises
    ------
    AudioError
        With code ``malformed``: a block has more bytes than the packet.
    """
    blocks, place = [], 4
    samples = int.from_bytes(packet[:4], "little")
    while place < len(packet):
        flags, check = fields("<II", packet[place : place + 8])
        place += 8
        size = len(packet) - place
        if flags & (_FIRST | _LAST) != _FIRST | _LAST:  # of several blocks, each has its size
            (size,) = fields("<I", packet[place : place + 4])
            place += 4
        if size > len(packet) - place:
            raise malformed(f"a block of WavPack claims {size} bytes")
        head = struct.pack("<4sIHHIIIII", b"wvpk", size + _SHORTEST, version or 0x410, 0,
                           _UNKNOWN, 0, samples, flags, check)  # fmt: skip
        blocks.append(head + packet[place : place + size])
        place += size
    return b"".join(blocks)
