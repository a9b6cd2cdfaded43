"""Ogg pages: walks over all pages of a file, and sorts them by link and by stream.

A page has a checksum, a number, the serial number of its stream, and flags that mark the first and
the last page of the stream (RFC 3533). The streams of one link begin together; another link may
follow when all its streams of audio have ended.
"""

from __future__ import annotations

import struct
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed
from netencoders_audio.files.ogg_codings import Coding, coding_of
from netencoders_audio.files.tags import unknown_bytes

__all__ = ["Stream", "Walk", "checksum", "walk"]

_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_HEADER: Final = struct.Struct("<4sBBqIIIB")
_FIRST, _LAST = 2, 4
_PIECE: Final = 1 << 20
_KEPT: Final = 256  # pages of a stream in which a repeated page is found


class _Page(NamedTuple):
    flags: int
    serial: int
    number: int
    check: int
    body: bytes
    place: int
    end: int


@dataclass
class Stream:
    """One stream of a link.

    Attributes
    ----------
    coding : Coding
    head : bytes
        The body of the first page, which contains the first packet.
    pages, bodies : list of range
        The bytes of its pages, with adjacent pages joined; and of the bodies of its pages.
    ended : bool
        Whether its last page was found.
    """

    coding: Coding
    head: bytes
    pages: list[range] = field(default_factory=list)
    bodies: list[range] = field(default_factory=list)
    ended: bool = False
    number: int = 0
    kept: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def add(self, page: _Page) -> None:
        """Append a page."""
        if self.pages and self.pages[-1].stop == page.place:
            self.pages[-1] = range(self.pages[-1].start, page.end)
        else:
            self.pages.append(range(page.place, page.end))
        self.bodies.append(range(page.end - len(page.body), page.end))
        self.number = page.number
        self.kept.append((page.number, page.check))
        self.ended = bool(page.flags & _LAST)


@dataclass
class Walk:
    """The result of the walk over all pages.

    Attributes
    ----------
    links : list of list of Stream
    cut : str or None
        A description of a premature end.
    between, behind : int
        The number of bytes between the pages, and behind the last one, that are no pages.
    repeated, orphaned : int
        The number of pages that are in the file twice, and of those whose stream has not begun or
        has ended.
    unended : int
        The number of links, before the last one, that have no last page.
    """

    links: list[list[Stream]] = field(default_factory=list)
    cut: str | None = None
    between: int = 0
    behind: int = 0
    repeated: int = 0
    orphaned: int = 0
    unended: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes on the bytes that are left out."""
        left_out = {
            f"has {self.between} bytes between its pages that are not Ogg": self.between,
            f"has {self.behind} bytes behind its last page that are not audio": self.behind,
            f"repeats {self.repeated} of its pages": self.repeated,
            f"has {self.orphaned} pages of no stream that goes on": self.orphaned,
        }
        notes = [f"{text}: they are left out" for text, count in left_out.items() if count]
        if self.unended:
            notes.append(f"has {self.unended} parts without their last page: they may be truncated")
        return tuple(notes)


def walk(content: Content) -> Walk:
    """Walk over all pages.

    Raises
    ------
    AudioError
        With code ``malformed``: a page is damaged or missing.
    """
    found = Walk()
    streams: dict[int, Stream] = {}  # the streams of the last link
    beginning = True  # whether a first page begins another link
    place = 0
    while place < content.size:
        page = _page(content, place)
        if page is None:
            found.cut = f"ends at byte {content.size}, inside a page"
            return found
        if isinstance(page, int):
            if page == content.size and _has_ended(streams):
                found.behind = unknown_bytes(content, place, page)
                return found
            if page == content.size:
                raise malformed(f"no page begins at byte {place}")
            ended = _has_ended(streams)
            found.between += unknown_bytes(content, place, page) if ended else page - place
            place = page
            continue
        if page.flags & _FIRST and (beginning or not _is_repeated(streams, page)):
            if beginning:
                found.unended += not _has_ended(streams)
                streams = {}
                found.links.append([])
            beginning = False
            streams[page.serial] = Stream(coding_of(page.body), page.body)
            found.links[-1].append(streams[page.serial])
            streams[page.serial].add(page)
        else:
            beginning = not page.flags & _FIRST
            _continue(found, streams, page)
        place = page.end
    found.cut = None if _has_ended(streams) else "ends before its last page"
    return found


def _has_ended(streams: dict[int, Stream]) -> bool:
    """Return whether no stream of audio goes on."""
    return all(stream.ended or not stream.coding.is_audio for stream in streams.values())


def _is_repeated(streams: dict[int, Stream], page: _Page) -> bool:
    stream = streams.get(page.serial)
    return stream is not None and (page.number, page.check) in stream.kept


def _continue(found: Walk, streams: dict[int, Stream], page: _Page) -> None:
    """Sort a page that does not begin a stream."""
    stream = streams.get(page.serial)
    if stream is not None and not stream.ended and page.number == stream.number + 1:
        stream.add(page)
    elif _is_repeated(streams, page):
        found.repeated += 1
    elif stream is None or stream.ended:
        found.orphaned += 1
    elif page.number > stream.number:
        count = page.number - stream.number - 1
        pages = "1 page is" if count == 1 else f"{count} pages are"
        raise malformed(f"{pages} missing before byte {page.place}")
    else:
        raise malformed(
            f"the page at byte {page.place} repeats the number {page.number} of an earlier page, "
            "with other content"
        )


def _page(content: Content, place: int) -> _Page | int | None:
    """Return the page at a byte; None if it is truncated.

    If no page begins there, the result is the beginning of the next page, or the size of the file.
    """
    head = content.read_at(place, _HEADER.size)
    if not head.startswith(b"OggS\0") and not b"OggS\0".startswith(head):
        return _next(content, place)
    if len(head) < _HEADER.size:
        return None
    *_, flags, _, serial, number, stated, segments = _HEADER.unpack(head)
    table = content.read_at(place + _HEADER.size, segments)
    body = content.read_at(place + _HEADER.size + segments, sum(table))
    if len(table) < segments or len(body) < sum(table):
        return None
    if stated != checksum(head[:22] + b"\0\0\0\0" + head[26:] + table + body):
        raise malformed(f"the checksum of the page at byte {place} is wrong")
    end = place + _HEADER.size + segments + len(body)
    return _Page(flags, serial, number, stated, body, place, end)


def _next(content: Content, place: int) -> int:
    """Return the position of the next page, or the size of the file."""
    length = 1 << 12  # in most cases the next page is near
    while place < content.size:
        at = content.read_at(place, length + 4).find(b"OggS\0")
        if at >= 0:
            return place + at
        place, length = place + length, _PIECE
    return content.size


def checksum(page: bytes) -> int:
    """Return the checksum of RFC 3533: CRC-32 with the bits in the other order, not inverted.

    zlib, which is fast, takes and returns reversed bits. The bits of each byte are reversed first.
    """
    reverse = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reverse.to_bytes(4, "little").translate(_REVERSED), "big")
