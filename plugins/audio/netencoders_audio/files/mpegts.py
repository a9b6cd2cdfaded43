"""MPEG-TS: finds the streams of sound of MPEG transport streams, and their frames (ISO 13818-1).

A transport stream consists of packets of 188 bytes, which carry parts of several streams. All are
walked before decoding: a packet of sound that is missing, or another byte, is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed, unsupported
from netencoders_audio.files.framed_streams import FRAMED, framed_track
from netencoders_audio.files.mpegts_tables import Described, programs, streams
from netencoders_audio.files.scattered import Scattered
from netencoders_audio.files.tracks import Track

__all__ = ["read_mpegts"]

_PACKET: Final = 188
_SYNC: Final = 0x47
_TOGETHER: Final = 1 << 12
_TABLE: Final = 0
_BEGINS: Final = 0x40


class _Packet(NamedTuple):
    """A packet: its position, its stream, and its bytes."""

    place: int
    stream: int
    data: bytes


@dataclass
class _Stream:
    """A stream of sound during the walk.

    Attributes
    ----------
    left : int or None
        The bytes that the current part of the stream still needs; None if it does not state them.
    before : int
        The bytes before its first part: the recording began inside of a part.
    """

    described: Described
    sound: Scattered
    counter: int | None = None
    last: bytes = b""
    left: int | None = 0
    begun: bool = False
    before: int = 0


def read_mpegts(content: Content) -> Findings:
    """Return the findings of an MPEG transport stream.

    Raises
    ------
    AudioError
        With code ``malformed``: bytes or packets are missing; ``unsupported-coding``: it has no
        stream of sound, or is encrypted.
    """
    sections = _first_tables(content)
    found = {row.number: row for section in sections.values() for row in streams(section)}
    if not found:
        raise unsupported(
            "that of a transport stream without a stream of sound", "give a file that has audio"
        )
    walked = {row.number: _Stream(row, Scattered(content)) for row in found.values()}
    later = _Sections()
    for packet in _packets(content, walked.keys() | sections.keys()):
        if packet.stream in walked:
            _add(walked[packet.stream], packet)
        elif (section := later.add(packet)) not in (None, sections[packet.stream]):
            _compare(section, found, packet.place)
    cut = None
    if rest := content.size % _width(content)[0]:
        cut = f"ends at byte {content.size}, {rest} bytes inside a packet"
    return Findings((content,), tracks=tuple(_track(stream, cut) for stream in walked.values()))


def _compare(section: bytes, found: Mapping[int, Described], place: int) -> None:
    """Refuse a later table with other streams: their sound would be missing."""
    if any(found.get(row.number) != row for row in streams(section)):
        raise unsupported(
            f"that of a transport stream whose streams of sound change at byte {place}"
        )


def _track(stream: _Stream, cut: str | None) -> Track:
    row = stream.described
    if row.coding not in FRAMED:
        return Track("MPEGTS", row.coding, stream.sound, title=row.title)
    if stream.left:
        cut = cut or f"ends {stream.left} bytes before the end of its last part"
    return framed_track("MPEGTS", row.coding, stream.sound, row.title, cut, stream.before)


def _width(content: Content) -> tuple[int, int]:
    """Return the distance of the packets, and the bytes before the first one (M2TS: 192 and 4)."""
    head = content.read_at(0, 2 * _PACKET)
    plain = head[:1] == b"G" and head[_PACKET : _PACKET + 1] in (b"G", b"")
    return (_PACKET, 0) if plain else (_PACKET + 4, 4)


def _packets(content: Content, wanted: Set[int]) -> Iterator[_Packet]:
    """Yield the packets of some streams.

    Raises
    ------
    AudioError
        With code ``malformed``: a packet does not begin at its place.
    """
    width, before = _width(content)
    numbers = np.array(sorted(wanted))
    place = 0
    while data := content.read_at(place, width * _TOGETHER):
        rows = np.frombuffer(data, np.uint8, len(data) // width * width).reshape(-1, width)
        rows = rows[:, before:]
        if (wrong := np.flatnonzero(rows[:, 0] != _SYNC)).size:
            raise malformed(f"no packet begins at byte {place + int(wrong[0]) * width + before}")
        stream = (rows[:, 1].astype(np.int64) & 0x1F) << 8 | rows[:, 2]
        for index in np.flatnonzero(np.isin(stream, numbers)).tolist():
            at = place + index * width + before
            if rows[index, 1] & 0x80:
                raise malformed(f"the packet at byte {at} was received with errors")
            yield _Packet(at, int(stream[index]), rows[index].tobytes())
        if len(data) < width * _TOGETHER:
            return
        place += len(data)


def _first_tables(content: Content) -> dict[int, bytes]:
    """Return the first table of each programme, by the number of its stream."""
    sections = _Sections()
    tables = (sections.add(packet) for packet in _packets(content, {_TABLE}))
    table = next((section for section in tables if section), None)
    if table is None:
        raise malformed("it has no table of its programmes")
    waiting = set(programs(table))
    found: dict[int, bytes] = {}
    for packet in _packets(content, waiting):
        if packet.stream in waiting and (section := sections.add(packet)) is not None:
            found[packet.stream] = section
            waiting.discard(packet.stream)
            if not waiting:
                break
    return found


class _Sections:
    """Joins the tables in some streams, which may consist of several packets."""

    def __init__(self) -> None:
        self._parts: dict[int, bytearray] = {}

    def add(self, packet: _Packet) -> bytes | None:
        """Return the table that a packet completes; None otherwise."""
        body = packet.data[_start(packet) :]
        if packet.data[1] & _BEGINS and body:
            self._parts[packet.stream] = bytearray(body[1 + body[0] :])
        elif packet.stream in self._parts:
            self._parts[packet.stream] += body
        table = self._parts.get(packet.stream, b"")
        size = 3 + ((table[1] & 15) << 8 | table[2]) if len(table) >= 3 else 3
        if not table or len(table) < size:
            return None
        del self._parts[packet.stream]
        return bytes(table[:size])


def _start(packet: _Packet) -> int:
    """Return the position of the content of a packet; that of its end if it has none."""
    form = packet.data[3] >> 4 & 3
    if not form & 1:
        return _PACKET
    start = 5 + packet.data[4] if form & 2 else 4
    if start > _PACKET:
        raise malformed(f"the packet at byte {packet.place} is impossible")
    return start


def _add(stream: _Stream, packet: _Packet) -> None:
    """Add the content of a packet to its stream."""
    data, place = packet.data, packet.place
    start = _start(packet)
    if start == _PACKET:
        return
    if data[3] & 0xC0:
        raise unsupported(f"{stream.described.coding} that is encrypted")
    counter = data[3] & 15
    splice = data[3] & 0x20 and data[4] and data[5] & 0x80
    if stream.counter is not None and not splice and counter != (stream.counter + 1) & 15:
        if counter == stream.counter and data[start:] == stream.last:
            return  # a copy, which the standard allows
        raise malformed(f"packets of sound are missing before byte {place}")
    stream.counter, stream.last = counter, data[start:]
    if data[1] & _BEGINS:
        if stream.left:
            raise malformed(f"{stream.left} bytes of sound are missing before byte {place}")
        start = _part(stream, data, start, place)
    elif not stream.begun:
        stream.before += _PACKET - start
        return
    size = _PACKET - start
    if stream.left is not None:
        if size > stream.left:
            raise malformed(f"the packet at byte {place} has more bytes than its part states")
        stream.left -= size
    stream.sound.add(place + start, size)


def _part(stream: _Stream, data: bytes, start: int, place: int) -> int:
    """Read the header of a part of a stream; return the position behind it."""
    head = data[start:]
    if len(head) < 9 or head[:3] != b"\0\0\1" or head[6] & 0xC0 != 0x80:
        raise malformed(f"the part of a stream at byte {place} has no header")
    if head[6] & 0x30:
        raise unsupported(f"{stream.described.coding} that is encrypted")
    size = 9 + head[8]
    if size > len(head):
        raise malformed(f"the header of the part at byte {place} is longer than its packet")
    stated = int.from_bytes(head[4:6])
    stream.left = 6 + stated - size if stated else None
    if stream.left is not None and stream.left < 0:
        raise malformed(f"the part at byte {place} is shorter than its header")
    stream.begun = True
    return start + size
