"""MP4: finds the tracks of sound of MPEG-4 files (m4a, mp4, 3gp, mov), and their packets.

The tables of a file state the place and the size of each packet. So a truncated file is found
before it is decoded. The edit list of a track states the delay of the coder, which is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from netencoders_audio.files.boxes import Box, begin_of, boxes, child
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, ended_before, malformed, unsupported
from netencoders_audio.files.mp4_tables import Defaults, Packets, fragments, table
from netencoders_audio.files.sample_entries import sample_entry
from netencoders_audio.files.tracks import Span, Track, packets_of

__all__ = ["read_mp4"]

_MAX_EDITS: Final = 1 << 12
_MAX_TAG: Final = 1 << 16
_NO_NAME: Final = 4  # the bytes of a reference to a file without its name
_GAPLESS: Final = re.compile(
    rb"iTunSMPB.{4,24}? [0-9A-F]{8} ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{16})", re.DOTALL
)


class _Edit(NamedTuple):
    """The part of a track that is played, in the units of the track.

    Attributes
    ----------
    start : int
    length : int or None
        None if it goes to the end.
    unit : int
        The number of units to which the length is rounded.
    """

    start: int
    length: int | None
    unit: int = 0


def read_mp4(content: Content) -> Findings:
    """Return the findings of an MPEG-4 file.

    Raises
    ------
    AudioError
        With code ``malformed``: its boxes contradict each other; ``unsupported-coding``: it has no
        track of sound.
    """
    movie, cut, fragmented = None, None, False
    for box in boxes(content, 0, content.size):
        if box.missing:
            cut = f"ends at byte {content.size}, {box.missing} bytes before the end of a box"
        if box.kind == b"moov" and movie is None:
            movie = box
        fragmented = fragmented or box.kind == b"moof"
    if movie is None or movie.missing:
        if cut is None:
            raise malformed("it has no box 'moov', which contains its tables")
        raise ended_before(cut, "the table of its packets")
    tracks = [
        _track(content, movie, box, fragmented, cut)
        for box in boxes(content, movie.start, movie.stop)
        if box.kind == b"trak" and _handler(content, box) == b"soun"
    ]
    if not tracks:
        raise unsupported(
            "that of an MPEG-4 file without a track of sound", "give a file that contains audio"
        )
    return Findings((content,), tracks=tuple(tracks))


def _handler(content: Content, track: Box) -> bytes:
    box = child(content, track, b"mdia", b"hdlr")
    return b"" if box is None else content.read_at(box.start + 8, 4)


def _track(content: Content, movie: Box, box: Box, fragmented: bool, cut: str | None) -> Track:
    samples = child(content, box, b"mdia", b"minf", b"stbl")
    description = None if samples is None else child(content, samples, b"stsd")
    header = child(content, box, b"mdia", b"mdhd")
    if samples is None or description is None or header is None:
        raise malformed("a track of sound has no sample entry")
    _refuse_other_files(content, box)
    scale, language = _media_header(content, header)
    entry = sample_entry(content, description)
    found = table(content, samples, entry.frame)
    if fragmented:
        number = _track_number(content, box)
        found = found.joined(fragments(content, number, _defaults(content, movie, number)))
    packets = found.within(content.size)
    missing = len(found.sizes) - len(packets.sizes)
    if missing and cut is None:
        cut = f"has {len(packets.sizes)} of the {len(found.sizes)} packets that its tables state"
    edit = _edit(content, movie, box, scale)
    skip = edit.start
    if edit.start == 0 and entry.coding == "OPUS":
        skip = int.from_bytes(entry.config[10:12], "little") * scale // 48000
    length = _length(found, edit, skip, fragmented)
    ends = not fragmented and length is not None and length < found.duration - skip
    if (gapless := _gapless(content, movie)) is not None and entry.coding == "AAC":
        delay, total = gapless
        ends = False
        skip, length = delay * scale // max(1, entry.rate), total * scale // max(1, entry.rate)
    return Track(
        "MP4",
        entry.coding,
        content,
        partial(_read, content, packets.merged() if entry.frame else packets),
        rate=entry.rate,
        channels=entry.channels,
        config=entry.config,
        scale=scale,
        skip=skip,
        length=None if missing else length,
        complete=False,
        ends=ends and not missing,
        cut=cut,
        title=language,
    )


def _refuse_other_files(content: Content, track: Box) -> None:
    """Refuse a track whose packets are in another file, which is not read."""
    references = child(content, track, b"mdia", b"minf", b"dinf", b"dref")
    if references is None:
        return
    for box in boxes(content, references.start + 8, references.stop):
        inside = content.read_at(box.start + 3, 1) == b"\1"
        if not inside and box.stop - box.start > _NO_NAME:
            raise unsupported("that of a track in another file", "give the other file")


def _read(content: Content, packets: Packets) -> Iterator[bytes]:
    spans: Iterator[Span] = zip(packets.places.tolist(), packets.sizes.tolist(), strict=True)
    return packets_of(content, spans)


def _length(found: Packets, edit: _Edit, skip: int, fragmented: bool) -> int | None:
    """Return the length of the sound behind `skip`: that of the edit, or of the table.

    An edit has a length in milliseconds in many files; the table of durations is exact. That of a
    file in fragments may end with the first of them.
    """
    by_table = found.duration - skip
    if edit.length is not None and not fragmented and abs(edit.length - by_table) > edit.unit:
        return edit.length
    return by_table if by_table > 0 else None


def _media_header(content: Content, box: Box) -> tuple[int, str]:
    """Return the units in a second, and the language."""
    data = begin_of(content, box, 36)
    at = 20 if data[:1] == b"\x01" else 12
    if len(data) < at + (14 if data[:1] == b"\x01" else 10):
        raise malformed("the header of a track is incomplete")
    scale = int.from_bytes(data[at : at + 4])
    if not 0 < scale < 1 << 31:
        raise malformed(f"a track has {scale} units in a second")
    at += 12 if data[:1] == b"\x01" else 8
    packed = int.from_bytes(data[at : at + 2])
    letters = "".join(chr(96 + (packed >> shift & 31)) for shift in (10, 5, 0))
    return scale, letters if letters.isalpha() and letters != "und" else ""


def _track_number(content: Content, track: Box) -> int:
    box = child(content, track, b"tkhd")
    if box is None:
        raise malformed("a track has no header")
    version = content.read_at(box.start, 1)
    return int.from_bytes(content.read_at(box.start + (20 if version == b"\x01" else 12), 4))


def _defaults(content: Content, movie: Box, number: int) -> Defaults:
    extends = child(content, movie, b"mvex")
    if extends is not None:
        for box in boxes(content, extends.start, extends.stop):
            data = content.read_at(box.start, 24)
            if box.kind == b"trex" and len(data) == 24 and int.from_bytes(data[4:8]) == number:
                return Defaults(int.from_bytes(data[12:16]), int.from_bytes(data[16:20]))
    return Defaults()


def _edit(content: Content, movie: Box, track: Box, scale: int) -> _Edit:
    """Return the part of a track that its edit list plays."""
    box = child(content, track, b"edts", b"elst")
    header = child(content, movie, b"mvhd")
    if box is None or header is None:
        return _Edit(0, None)
    data = content.read_at(header.start, 32)
    at = 20 if data[:1] == b"\x01" else 12
    movie_scale = int.from_bytes(data[at : at + 4])
    head = content.read_at(box.start, 8)
    wide = head[:1] == b"\x01"
    width, number = (20, 8) if wide else (12, 4)
    count = int.from_bytes(head[4:8])
    rows = content.read_at(box.start + 8, min(count, _MAX_EDITS) * width)
    edits = []
    for place in range(0, len(rows) - width + 1, width):
        length = int.from_bytes(rows[place : place + number])
        start = int.from_bytes(rows[place + number : place + 2 * number], signed=True)
        if start >= 0:  # other ones are pauses
            edits.append((start, length))
    if not edits or not movie_scale:
        return _Edit(0, None)
    if len(edits) > 1:
        raise unsupported(f"a track with an edit list of {len(edits)} parts")
    start, length = edits[0]
    unit = -(-scale // movie_scale)
    return _Edit(start, length * scale // movie_scale if length else None, unit)


def _gapless(content: Content, movie: Box) -> tuple[int, int] | None:
    """Return the delay and the number of samples that iTunes writes into a tag."""
    box = child(content, movie, b"udta", b"meta")
    if box is None:
        return None
    found = _GAPLESS.search(content.read_at(box.start, min(box.stop - box.start, _MAX_TAG)))
    if found is None:
        return None
    delay, _padding, total = (int(number, 16) for number in found.groups())
    return (delay, total) if 0 <= delay < 1 << 16 and 0 < total < 1 << 48 else None
