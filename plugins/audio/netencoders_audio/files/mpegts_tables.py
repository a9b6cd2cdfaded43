"""MPEG-TS tables: the programmes of a transport stream, and the codings of their streams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from netencoders_audio.files.findings import malformed

__all__ = ["Described", "programs", "streams"]

_PROGRAMS, _STREAMS = 0, 2  # the kinds of tables
_NO_PROGRAM: Final = 0
# Codings by the type of the stream: of MPEG and of American broadcasts.
_TYPES: Final[Mapping[int, str]] = {
    0x03: "MPEG", 0x04: "MPEG", 0x0F: "AAC", 0x11: "AAC_LATM", 0x1C: "AAC_RAW", 0x81: "AC3",
    0x87: "EAC3", 0x8A: "DTS", 0x2D: "MPEGH", 0x2E: "MPEGH",
}  # fmt: skip
# Those of Blu-ray discs and camcorders, if the table says so.
_DISC_TYPES: Final[Mapping[int, str]] = {
    0x80: "PCM_BLURAY", 0x82: "DTS", 0x83: "TRUEHD", 0x84: "EAC3", 0x85: "DTS_HD", 0x86: "DTS_HD",
}  # fmt: skip
# Codings of private streams, by a descriptor of European broadcasts, or by a registered name.
_DESCRIPTORS: Final[Mapping[int, str]] = {0x6A: "AC3", 0x7A: "EAC3", 0x7B: "DTS", 0x7C: "AAC"}
_NAMES: Final[Mapping[bytes, str]] = {
    b"AC-3": "AC3", b"EAC3": "EAC3", b"Opus": "OPUS", b"DTS1": "DTS", b"DTS2": "DTS",
    b"DTS3": "DTS", b"AC-4": "AC4", b"BSSD": "S302M",
}  # fmt: skip
_PRIVATE: Final = 0x06
_REGISTRATION, _LANGUAGE = 0x05, 0x0A
_CHECK: Final = 4


class Described(NamedTuple):
    """A stream of sound that a table describes.

    Attributes
    ----------
    number : int
        That of its packets.
    coding, title : str
    """

    number: int
    coding: str
    title: str


def programs(section: bytes) -> list[int]:
    """Return the numbers of the streams with the tables of each programme.

    Raises
    ------
    AudioError
        With code ``malformed``: the table is damaged.
    """
    body = _body(section, _PROGRAMS)
    rows = [body[place : place + 4] for place in range(0, len(body) - 3, 4)]
    return [
        int.from_bytes(row[2:]) & 0x1FFF for row in rows if int.from_bytes(row[:2]) != _NO_PROGRAM
    ]


def streams(section: bytes) -> list[Described]:
    """Return the streams of sound of a programme.

    Raises
    ------
    AudioError
        With code ``malformed``: the table is damaged.
    """
    body = _body(section, _STREAMS)
    place = 4 + (int.from_bytes(body[2:4]) & 0xFFF)
    disc = any(kind == _REGISTRATION and data[:4] == b"HDMV"
               for kind, data in _descriptors(body[4:place]))  # fmt: skip
    found = []
    while place + 5 <= len(body):
        kind, number = body[place], int.from_bytes(body[place + 1 : place + 3]) & 0x1FFF
        size = int.from_bytes(body[place + 3 : place + 5]) & 0xFFF
        notes = list(_descriptors(body[place + 5 : place + 5 + size]))
        coding = _TYPES.get(kind, _DISC_TYPES.get(kind, "") if disc else "")
        if kind == _PRIVATE:
            coding = _private(notes)
        if coding:
            languages = [data[:3].decode("latin-1") for tag, data in notes if tag == _LANGUAGE]
            found.append(Described(number, coding, ", ".join(languages)))
        place += 5 + size
    return found


def _private(notes: list[tuple[int, bytes]]) -> str:
    for kind, data in notes:
        if kind in _DESCRIPTORS:
            return _DESCRIPTORS[kind]
        if kind == _REGISTRATION and data[:4] in _NAMES:
            return _NAMES[data[:4]]
    return ""


def _descriptors(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 2 <= len(data):
        yield data[place], data[place + 2 : place + 2 + data[place + 1]]
        place += 2 + data[place + 1]


def _body(section: bytes, kind: int) -> bytes:
    """Return the fields of a table behind its common header."""
    if section[0] != kind or len(section) < 8 + _CHECK or _check(section):
        raise malformed("a table of its streams is damaged")
    return section[8:-_CHECK]


def _check(data: bytes) -> int:
    """Return the checksum of MPEG, which is 0 for a whole table."""
    value = 0xFFFF_FFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C1_1DB7 if value & 0x8000_0000 else 0)) & 0xFFFF_FFFF
    return value
