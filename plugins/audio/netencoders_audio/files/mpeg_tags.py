"""The tags in an MPEG frame without sound: Xing, Info and VBRI.

A tag in the first frame states the number of frames (Xing, Info and Fraunhofer's VBRI). LAME adds
the samples that the encoder put before and after the sound: its delay and its padding.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

__all__ = ["FrameTag", "frame_tag"]

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
