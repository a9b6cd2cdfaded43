"""Matroska: finds the tracks of sound of Matroska and WebM files, and their packets (RFC 9559).

All blocks are walked before decoding. So damage between them is found, and a truncated file, which
decoders take for a shorter one. The module is long because it holds the numbers of the elements.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.ebml import element, elements, number, vint
from netencoders_audio.files.findings import Findings, ended_before, malformed, unsupported
from netencoders_audio.files.sample_entries import alac_config
from netencoders_audio.files.tracks import Track, Window, packets_of_pairs
from netencoders_audio.files.wavpack import with_headers

__all__ = ["read_matroska"]

_HEADER: Final = 0x1A45DFA3
_SEGMENT, _CLUSTER, _GROUP = 0x18538067, 0x1F43B675, 0xA0
_INFO, _TRACKS = 0x1549A966, 0x1654AE6B
_TIME, _SIMPLE, _BLOCK, _DISCARD = 0xE7, 0xA3, 0xA1, 0x75A2
# Other elements at these levels: the index, tags, pictures, chapters, and the rest of a block.
_OTHERS: Final = frozenset(
    {
        0x114D9B74, 0x1C53BB6B, 0x1254C367, 0x1941A469, 0x1043A770, 0xEC, 0xBF, 0xA7, 0xAB, 0x5854,
        0xAF, 0x9B, 0xFB, 0xFA, 0xA4, 0xA2, 0xFD, 0x8E, 0x75A1, 0xC8, 0x1B538667,
    }
)  # fmt: skip
_MAX_HEADER: Final = 1 << 26
_SMALL: Final = 1 << 12
_NANO: Final = 10**9
_OPUS_RATE: Final = 48000
_SOUND: Final = 2
_CODINGS: Final[Mapping[str, str]] = {
    "A_OPUS": "OPUS", "A_VORBIS": "VORBIS", "A_FLAC": "FLAC", "A_ALAC": "ALAC",
    "A_MPEG/L3": "MPEG_LAYER_III", "A_MPEG/L2": "MP2", "A_MPEG/L1": "MPEG_LAYER_I",
    "A_AC3": "AC3", "A_EAC3": "EAC3", "A_DTS": "DTS", "A_TRUEHD": "TRUEHD",
    "A_WAVPACK4": "WAVPACK", "A_TTA1": "TTA",
}  # fmt: skip
_FLOATS: Final = {32: "FLOAT", 64: "DOUBLE"}
# The smallest gap that is a cut, in seconds: a packet of Opus has at most 0.12.
_GAP: Final = 0.15


@dataclass
class _Entry:
    """One track of sound: the fields of its header, and the packets that the walk finds."""

    coding: str = ""
    rate: float = 8000.0
    channels: int = 1
    config: bytes = b""
    delay: int = 0
    title: list[str] = field(default_factory=list)
    bits: int = 0
    stripped: bytes = b""
    packed: bool = False
    spans: array[int] = field(default_factory=lambda: array("q"))
    discard: int = 0


@dataclass
class _Walk:
    """The state of the walk over the elements."""

    content: Content
    sounds: dict[int, _Entry] = field(default_factory=dict)
    current: _Entry | None = None
    others: int = 0
    scale: int = 1_000_000
    duration: float = 0.0
    cluster: int = 0
    last: int = 0
    step: int = 0
    block: int = 0
    begun: bool = False
    discard: int = 0


def read_matroska(content: Content) -> Findings:
    """Return the findings of a Matroska or WebM file.

    Raises
    ------
    AudioError
        With code ``malformed``: other bytes are between its elements; ``unsupported-coding``: it
        has no track of sound.
    """
    walk = _Walk(content)
    cut = _walked(walk)
    if not walk.sounds:
        if cut is not None:
            raise ended_before(cut)
        raise unsupported(
            "that of a Matroska file without a track of sound", "give a file that contains audio"
        )
    return Findings(
        (content,),
        tracks=tuple(_track(walk, entry, cut) for entry in walk.sounds.values()),
    )


def _walked(walk: _Walk) -> str | None:
    """Walk over all elements; return a description of a premature end."""
    content, place, window = walk.content, 0, Window(walk.content, _SMALL)
    end = content.size
    claimed: int | None = None
    while place < end:
        data = window.at(place, 12)
        found = element(data, place)
        if found is None:
            if len(data) < 12:
                return f"ends at byte {end}, inside an element"
            raise malformed(f"no element begins at byte {place}")
        kind, start, size = found
        if kind == _SEGMENT and claimed is None:
            if size is not None:
                claimed = start + size
                end = min(end, claimed)
            place = start
            continue
        if kind in (_CLUSTER, _GROUP):
            walk.begun, walk.discard = False, 0
            place = start
            continue
        if kind not in _OTHERS and kind not in _READ and place:
            raise malformed(f"an unknown element, 0x{kind:X}, begins at byte {place}")
        if size is None:
            raise malformed(f"the element at byte {place} has no size")
        if start + size > content.size:
            return f"ends at byte {content.size}, inside an element of {size} bytes"
        if kind in _READ:
            _READ[kind](walk, start, size, window)
        place = start + size
    if claimed is not None and claimed > content.size:
        return f"has {content.size} of the {claimed} bytes that its header claims"
    return _early(walk)


def _early(walk: _Walk) -> str | None:
    """Return a description of the end if the last block is long before the stated duration."""
    stated = walk.duration * walk.scale / _NANO
    last = walk.last * walk.scale / _NANO
    longest = walk.step * walk.scale / _NANO
    if stated and last + max(_GAP, 2 * longest) + 2 * (walk.others > 0) < stated:
        return f"ends at {last:.3f} s of the {stated:.3f} s that its header states"
    return None


def _read_info(walk: _Walk, start: int, size: int, window: Window) -> None:
    for kind, data in elements(_header(walk, start, size)):
        if kind == 0x2AD7B1:
            walk.scale = int.from_bytes(data) or walk.scale
        elif kind == 0x4489:
            walk.duration = number(data)


def _read_tracks(walk: _Walk, start: int, size: int, window: Window) -> None:
    if walk.sounds or walk.others:
        return  # a copy
    for kind, data in elements(_header(walk, start, size)):
        if kind == 0xAE:
            _read_entry(walk, data)


def _header(walk: _Walk, start: int, size: int) -> bytes:
    if size > _MAX_HEADER:
        raise malformed(f"an element of its header has {size} bytes")
    return walk.content.read_at(start, size)


def _read_entry(walk: _Walk, data: bytes) -> None:
    fields = dict(elements(data))
    if int.from_bytes(fields.get(0x83, b"")) != _SOUND:
        walk.others += 1
        return
    audio = dict(elements(fields.get(0xE1, b"")))
    entry = _Entry(config=fields.get(0x63A2, b""))
    entry.rate = number(audio.get(0x78B5, b"")) or number(audio.get(0xB5, b"")) or 8000.0
    entry.channels = int.from_bytes(audio.get(0x9F, b"\x01"))
    entry.bits = int.from_bytes(audio.get(0x6264, b""))
    entry.delay = int.from_bytes(fields.get(0x56AA, b""))
    language = fields.get(0x22B59C, b"").decode("latin-1")
    name = fields.get(0x536E, b"").decode("utf-8", "replace")
    entry.title = [part for part in (language, name) if part and part != "und"]
    _set_coding(entry, fields.get(0x86, b"").decode("latin-1").rstrip("\0"))
    _set_packing(entry, fields.get(0x6D80, b""))
    walk.sounds[int.from_bytes(fields.get(0xD7, b""))] = entry


def _set_coding(entry: _Entry, codec: str) -> None:
    entry.coding = _CODINGS.get(codec, f"the coding {codec!r}")
    if codec == "A_AAC" or codec.startswith("A_AAC/"):
        entry.coding = "AAC"
    elif codec.startswith("A_PCM/INT"):
        entry.coding = f"PCM_{'U' if entry.bits == 8 else ''}{entry.bits}"
        entry.coding += "_BE" if codec.endswith("BIG") and entry.bits > 8 else ""
    elif codec == "A_PCM/FLOAT/IEEE":
        entry.coding = _FLOATS.get(entry.bits, f"floats of {entry.bits} bits")
    elif codec == "A_ALAC":
        entry.config = alac_config(entry.config)


def _set_packing(entry: _Entry, encodings: bytes) -> None:
    """Read how the packets are packed: without their first bytes, which are equal."""
    for kind, data in elements(encodings):
        if kind != 0x6240:
            continue
        fields = dict(elements(data))
        packing = dict(elements(fields.get(0x5034, b"")))
        if 0x5035 in fields or int.from_bytes(packing.get(0x4254, b"")) != 3:
            entry.packed = True
        entry.stripped += packing.get(0x4255, b"")


def _read_time(walk: _Walk, start: int, size: int, window: Window) -> None:
    walk.cluster = int.from_bytes(window.at(start, min(size, 8)))


def _read_block(walk: _Walk, start: int, size: int, window: Window) -> None:
    """Add the packets of a block."""
    head = window.at(start, min(size, 16))
    track, at = vint(head, 0)
    if at + 3 > len(head) or track is None:
        raise malformed(f"the block at byte {start} is incomplete")
    entry = walk.current = walk.sounds.get(track)
    discard, walk.discard, walk.begun = walk.discard, 0, True
    time = walk.cluster + int.from_bytes(head[at : at + 2], signed=True)
    if entry is not None:
        if entry.spans:
            walk.step = max(walk.step, time - walk.block)
        walk.block = time
        entry.discard = discard
        lacing = head[at + 2] >> 1 & 3
        if not lacing:
            entry.spans.extend((start + at + 3, size - at - 3))
        else:
            data = window.at(start, min(size, _SMALL))
            for place, length in _laced(data, at + 3, size, lacing, start):
                entry.spans.extend((start + place, length))
    walk.last = max(walk.last, time)


def _laced(data: bytes, at: int, size: int, lacing: int, start: int) -> Iterator[tuple[int, int]]:
    """Yield place and size of each packet of a block with several packets."""
    if at >= len(data):
        raise malformed(f"the block at byte {start} is incomplete")
    count, at = data[at] + 1, at + 1
    sizes: list[int] = []
    if lacing == 2:  # of equal sizes
        sizes = [(size - at) // count] * (count - 1)
    elif lacing == 1:  # as in Ogg
        for _ in range(count - 1):
            length = 0
            while at < len(data) and data[at] == 255:
                length, at = length + 255, at + 1
            if at >= len(data):
                raise malformed(f"the block at byte {start} is incomplete")
            sizes.append(length + data[at])
            at += 1
    else:  # differences
        for index in range(count - 1):
            before = at
            value, at = vint(data, at)
            middle = (1 << 7 * (at - before) - 1) - 1 if index else 0
            sizes.append((value or 0) - middle + (sizes[-1] if sizes else 0))
    sizes.append(size - at - sum(sizes))
    if min(sizes) < 0:
        raise malformed(f"the sizes in the block at byte {start} contradict each other")
    for length in sizes:
        yield at, length
        at += length


def _read_discard(walk: _Walk, start: int, size: int, window: Window) -> None:
    """Note the padding of a block, in nanoseconds. GStreamer writes it in front of the block."""
    value = max(0, int.from_bytes(window.at(start, min(size, 8)), signed=True))
    if not walk.begun:
        walk.discard = value
    elif walk.current is not None:
        walk.current.discard = value


_READ: Final = {
    _INFO: _read_info,
    _TRACKS: _read_tracks,
    _TIME: _read_time,
    _SIMPLE: _read_block,
    _BLOCK: _read_block,
    _DISCARD: _read_discard,
}


def _track(walk: _Walk, entry: _Entry, cut: str | None) -> Track:
    """Return the track of an entry."""
    coding, content = entry.coding, walk.content
    if entry.packed:
        coding = f"{coding} in packed or encrypted packets"
    scale, skip, drop = _NANO, entry.delay, entry.discard
    rate = round(entry.rate) if 1 <= entry.rate < 1 << 31 else 0
    if coding == "OPUS" and len(entry.config) >= 12:
        # The delay in nanoseconds, as ffmpeg writes it, refers to the rate of the source.
        skip = int.from_bytes(entry.config[10:12], "little")
        scale, drop = _OPUS_RATE, math.floor(drop * _OPUS_RATE / _NANO + 0.5)
        rate = _OPUS_RATE
    wavpack = int.from_bytes(entry.config[:2], "little") if coding == "WAVPACK" else None
    return Track(
        "MATROSKA",
        coding,
        content,
        partial(_packets, content, entry.spans, entry.stripped, wavpack),
        rate=rate,
        channels=entry.channels,
        config=entry.config,
        scale=scale,
        skip=skip,
        drop=0 if cut is not None else drop,
        cut=cut,
        title=", ".join(entry.title),
    )


def _packets(
    content: Content, spans: array[int], stripped: bytes, wavpack: int | None
) -> Iterator[bytes]:
    """Yield the packets; those of WavPack get the headers that Matroska leaves out."""
    for packet in packets_of_pairs(content, spans):
        whole = stripped + packet if stripped else packet
        yield whole if wavpack is None else with_headers(whole, wavpack)
