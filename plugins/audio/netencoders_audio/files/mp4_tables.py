"""MP4 tables: the positions, sizes and durations of the packets of a track of an MPEG-4 file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.files.boxes import Box, begin_of, boxes
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed

__all__ = ["Defaults", "Packets", "fragments", "table"]

_MAX_TABLE: Final = 1 << 28  # bytes; a table of ten hours has 7 MB
_TOGETHER: Final = 1 << 12
_Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Packets:
    """The packets of a track.

    Attributes
    ----------
    places, sizes : ndarray of int64
    duration : int
        Of all packets, in the units of the track.
    """

    places: _Integers
    sizes: _Integers
    duration: int

    def within(self, size: int) -> Packets:
        """Return the packets that are in a file of `size` bytes, up to the first missing one."""
        missing = np.flatnonzero((self.places < 0) | (self.places + self.sizes > size))
        stop = int(missing[0]) if len(missing) else len(self.places)
        return Packets(self.places[:stop], self.sizes[:stop], self.duration)

    def merged(self) -> Packets:
        """Return longer packets, of uncompressed samples that follow each other in the file."""
        if not len(self.places):
            return self
        ends = self.places + self.sizes
        group = np.concatenate(([0], np.cumsum(self.places[1:] != ends[:-1])))
        group = group * (1 << 32) + np.arange(len(group)) // _TOGETHER
        firsts = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
        lasts = np.append(firsts[1:], len(ends)) - 1
        return Packets(self.places[firsts], ends[lasts] - self.places[firsts], self.duration)

    def joined(self, other: Packets) -> Packets:
        """Return the packets, and those of a later part of the file."""
        return Packets(
            np.concatenate((self.places, other.places)),
            np.concatenate((self.sizes, other.sizes)),
            self.duration + other.duration,
        )


@dataclass(frozen=True)
class Defaults:
    """The numbers of a packet that the boxes of a fragment leave out."""

    duration: int = 0
    size: int = 0


def table(content: Content, samples: Box, frame: int = 0) -> Packets:
    """Return the packets that the tables in a box of the kind ``stbl`` state.

    Parameters
    ----------
    content : Content
    samples : Box
    frame : int, optional
        The bytes of a frame of uncompressed samples: QuickTime writes a size of 1 for it.

    Raises
    ------
    AudioError
        With code ``malformed``: a table is missing or too short, or the tables contradict each
        other.
    """
    parts = {box.kind: box for box in boxes(content, samples.start, samples.stop)}
    sizes = _sizes(content, parts)
    if frame and len(sizes) and int(sizes.max()) == 1:
        sizes = sizes * frame
    chunks = _chunks(content, parts)
    counts = _counts(content, parts, len(chunks))
    total = int(counts.sum())
    if total < len(sizes):
        raise malformed(f"its tables have {len(sizes)} packets, and places for {total} of them")
    ends = np.cumsum(counts)
    of_chunk = np.searchsorted(ends, np.arange(len(sizes)), side="right")
    before = np.cumsum(sizes) - sizes
    firsts = np.minimum(ends - counts, max(0, len(sizes) - 1))
    places = chunks[of_chunk] + before - before[firsts[of_chunk]] if len(sizes) else chunks[:0]
    durations = _rows(content, parts, b"stts", 8, ">u4,>u4")
    duration = sum(int(count) * int(delta) for count, delta in durations.tolist())
    return Packets(places, sizes, duration)


def _sizes(content: Content, parts: dict[bytes, Box]) -> _Integers:
    box = parts.get(b"stsz") or parts.get(b"stz2")
    if box is None:
        raise malformed("a track of sound has no table of the sizes of its packets")
    head = begin_of(content, box, 12)
    if len(head) < 12:
        raise malformed("a table of sizes is incomplete")
    fixed, count = int.from_bytes(head[4:8]), int.from_bytes(head[8:12])
    if box.kind == b"stsz" and fixed:
        if count > max(1, content.size // fixed):
            raise malformed(f"it claims {count} packets of {fixed} bytes, more than the file has")
        return np.full(count, fixed, np.int64)
    bits = 32 if box.kind == b"stsz" else fixed & 255
    if bits not in (8, 16, 32):
        raise malformed(f"its table of sizes has numbers of {bits} bits")
    return _numbers(content, box, 12, count, f">u{bits // 8}")


def _chunks(content: Content, parts: dict[bytes, Box]) -> _Integers:
    box, form = parts.get(b"stco"), ">u4"
    if box is None:
        box, form = parts.get(b"co64"), ">u8"
    if box is None:
        raise malformed("a track of sound has no table of the places of its packets")
    count = int.from_bytes(content.read_at(box.start + 4, 4))
    return _numbers(content, box, 8, count, form)


def _counts(content: Content, parts: dict[bytes, Box], chunks: int) -> _Integers:
    """Return the number of packets of each chunk."""
    rows = _rows(content, parts, b"stsc", 12, ">u4,>u4,>u4")
    firsts = rows["f0"].astype(np.int64) - 1
    if not chunks:
        return np.zeros(0, np.int64)
    if not len(rows) or firsts[0] != 0 or (np.diff(firsts) <= 0).any():
        raise malformed("its table of chunks is out of order")
    firsts = np.minimum(firsts, chunks)
    return np.repeat(rows["f1"].astype(np.int64), np.diff(firsts, append=chunks))


def _rows(
    content: Content, parts: dict[bytes, Box], kind: bytes, width: int, form: str
) -> npt.NDArray[np.void]:
    box = parts.get(kind)
    if box is None:
        raise malformed(f"a track of sound has no table {kind.decode()!r}")
    count = int.from_bytes(content.read_at(box.start + 4, 4))
    return np.frombuffer(_bytes(content, box, 8, count * width), form)


def _numbers(content: Content, box: Box, begin: int, count: int, form: str) -> _Integers:
    width = np.dtype(form).itemsize
    numbers = np.frombuffer(_bytes(content, box, begin, count * width), form)
    if width == 8 and (numbers >> 62).any():
        raise malformed("a table has a place beyond any file")
    return numbers.astype(np.int64)


def _bytes(content: Content, box: Box, begin: int, size: int) -> bytes:
    """Return the bytes of a table; nothing is allocated from the number that it claims."""
    if size > min(_MAX_TABLE, box.stop - box.start - begin):
        raise malformed(
            f"the table {box.kind.decode('latin-1')!r} claims {size} bytes, and its box has "
            f"{box.stop - box.start - begin}"
        )
    data = content.read_at(box.start + begin, size)
    if len(data) < size:
        raise malformed(f"the table {box.kind.decode('latin-1')!r} is incomplete")
    return data


def fragments(content: Content, number: int, defaults: Defaults) -> Packets:
    """Return the packets in the fragments of a file, of the track of this number.

    Raises
    ------
    AudioError
        With code ``malformed``: a box is too short.
    """
    places: list[_Integers] = []
    sizes: list[_Integers] = []
    duration = 0
    for moof in boxes(content, 0, content.size):
        if moof.kind != b"moof" or moof.missing:
            continue
        base = place = moof.start - 8
        for traf in boxes(content, moof.start, moof.stop):
            if traf.kind != b"traf":
                continue
            parts = list(boxes(content, traf.start, traf.stop))
            header = next((part for part in parts if part.kind == b"tfhd"), None)
            if header is None:
                raise malformed(f"the fragment at byte {base} has no header")
            own, place, current = _fragment_header(content, header, base, place, defaults)
            for part in parts:
                if part.kind == b"trun":
                    run, place, units = _run(content, part, place, own, current)
                    if int.from_bytes(content.read_at(header.start + 4, 4)) == number:
                        places.append(run[0])
                        sizes.append(run[1])
                        duration += units
    empty = [np.zeros(0, np.int64)]
    return Packets(np.concatenate(places or empty), np.concatenate(sizes or empty), duration)


def _fragment_header(
    content: Content, box: Box, base: int, place: int, defaults: Defaults
) -> tuple[int, int, Defaults]:
    """Return the base of the places, the next place, and the defaults of a fragment."""
    data = begin_of(content, box, 40)
    flags = int.from_bytes(data[1:4])
    at, values = 8, {}
    for flag, width in ((1, 8), (2, 4), (8, 4), (16, 4)):
        if flags & flag:
            if at + width > len(data):
                raise malformed(f"the header of the fragment at byte {base} is incomplete")
            values[flag] = int.from_bytes(data[at : at + width])
            at += width
    own = values.get(1, base)
    if 1 in values or flags & 0x20000:
        place = own
    current = Defaults(values.get(8, defaults.duration), values.get(16, defaults.size))
    return own, place, current


def _run(
    content: Content, box: Box, place: int, base: int, defaults: Defaults
) -> tuple[tuple[_Integers, _Integers], int, int]:
    """Return places and sizes of the packets of a run, the place behind them, and their time."""
    head = begin_of(content, box, 16)
    if len(head) < 8:
        raise malformed("a run of packets is incomplete")
    flags, count = int.from_bytes(head[1:4]), int.from_bytes(head[4:8])
    begin = 8
    if flags & 1:
        place = base + int.from_bytes(head[8:12], signed=True)
        begin += 4
    begin += 4 if flags & 4 else 0
    names = [name for flag, name in ((0x100, "duration"), (0x200, "size"), (0x400, "flags"),
             (0x800, "offset")) if flags & flag]  # fmt: skip
    if not names and count * max(1, defaults.size) > content.size:
        raise malformed(f"a run claims {count} packets, more than the file has")
    columns: dict[str, _Integers] = {}
    if names:
        data = _bytes(content, box, begin, count * 4 * len(names))
        rows = np.frombuffer(data, ">u4").reshape(count, len(names)).astype(np.int64)
        columns = dict(zip(names, rows.T, strict=True))
    sizes = columns.get("size", np.full(0 if "size" in columns else count, defaults.size, np.int64))
    units = int(columns["duration"].sum()) if "duration" in columns else count * defaults.duration
    ends = place + np.cumsum(sizes)
    return (ends - sizes, sizes), int(ends[-1]) if count else place, units
