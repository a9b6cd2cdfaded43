"""The tags of MP3 files: ID3, APE and Lyrics3 around the frames, and Xing, Info, VBRI in a frame.

A tag in the first frame states the number of frames (Xing, Info and Fraunhofer's VBRI). LAME adds
the samples that the encoder put before and after the sound: its delay and its padding.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

from netencoders_audio.files.content import Content

__all__ = ["FrameTag", "end_of_sound", "frame_tag", "skip_id3", "skip_tags", "zeros_at"]

_ID3V1: Final = 128
_APE: Final = 32  # the length of its header and of its footer
_MAX_LYRICS: Final = 1 << 20
_MAX_TAGS: Final = 100
_PIECE: Final = 1 << 20
_NAME: Final = re.compile(rb"\0*(Xing|Info|VBRI)", re.DOTALL)


@dataclass(frozen=True)
class FrameTag:
    """The fields of a tag in a frame; the places are relative to the frame.

    Attributes
    ----------
    readable : bool
        Whether libmpg123 recognizes the tag; otherwise it decodes the frame as sound.
    frames, size : int or None
        The claimed number of frames and of bytes.
    frames_at, size_at : int
        Their places.
    delay, padding : int
        The samples that the encoder added before and after the sound.
    delay_at : int
        The place of the three bytes of delay and padding; 0 if there are none.
    """

    readable: bool
    frames: int | None
    size: int | None = None
    frames_at: int = 0
    size_at: int = 0
    delay: int = 0
    padding: int = 0
    delay_at: int = 0


def skip_id3(content: Content, place: int = 0) -> int:
    """Return the position after the ID3v2 tags at a position, at most the end of the file."""
    while place < content.size:
        head = content.read_at(place, 10)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 127:
            break
        length = 0
        for byte in head[6:10]:
            length = length << 7 | byte
        place += 10 + length + (10 if head[5] & 0x10 else 0)
    return min(place, content.size)


def skip_tags(content: Content, place: int, stop: int | None = None) -> int:
    """Return the position after all tags at a position, at most `stop` or the end of the file."""
    stop = content.size if stop is None else stop
    for _ in range(_MAX_TAGS):
        head = content.read_at(place, 16)
        if head.startswith(b"ID3"):
            after = skip_id3(content, place)
        elif head.startswith(b"APETAGEX") and len(head) == 16:
            (length,) = struct.unpack("<I", head[12:16])
            after = place + _APE + length
        elif head.startswith(b"TAG"):
            after = place + _ID3V1
        elif head.startswith(b"LYRICSBEGIN"):
            data = content.read_at(place, _MAX_LYRICS)
            end = re.search(rb"LYRICS200|LYRICSEND", data)
            after = place + (end.end() if end else 0)
        else:
            break
        if after <= place or after > stop:
            break
        place = after
    return place


def end_of_sound(content: Content) -> int:
    """Return the position of the tags at the end of a file, which is its size without tags."""
    end = content.size
    for _ in range(_MAX_TAGS):
        data = content.read_at(max(0, end - _ID3V1), min(end, _ID3V1))
        length = 0
        if len(data) == _ID3V1 and data.startswith(b"TAG"):
            length = _ID3V1
        elif data[-_APE:].startswith(b"APETAGEX"):
            size, _items, flags = struct.unpack("<III", data[-20:-8])
            length = size + (_APE if flags & 1 << 31 else 0)
        elif re.fullmatch(rb"\d{6}LYRICS200", data[-15:]):
            length = int(data[-15:-9]) + 15
            if content.read_at(max(0, end - length), 11) != b"LYRICSBEGIN":
                break
        if not 0 < length < end:
            break
        end -= length
    return end


def zeros_at(content: Content, place: int, stop: int) -> int:
    """Return the number of zeros from a position on."""
    begin, length = place, 1 << 9
    while place < stop:
        data = content.read_at(place, min(length, stop - place))
        rest = data.lstrip(b"\0")
        place += len(data) - len(rest)
        if rest or not data:
            break
        length = _PIECE
    return place - begin


def frame_tag(frame: bytes, side: int) -> FrameTag | None:
    """Return the tag in a frame, or None.

    Parameters
    ----------
    frame : bytes
    side : int
        The length of its side information.
    """
    found = _NAME.match(frame, 6)
    if found is None:
        return None
    place = found.end()
    if found[1] == b"VBRI":
        if place != 40 or len(frame) < 54:
            return None
        size, frames = struct.unpack_from(">II", frame, 46)
        return FrameTag(readable=False, frames=frames, size=size)
    if place - 8 not in (side, side + 2) or len(frame) < place + 4:
        return None
    readable = place - 8 == side  # also in a frame with a checksum
    (flags,) = struct.unpack_from(">I", frame, place)
    place += 4
    frames_at = size_at = 0
    if flags & 1:
        frames_at, place = place, place + 4
    if flags & 2:
        size_at, place = place, place + 4
    place += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
    known = bool(frames_at) and frames_at + 4 <= len(frame)
    delay = padding = delay_at = 0
    if place + 24 <= len(frame) and frame[place]:
        delay_at = place + 21
        both = int.from_bytes(frame[delay_at : delay_at + 3], "big")
        delay, padding = both >> 12, both & 0xFFF
    return FrameTag(
        readable and known,
        struct.unpack_from(">I", frame, frames_at)[0] if known else None,
        struct.unpack_from(">I", frame, size_at)[0]
        if size_at and size_at + 4 <= len(frame)
        else None,
        frames_at,
        size_at,
        delay,
        padding,
        delay_at,
    )
