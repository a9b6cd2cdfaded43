"""FLAC files as encoders write them: the compiled kernel reads the headers of all their frames.

The findings are those of `flac`, which reads all other files.
"""

from __future__ import annotations

from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.flac_frames import HEADER, first_frame, frame_bound, stream_info
from netencoders_audio.kernel.scans import FlacScan, has_scans

__all__ = ["regular_length"]

_DEPTHS: Final = (8, 16, 24)  # those that libsndfile reads
_PIECE: Final = 96 << 10  # as in `flac_scan`


def regular_length(content: Content) -> int | None:
    """Return the number of samples of a file that contains its frames and nothing else.

    The frames have the form and the size that the header states, and their numbers have no gap.
    They end at the length that the header claims, and the file ends with the last frame.

    Returns
    -------
    int or None
        None if the file is not so, if that is not known, or without the compiled kernel.
    """
    if not has_scans():
        return None
    info, begin = stream_info(content), first_frame(content)
    sizes = content.read_at(8, 4)
    form = info.form
    if begin is None or not info.claimed or form.bits not in _DEPTHS or sizes[:2] != sizes[2:]:
        return None
    scan = FlacScan(form.rate, form.channels, form.bits, info.block)
    start, piece = begin, b""
    for start in range(begin, content.size, _PIECE):
        piece = content.read_at(start, _PIECE + HEADER)
        if not scan.add(piece, _PIECE, start - begin):
            return None
    if scan.length != info.claimed:
        return None
    place = begin + scan.place
    length = content.size - place
    if length > frame_bound(form, scan.samples):
        return None
    last = piece[place - start :] if place >= start else content.read_at(place, length)
    return info.claimed if len(last) == length and scan.is_whole(last) else None
