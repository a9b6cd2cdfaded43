"""MPEG audio: counts the frames of a file, and corrects the number that its first frame states.

An MP3 file is a sequence of frames. A tag in the first frame (Xing or Info) may state their number.
Without it, libmpg123 estimates the number from the size of the file, and libsndfile stops there: up
to half of a file of variable bit rate would be lost, and pictures would be decoded as audio. The
walk over the headers of all frames takes about a hundredth of the time of decoding.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, Pieces
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.mpeg_frames import Walk, walk
from netencoders_audio.files.mpeg_header import Form, frame_header
from netencoders_audio.files.mpeg_search import first_frame
from netencoders_audio.files.mpeg_tags import FrameTag, frame_tag
from netencoders_audio.files.tags import before_tags, skip_tags, zeros_at

__all__ = ["has_frames", "read_mp3"]

# libmpg123 leaves out the first samples: the delay of a decoder.
_DELAY: Final = 529
# The range after tags and zeros in which the first frame is searched; the second number is for a
# file that may be anything.
_MAX_START: Final = 1 << 20
_MAX_START_UNKNOWN: Final = 1 << 16
_MAX_ZEROS: Final = 1 << 24
# More zeros at the end of a file without a tag may be sound that was overwritten.
_LEAST_ZEROS: Final = 1 << 10
_QUIET_ZEROS: Final = 1 << 12


def read_mp3(content: Content) -> Findings:
    """Return the findings of MPEG audio, in a file or in the data of another container.

    The decoder gets the frames without the tags before and after them, and with the correct number
    of frames. A file that needs no change is decoded unchanged.

    Raises
    ------
    AudioError
        With code ``unrecognized``: no frames are found; ``empty-audio``: no frame has sound;
        ``malformed``: the sample rate, the number of channels, the version or the layer changes
        between the frames.
    """
    begin = _start(content)
    end = before_tags(content, 0, content.size)
    first = first_frame(content, begin, min(end, begin + _MAX_START))
    if first is None:
        raise AudioError(
            "not recognized as audio: it has no MPEG frames that follow each other",
            code="unrecognized",
            remedy="check that it is a whole MP3 file",
        )
    found = walk(content, first, end)
    if not found.count:
        raise AudioError(
            "no samples: it has no complete MPEG frame with sound",
            code="empty-audio",
            remedy="remove it from the inputs, or record it again",
        )
    notes = _notes(found, first - begin)
    if found.form.layer != 3:
        return _other_layer(content, found, notes)
    tag = frame_tag(found.tag, found.form.side)
    if tag is None or tag.frames is None:
        return _untagged(content, found, tag, notes)
    return _tagged(content, found, tag, notes)


def has_frames(content: Content) -> bool:
    """Return whether MPEG frames begin in the first 64 KiB after zeros and tags.

    Eight frames must follow each other, or three up to the end of the file, and agree in all fields
    that an encoder does not change.
    """
    begin = _start(content)
    end = min(content.size, begin + _MAX_START_UNKNOWN)
    return first_frame(content, begin, end, strict=True) is not None


def _start(content: Content) -> int:
    """Return the position after the tags and zeros at the beginning of a file."""
    if content.read_at(0, 1) == b"\xff":  # neither a tag nor a zero
        return 0
    place = skip_tags(content, 0)
    zeros = zeros_at(content, place, min(content.size, place + _MAX_ZEROS))
    return skip_tags(content, place + zeros) if zeros else place


def _notes(found: Walk, before: int) -> list[str]:
    """Return the notes on the bytes that are not frames, tags or zeros."""
    notes = []
    if before:
        notes.append(
            f"has {before} bytes before its first frame that are not audio: they are left out"
        )
    if found.between:
        notes.append(
            f"has {found.between} bytes between its frames that are not audio: they are skipped"
        )
    if found.behind:
        notes.append(
            f"has {found.behind} bytes behind its last frame that are not audio: they are left out"
        )
    if found.damaged:
        notes.append(
            f"has {found.damaged} MPEG frames of {found.count} whose side information contradicts "
            "the frames around them: their sound is wrong"
        )
    return notes


def _untagged(content: Content, found: Walk, tag: FrameTag | None, notes: list[str]) -> Findings:
    """Return the findings of a file that does not state the number of its frames."""
    if found.cut:
        notes.append(
            "ends inside a frame, and its header does not claim a number of frames: the complete "
            "frames are encoded"
        )
    if found.zeros > max(_LEAST_ZEROS, min(_QUIET_ZEROS, found.size // 8)):
        notes.append(
            f"has {found.zeros} bytes of zeros behind its last frame, and its header does not "
            f"claim a number of frames: {found.count} frames are encoded"
        )
    delay, padding = (tag.delay, tag.padding) if tag is not None else (0, 0)
    return _findings(content, found, _Plan(found.count, delay, padding), notes)


def _tagged(content: Content, found: Walk, tag: FrameTag, notes: list[str]) -> Findings:
    """Return the findings of a file whose first frame states the number of frames."""
    count, claimed, padding = found.count, tag.frames or 0, tag.padding
    size = len(found.tag) + found.size
    if count == claimed - 1 and tag.size == size:
        claimed = count  # some programs count the frame of the tag, too
    if count > claimed + 1:
        padding = 0  # it is not at the end of the last file
        notes.append(f"has {count} MPEG frames, but its header claims {claimed}: all are encoded")
    plan = _Plan(max(count, claimed), tag.delay, padding)
    if not tag.readable or not plan.samples(found.form, plan.frames):
        return _findings(content, found, plan, notes)
    changed = bytearray(found.tag)
    struct.pack_into(">I", changed, tag.frames_at, plan.frames)
    if tag.size is not None and 100 * abs(tag.size - size) > size:
        # libmpg123 prints a message about it.
        struct.pack_into(">I", changed, tag.size_at, min(size, 0xFFFF_FFFF))
    if padding != tag.padding:
        changed[tag.delay_at + 1] &= 0xF0
        changed[tag.delay_at + 2] = 0
    return _findings(content, found, plan, notes, bytes(changed))


def _other_layer(content: Content, found: Walk, notes: list[str]) -> Findings:
    """Return the findings of a file of layer I or II, which has no tags in its frames.

    libsndfile reads the number of samples that libmpg123 estimates from the size of the file and
    of the first frame. The beginning of one more frame makes the estimate large enough if all
    frames have the same bit rate.
    """
    missing = found.count * found.first - found.size
    more = (found.head + bytes(max(0, missing, found.first // 2)))[: found.first - 1]
    counted = found.count * found.form.samples
    return Findings((Pieces(content, [*found.runs, more]),), notes=tuple(notes), counted=counted)


@dataclass(frozen=True)
class _Plan:
    """The numbers that the decoder gets: of frames, and of samples before and after the sound."""

    frames: int
    delay: int
    padding: int

    def samples(self, form: Form, count: int) -> int:
        """Return the number of samples that libmpg123 gives if the file has `count` frames.

        It leaves out the delay of a decoder at the beginning, and the padding ends as much later.
        """
        whole = self.frames * form.samples - max(self.padding, _DELAY)
        return max(0, min(whole, count * form.samples - _DELAY) - self.delay)


def _findings(
    content: Content,
    found: Walk,
    plan: _Plan,
    notes: list[str],
    tag: bytes = b"",
) -> Findings:
    """Return the findings of a layer III file.

    Parameters
    ----------
    content : Content
    found : Walk
    plan : _Plan
    notes : list of str
    tag : bytes
        The first frame, with a corrected tag; if empty, the decoder gets a new first frame.
    """
    if not plan.samples(found.form, plan.frames):  # the delay and the padding cannot be right
        plan = _Plan(plan.frames, 0, 0)
    whole = plan.samples(found.form, plan.frames)
    counted = plan.samples(found.form, found.count)
    if counted == whole and found.count < plan.frames:
        notes.append(f"has {found.count} of the {plan.frames} MPEG frames that its header claims")
    first, *rest = found.runs
    given: Content
    if tag and tag == found.tag and not rest and first.start == found.start + len(tag):
        everything = range(found.start, first.stop)
        given = content if len(everything) == content.size else Pieces(content, [everything])
    else:
        given = Pieces(content, [tag or _counting_frame(found, plan), *found.runs])
    # `present` would refuse a truncated file also if a TargetLength ends before the damage.
    claimed = whole if counted < whole else None
    return Findings((given,), claimed, notes=tuple(notes), counted=counted)


def _counting_frame(found: Walk, plan: _Plan) -> bytes:
    """Return a silent frame whose tag states the number of the frames after it."""
    head = found.head
    # No CRC, no padding, 112 kbit/s in version 1 and 64 kbit/s in the others.
    header = bytes((head[0], head[1] | 1, 0x80 | head[2] & 0x0C, head[3]))
    tag = b"Info" + struct.pack(">II", 1, plan.frames)
    if plan.delay or plan.padding:
        both = plan.delay << 12 | plan.padding
        tag += b"LAME".ljust(9, b"\0") + b"\1" + bytes(11) + both.to_bytes(3, "big")
    known = frame_header(header)
    length = known.length if known is not None else 0
    return (header + bytes(found.form.side) + tag).ljust(length, b"\0")
