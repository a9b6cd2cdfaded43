"""ASF: finds the streams of sound of Windows Media files, and their packets.

The data of a file consists of packets of one size. A packet contains parts of the objects of all
streams; a whole object is one packet for the decoder.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from netencoders_audio.files.chunks import fields
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, ended_before, malformed, unsupported
from netencoders_audio.files.tracks import MAX_PACKET, Track

__all__ = ["read_asf"]


def _guid(text: str) -> bytes:
    one, two, three, four, five = text.split("-")
    little = struct.pack("<IHH", int(one, 16), int(two, 16), int(three, 16))
    return little + bytes.fromhex(four + five)


_HEADER: Final = _guid("75B22630-668E-11CF-A6D9-00AA0062CE6C")
_FILE: Final = _guid("8CABDCA1-A947-11CF-8EE4-00C00C205365")
_STREAM: Final = _guid("B7DC0791-A9B7-11CF-8EE6-00C00C205365")
_DATA: Final = _guid("75B22636-668E-11CF-A6D9-00AA0062CE6C")
_SOUND: Final = _guid("F8699E40-5B4D-11CF-A8FD-00805F5C442B")
_SPREAD: Final = _guid("BFC3CD50-618F-11CF-8BB2-00AA00B4E220")
_BROADCAST: Final = 1
_MAX_HEADER: Final = 1 << 24
_MAX_PACKET_SIZE: Final = 1 << 20
_CODINGS: Final[Mapping[int, str]] = {
    0x160: "WMAV1", 0x161: "WMAV2", 0x162: "WMAPRO", 0x163: "WMALOSSLESS", 0x0A: "WMAVOICE",
    0x55: "MPEG_LAYER_III", 0x50: "MP2",
}  # fmt: skip


@dataclass
class _Form:
    """The fields of the header of a file."""

    packets: int = 0
    size: int = 0
    flags: int = 0
    streams: dict[int, Track] = field(default_factory=dict)
    spread: dict[int, tuple[int, int, int]] = field(default_factory=dict)


def read_asf(content: Content) -> Findings:
    """Return the findings of a Windows Media file.

    Raises
    ------
    AudioError
        With code ``malformed``: its header is impossible; ``unsupported-coding``: it has no stream
        of sound, or is encrypted.
    """
    (size,) = fields("<16xQ", content.read_at(0, 24))
    if size > min(_MAX_HEADER, content.size):
        if size <= _MAX_HEADER:
            raise ended_before(f"ends at byte {content.size}, inside its header")
        raise malformed(f"its header claims {size} bytes")
    header = content.read_at(0, size)
    form = _Form()
    for kind, body in _objects(header[30:]):
        if kind == _FILE:
            form.packets, form.flags, form.size = fields("<32xQ24xII", body[:76])
        elif kind == _STREAM:
            _add_stream(form, content, body)
    if not form.streams:
        raise unsupported(
            "that of a Windows Media file without a stream of sound",
            "give a file that contains audio",
        )
    if not 32 <= form.size <= _MAX_PACKET_SIZE:
        raise malformed(f"its header claims packets of {form.size} bytes")
    start = size
    guid = content.read_at(start, 50)
    if guid[:16] != _DATA:
        raise malformed(f"its data must begin at byte {start}")
    if len(guid) < 50:
        raise ended_before(f"ends at byte {content.size}, inside its header")
    begin = start + 50
    stated, total = struct.unpack("<16xQ16xQ2x", guid)
    whole = (content.size - begin) // form.size
    count, cut = whole, None
    if not form.flags & _BROADCAST:
        claimed = total or form.packets
        count = min(whole, claimed)
        if whole < claimed:
            cut = f"has {whole} of the {claimed} packets that its header claims"
    elif (content.size - begin) % form.size and not 0 < stated < content.size - start:
        cut = f"ends at byte {content.size}, inside a packet"
    tracks = []
    for number, track in form.streams.items():
        packets = partial(
            _packets, content, begin, form.size, count, number, form.spread.get(number), cut is None
        )
        tracks.append(_replaced(track, packets, cut))
    return Findings((content,), tracks=tuple(tracks))


def _replaced(track: Track, packets: partial[Iterator[bytes]], cut: str | None) -> Track:
    return Track(
        track.container,
        track.coding,
        track.content,
        packets,
        rate=track.rate,
        channels=track.channels,
        config=track.config,
        settings=track.settings,
        cut=cut,
    )


def _objects(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield identifier and content of the objects of the header."""
    place = 0
    while place + 24 <= len(data):
        (size,) = struct.unpack_from("<Q", data, place + 16)
        if not 24 <= size <= len(data) - place:
            raise malformed("an object of its header has an impossible size")
        yield data[place : place + 16], data[place + 24 : place + size]
        place += size


def _add_stream(form: _Form, content: Content, body: bytes) -> None:
    if len(body) < 54 or body[:16] != _SOUND:
        return
    own, extra, flags = struct.unpack_from("<IIH", body, 40)
    wave = body[54 : 54 + own]
    tag, channels, rate, byte_rate, align, bits = fields("<HHIIHH", wave)
    number = flags & 127
    coding = _CODINGS.get(tag, f"the WAV format 0x{tag:X}")
    if flags & 0x8000:
        coding = f"{coding} that is encrypted"
    length = int.from_bytes(wave[16:18], "little") if len(wave) >= 18 else 0
    settings = (("block_align", align), ("bit_rate", byte_rate * 8), ("bits", bits))
    form.streams[number] = Track(
        "ASF",
        coding,
        content,
        rate=rate,
        channels=channels,
        config=wave[18 : 18 + length],
        settings=settings,
    )
    if body[16:32] == _SPREAD and extra >= 8:
        span, packet, chunk = fields("<BHH", body[54 + own :])
        if span > 1:
            if not chunk or packet % chunk or packet // chunk <= 1:
                raise malformed("the fields of its scrambling contradict each other")
            form.spread[number] = (span, packet, chunk)


def _packets(
    content: Content,
    begin: int,
    size: int,
    count: int,
    stream: int,
    spread: tuple[int, int, int] | None,
    whole: bool,
) -> Iterator[bytes]:
    """Yield the objects of a stream; the last one of a truncated file may be incomplete."""
    parts = bytearray()
    current, total = -1, 0
    for index in range(count):
        packet = content.read_at(begin + index * size, size)
        if len(packet) < size:
            raise malformed(f"packet {index} ends before its {size} bytes")
        for number, offset, size_of_all, data in _payloads(packet, stream, index):
            if offset == 0:
                if parts:
                    raise malformed(f"an object before packet {index} is incomplete")
                if current not in (-1, number) and (number - current) & 255 != 1:
                    raise malformed(f"an object is missing before packet {index}")
                current, total = number, size_of_all
                if not 0 < total <= MAX_PACKET:
                    raise malformed(f"an object in packet {index} has {total} bytes")
            if number != current or offset != len(parts) or size_of_all != total:
                raise malformed(f"a part of an object is missing before packet {index}")
            parts += data
            if len(parts) > total:
                raise malformed(f"an object in packet {index} has more than its {total} bytes")
            if len(parts) == total:
                yield _in_order(bytes(parts), spread)
                parts.clear()
    if parts and whole:
        raise malformed("its last object is incomplete")


def _in_order(data: bytes, spread: tuple[int, int, int] | None) -> bytes:
    """Return an object whose chunks were spread, in their order."""
    if spread is None:
        return data
    span, packet, chunk = spread
    if len(data) != span * packet:
        return data
    columns = packet // chunk
    chunks = [data[place : place + chunk] for place in range(0, len(data), chunk)]
    return b"".join(
        chunks[row + index * columns] for row in range(columns) for index in range(span)
    )


def _payloads(packet: bytes, stream: int, index: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield number, offset, size of the object, and the bytes, of each part of a stream."""
    place = 0

    def take(kind: int) -> int:
        """Return a number of 0, 1, 2 or 4 bytes."""
        nonlocal place
        width = (0, 1, 2, 4)[kind & 3]
        value = int.from_bytes(packet[place : place + width], "little")
        place += width
        if place > len(packet):
            raise malformed(f"packet {index} is incomplete")
        return value

    if packet[0] & 0x80:
        if packet[0] & 0x60:
            raise malformed(f"packet {index} has a header of an unknown form")
        place = 1 + (packet[0] & 15)
    flags, kinds = take(1), take(1)
    length = take(flags >> 5)
    take(flags >> 1)
    padding = take(flags >> 3)
    place += 6
    end = len(packet) if not length else min(length, len(packet))
    end -= padding
    several = flags & 1
    numbers = take(1) if several else 1
    for _ in range(numbers & 63):
        one = take(1)
        number = take(kinds >> 4)
        offset = take(kinds >> 2)
        extra = take(kinds)
        begin = place
        place += extra
        if extra == 1:  # small objects, of which each is whole
            place = begin + 1
            size = take(numbers >> 6) if several else end - place
            stop = place + size
            if size < 0 or stop > end:
                raise malformed(f"packet {index} claims more bytes than it has")
            while place < stop:
                part = take(1)
                data = packet[place : min(place + part, stop)]
                place += part
                if one & 127 == stream and data:
                    yield number, 0, len(data), data
                number = (number + 1) & 255
            place = stop
            continue
        whole = int.from_bytes(packet[begin : begin + 4], "little") if extra >= 8 else 0
        size = take(numbers >> 6) if several else end - place
        if size < 0 or place + size > end:
            raise malformed(f"packet {index} claims more bytes than it has")
        if one & 127 == stream:
            yield number, offset, whole, packet[place : place + size]
        place += size
