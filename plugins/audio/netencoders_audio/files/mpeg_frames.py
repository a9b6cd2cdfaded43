"""MPEG frames: the walk over all frames of a file.

The walk counts the frames, and accounts for all bytes between them and behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content
from netencoders_audio.files.mpeg_header import Form, frame_header
from netencoders_audio.files.mpeg_reservoir import Reservoir
from netencoders_audio.files.mpeg_search import candidates, follows, free_length
from netencoders_audio.files.tags import skip_tags, zeros_at
from netencoders_audio.kernel.scans import MpegWalk, has_scans

__all__ = ["Walk", "walk"]

_PIECE: Final = 1 << 18
_NEXT_PIECE: Final = 1 << 13  # after other bytes, the next ones may be near
_MARGIN: Final = 64  # a header, the side information and the name of a tag
# The largest number of false headers that are tried, so that no file takes hours.
_MAX_TRIES: Final = 50_000
_INDICES: Final = range(1, 16)  # of bit rates


@dataclass
class Walk:
    """The frames of a file.

    Attributes
    ----------
    start : int
        The position of the first frame.
    head : bytes
        Its header.
    form : Form
    count : int
        The number of frames that contain sound.
    runs : list of range
        The ranges of the file that these frames fill.
    tag : bytes
        The first frame if it contains a Xing, Info or VBRI tag; such frames have no sound.
    between : int
        The number of bytes between the frames that are neither frames nor known tags.
    behind, zeros : int
        The number of other bytes behind the last frame, and the number of zeros there.
    cut : int
        The number of bytes of an incomplete last frame.
    damaged : int
        The number of frames whose side information contradicts the frames around them.
    free : int
        The length of a free-format frame without padding; 0 if there is none.
    """

    start: int
    head: bytes
    form: Form
    free: int = 0
    count: int = 0
    runs: list[range] = field(default_factory=list)
    tag: bytes = b""
    between: int = 0
    behind: int = 0
    zeros: int = 0
    cut: int = 0
    damaged: int = 0

    @property
    def size(self) -> int:
        """The number of bytes of the frames that contain sound."""
        return sum(len(run) for run in self.runs)

    @property
    def first(self) -> int:
        """The length of the first frame."""
        return _length(self.head, self)

    def add(self, begin: int, end: int) -> None:
        """Add a range of the file to the runs."""
        if self.runs and self.runs[-1].stop == begin:
            begin = self.runs.pop().start
        if begin < end:
            self.runs.append(range(begin, end))


def walk(content: Content, first: int, stop: int) -> Walk:
    """Return the frames of a file from the first one to a position.

    Raises
    ------
    AudioError
        With code ``malformed``: frames of another form follow.
    """
    head = content.read_at(first, 4)
    header = frame_header(head)
    assert header is not None  # noqa: S101 - `first_frame` has checked it
    found = Walk(first, head, header.form, free_length(content, first, header))
    lengths: dict[bytes, int] = {}
    reservoir = Reservoir(header.form.side, header.form.channels, header.form.version == "1")
    compiled = _compiled(found, reservoir) if has_scans() else None
    place, piece, tries = first, _PIECE, _MAX_TRIES
    while place < stop:
        data = content.read_at(place, min(piece, stop - place))
        at = _compiled_piece(found, reservoir, compiled, data, place, stop) if compiled else None
        if at is None:
            at = _walk_piece(found, reservoir, lengths, data, place, stop)
        if at:
            place += at
            piece = _PIECE
            continue
        if len(data) >= 4 and _length(data[:4], found):
            found.cut = stop - place
            return found
        following, junk, tries = _resume(content, found, place, stop, tries)
        reservoir.restart()
        if following == stop:
            found.zeros = zeros_at(content, stop - junk, stop) if junk else 0
            found.zeros = found.zeros if found.zeros == junk else 0
            found.behind = junk - found.zeros
            return found
        other = frame_header(content.read_at(following, 4))
        if other is not None and other.form != found.form:
            raise _mixed(found, other.form, following)
        found.between += junk
        place, piece = following, _NEXT_PIECE
    return found


def _compiled(found: Walk, reservoir: Reservoir) -> MpegWalk:
    """Return the compiled walk over frames of the form of the first one."""
    head, form = found.head, found.form
    lengths, slot = _lengths(bytes((0xFF, head[1], head[2] & 0x0C, head[3] & 0xC0)))
    return MpegWalk(head, (found.free, *lengths), slot, form.layer, form.side, *reservoir.fields)


@cache
def _lengths(head: bytes) -> tuple[list[int], int]:
    """Return the lengths of frames for each bit rate without padding, and the padding.

    The header of a free-format frame states the rest of the form.
    """
    headers = [
        frame_header(bytes((*head[:2], index << 4 | head[2], head[3]))) for index in _INDICES
    ]
    padded = frame_header(bytes((*head[:2], head[2] | 2, head[3])))
    assert padded is not None  # noqa: S101 - the form is known to be valid
    return [0 if header is None else header.length for header in headers], padded.slot


def _compiled_piece(
    found: Walk, reservoir: Reservoir, compiled: MpegWalk, data: bytes, base: int, stop: int
) -> int | None:
    """Do the same as `_walk_piece`, or return None if a piece is not as most are."""
    frames = compiled.frames(data, stop - base, reservoir.bytes, reservoir.end)
    if frames is None:
        return None
    found.count += frames.sounds
    found.damaged += frames.damaged
    reservoir.bytes, reservoir.end = frames.main, frames.end
    if frames.tag and not found.runs and not found.tag:
        found.tag = data[: frames.tag]
    found.add(base + frames.tag, base + frames.size)
    return frames.size


def _walk_piece(
    found: Walk,
    reservoir: Reservoir,
    lengths: dict[bytes, int],
    data: bytes,
    base: int,
    stop: int,
) -> int:
    """Add the frames at the beginning of some bytes; return the length of these frames."""
    room = stop - base
    last = len(data) - (3 if len(data) == room else _MARGIN)
    starts: list[int] = []
    at, known, add = 0, lengths.get, starts.append
    while at < last:  # about a quarter of a microsecond for each frame
        length = known(data[at : at + 4])
        if not length:
            head = data[at : at + 4]
            if length == 0 or not (length := lengths.setdefault(head, _length(head, found))):
                break
        add(at)
        at += length
    if at > room:
        at = starts.pop()
    if not starts:
        return 0
    if found.form.layer != 3:
        found.count += len(starts)
        found.add(base, base + at)
        return at
    damaged, tags = reservoir.check(data, starts, at)
    found.damaged += damaged
    found.count += len(starts) - len(tags)
    begin = 0
    for tag in tags:
        found.add(base + begin, base + starts[tag])
        begin = starts[tag + 1] if tag + 1 < len(starts) else at
        if tag == 0 and not found.runs and not found.tag:
            found.tag = data[starts[tag] : begin]
    found.add(base + begin, base + at)
    return at


def _length(head: bytes, found: Walk) -> int:
    """Return the length of a frame of the form of the first one; 0 if it is not such a frame."""
    header = frame_header(head)
    if header is None or header.form != found.form:
        return 0
    return header.length or (found.free and found.free + header.slot)


def _resume(
    content: Content, found: Walk, place: int, stop: int, tries: int
) -> tuple[int, int, int]:
    """Return the position of the next frames, the bytes before it that are no tag, and the tries.

    Frames of the same form are believed if two follow each other, others if three do.
    """
    begin = skip_tags(content, place, stop)
    if begin >= stop:
        return stop, 0, tries
    if begin > place and _length(content.read_at(begin, 4), found):
        return begin, 0, tries
    searched = begin + zeros_at(content, begin, stop)
    for at in candidates(content, searched, stop - 3):  # the header ends before `stop`
        head = content.read_at(at, 4)
        header = frame_header(head)
        same = header is not None and header.form == found.form
        # A free-format frame after frames of known length has no known length.
        if not (same and not _length(head, found)) and follows(content, at, stop, 3 - same):
            return at, at - begin, tries
        tries -= 1
        if tries <= 0:
            break
    return stop, stop - begin, tries


def _mixed(found: Walk, other: Form, place: int) -> AudioError:
    return AudioError(
        f"its frames change from {found.form} to {other} at byte {place}, after {found.count} "
        "frames: one recording has one sample rate and one number of channels",
        code="malformed",
        remedy="several files were joined: split it there, or convert it, for instance with "
        "ffmpeg, to FLAC or WAV",
    )
