"""Uncompressed files: the rules for their sizes, and for the bytes behind the sound.

A reader of a format finds the sound of one file. The rules here hold for all these formats: the
size that a header claims is compared with the file, files that were joined are read one after the
other, and all other bytes behind the sound are reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from netencoders_audio.errors import AudioError
from netencoders_audio.files.behind import find_joined, look_behind
from netencoders_audio.files.chunks import ChunkForm, end_of_chunk
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings, malformed
from netencoders_audio.files.layout import Layout, same_form
from netencoders_audio.files.sniff import HEAD, sniff

__all__ = ["Extent", "Sound", "collected", "extent", "is_unknown"]

# Programs that write to a pipe do not know the size. They write the largest number of 31 or 32
# bits, or a number slightly below it, such as 0x7FFFF000 in SoX.
_UNKNOWN: Final = (range(0x7FFF_0000, 0x8000_0001), range(0xFFFF_0000, 0x1_0000_0000))
_WRAP: Final = 1 << 32
_WRONG_ZERO: Final = "its header claims 0 samples, but samples follow: they are encoded"
_MAX_PARTS: Final = 1000


class Extent(NamedTuple):
    """The bytes of the sound in a file.

    Attributes
    ----------
    data : range
        The bytes that are in the file.
    claimed : int or None
        The number of bytes that the header claims; None if the sound goes to the end of the file.
    end : int
        The first byte after the sound and its padding.
    notes : tuple of str
        See `Findings`.
    """

    data: range
    claimed: int | None
    end: int
    notes: tuple[str, ...] = ()


class Sound(NamedTuple):
    """The sound of one file.

    Attributes
    ----------
    extent : Extent
    form : Layout or Findings
        The form of the samples, without `Layout.runs`; or the input of a decoder.
    chunks : ChunkForm or None
        The form of chunks that may follow the sound.
    notes : tuple of str
        See `Findings`.
    """

    extent: Extent
    form: Layout | Findings
    chunks: ChunkForm | None = None
    notes: tuple[str, ...] = ()


def is_unknown(length: int) -> bool:
    """Return whether a program writes this length to a pipe."""
    return any(length in unknown for unknown in _UNKNOWN)


def extent(content: Content, start: int, length: int | None, form: ChunkForm | None) -> Extent:
    """Return the bytes of the sound.

    Parameters
    ----------
    content : Content
    start : int
        The first byte of the sound.
    length : int or None
        The number of bytes that the header claims; None if it claims that it is unknown.
    form : ChunkForm or None
        The form of chunks that may follow the sound.
    """
    size = content.size
    start = min(start, size)
    if length is None:
        return _to_the_end(content, start)
    stop = start + length
    if length <= 0:
        behind = look_behind(content, start, form)
        known = behind.joined is not None or not behind.unknown
        if start == size or (known and content.read_at(start, 4) != bytes(4)):
            return Extent(range(start, start), 0, start)
        return _to_the_end(content, start)._replace(notes=(_WRONG_ZERO,))
    if stop > size:
        if is_unknown(length):
            return _to_the_end(content, start)
        return Extent(range(start, size), length, size)
    if is_unknown(length) and look_behind(content, stop, form).unknown:
        return _to_the_end(content, start)
    if size - stop >= _WRAP:  # a size of 32 bits, of a sound of 4 GiB or more
        wrapped = size - (size - stop) % _WRAP
        if wrapped == size or not look_behind(content, wrapped, form).unknown:
            stop, length = wrapped, wrapped - start
    end = stop if form is None else end_of_chunk(content, start, length, form)
    return Extent(range(start, stop), length, end)


def _to_the_end(content: Content, start: int) -> Extent:
    """Return the bytes up to the end of the file, or up to another file of the same format."""
    joined = find_joined(content, start)
    if joined is not None:
        return Extent(range(start, joined), joined - start, joined)
    return Extent(range(start, content.size), None, content.size)


def collected(
    content: Content, read: Callable[[Content], Sound], kinds: frozenset[str]
) -> Findings:
    """Return the findings of a file, or of several files that were joined.

    Parameters
    ----------
    content : Content
    read : callable
        Returns the sound of the first file of a content.
    kinds : frozenset of str
        The formats that it reads, by the names of `sniff`.

    Raises
    ------
    AudioError
        With code ``malformed``: files of different forms were joined.
    """
    sound = read(content)
    first, part, place = sound.form, content, 0
    notes = list(sound.extent.notes + sound.notes)
    runs: list[range] = []
    claimed: int | None = 0
    while True:
        if isinstance(first, Layout):
            runs.append(_whole_frames(part, sound.extent, first, place, notes))
            size = sound.extent.claimed
            claimed = None if size is None or claimed is None else claimed + size // first.frame
        behind = look_behind(part, sound.extent.end, sound.chunks)
        if behind.unknown:
            notes.append(_left_out(behind.unknown, first))
        if behind.joined is None:
            break
        if len(runs) == _MAX_PARTS:
            raise malformed(f"more than {_MAX_PARTS} files are joined in it")
        place += behind.joined
        part = Pieces(content, [range(place, content.size)])
        sound = _joined(part, read, kinds, place, first)
        notes += sound.extent.notes + sound.notes
    if isinstance(first, Findings):
        return replace(first, notes=(*first.notes, *notes))
    sounds = tuple(run for run in runs if run)
    if len(sounds) > 1:
        notes.append(f"consists of {len(sounds)} joined files: all are encoded")
    layout = first._replace(runs=sounds)
    present = None if claimed is None else layout.frames
    return Findings((content,), claimed, present, notes=tuple(notes), layout=layout)


def _whole_frames(
    part: Content, found: Extent, layout: Layout, place: int, notes: list[str]
) -> range:
    """Return the bytes of the whole frames, and add a note if other bytes follow them."""
    data = found.data
    rest = len(data) % layout.frame
    is_cut = found.claimed is not None and found.claimed > len(data)
    if rest and not is_cut and any(part.read_at(data.stop - rest, rest)):
        notes.append(f"ends inside a frame: its last {rest} bytes are left out")
    return range(place + data.start, place + data.stop - rest)


def _left_out(unknown: int, first: Layout | Findings) -> str:
    text = f"has {unknown} bytes behind its sound that are neither whole chunks nor tags"
    if isinstance(first, Layout):
        text += f" ({unknown // first.frame} frames, if they are sound)"
    return f"{text}: they are left out"


def _joined(
    part: Content,
    read: Callable[[Content], Sound],
    kinds: frozenset[str],
    place: int,
    first: Layout | Findings,
) -> Sound:
    """Return the sound of a further file; it has the form of the first one."""
    kind = sniff(part.read_at(0, HEAD))
    problem = f"it is a {kind} file"
    if kind in kinds and isinstance(first, Layout):
        try:
            sound = read(part)
        except AudioError as error:
            problem = error.message
        else:
            if isinstance(sound.form, Layout) and same_form(sound.form, first):
                return sound
            problem = "its sample rate, channels or coding differ from those of the first file"
    raise AudioError(
        f"another file begins at byte {place}, and cannot be joined to the first one: {problem}",
        code="malformed",
        remedy="split it into one file for each recording",
    )
