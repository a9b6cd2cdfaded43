"""Bytes behind the last frame of a FLAC file: tags and zeros are expected, others are counted.

A frame does not state its length. Its end is the place where its checksum is right.
"""

from __future__ import annotations

from netencoders_audio.files.content import Content
from netencoders_audio.files.flac_frames import frame_ends, is_whole
from netencoders_audio.files.tags import before_tags, unknown_bytes

__all__ = ["Behind", "behind_frame"]


class Behind:
    """The bytes behind a frame.

    Parameters
    ----------
    present : bool
        Whether there are any.
    unknown : int
        The number of bytes that are neither tags nor zeros.
    exact : bool
        Whether the number is exact: the checksum of a frame may be right at several places.
    """

    def __init__(self, present: bool, unknown: int = 0, exact: bool = True) -> None:
        self.present = present
        self.unknown = unknown
        self.exact = exact

    @property
    def notes(self) -> tuple[str, ...]:
        """The note on the bytes that are left out."""
        if not self.unknown:
            return ()
        count = self.unknown if self.exact else f"at least {self.unknown}"
        return (f"has {count} bytes behind its last frame that are not audio: they are left out",)


def behind_frame(content: Content, place: int, stop: int, bound: int) -> Behind | None:
    """Return the bytes behind a frame; None if the frame is incomplete or damaged.

    Parameters
    ----------
    content : Content
    place, stop : int
        The position of the frame, and the end of the file.
    bound : int
        The largest length of the frame.
    """
    floor = place + 1  # no tag begins at the frame
    frame = content.read_at(place, min(bound, stop - place))
    if is_whole(frame):
        end = place + len(frame)
        return Behind(frame.endswith(b"\0") or end < stop, unknown_bytes(content, end, stop, floor))
    end = before_tags(content, floor, stop)
    if end < stop and end - place <= bound and is_whole(frame[: end - place]):
        return Behind(True)
    ends = frame_ends(frame)
    if not ends:
        return None
    counts = [unknown_bytes(content, place + length, stop, floor) for length in ends]
    return Behind(True, min(counts), len(counts) == 1)
