"""The end of a FLAC file: tells a file that is cut from a file that is damaged before its end."""

from __future__ import annotations

from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.flac_frames import frame_header

__all__ = ["ends_early"]

_TAIL: Final = 1 << 17  # contains a frame of 8 channels of 24 bits
_HEADER: Final = 16


def ends_early(content: Content, decoded: int) -> bool:
    """Return whether the file ends inside the frame after the decoded ones.

    That is so if no frame begins after that frame. If one does, the file is damaged before its end.
    Bytes of audio may look like the header of a frame, with any number; so a frame counts only if
    it begins where another one ends.

    Parameters
    ----------
    content : Content
    decoded : int
        The number of samples of each channel in the frames before it.
    """
    block = int.from_bytes(content.read_at(8, 2))
    tail = content.read_at(max(0, content.size - _TAIL), _TAIL)
    starts, ends = set(), {decoded + block}
    place = tail.find(b"\xff")
    while place >= 0:
        header = frame_header(tail[place : place + _HEADER], block)
        if header is not None:
            starts.add(header.end - header.samples)
            ends.add(header.end)
        place = tail.find(b"\xff", place + 1)
    return not any(start > decoded and start in ends for start in starts)
