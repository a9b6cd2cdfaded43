"""FLAC packets: the frames of FLAC files of other numbers of bits than libsndfile reads.

Each frame ends where its checksum is right and the next frame begins, so damage is found before
decoding.
"""

from __future__ import annotations

import re
from array import array
from functools import partial
from typing import Final

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, malformed
from netencoders_audio.files.flac_frames import (
    HEADER,
    FrameHeader,
    first_frame,
    frame_header,
    is_whole,
    stream_info,
)
from netencoders_audio.files.tags import before_tags
from netencoders_audio.files.tracks import Track, packets_of_pairs

__all__ = ["read_flac_frames"]

_SYNC: Final = re.compile(rb"\xff[\xf8\xf9]")
_FIRST_PIECE: Final = 1 << 16
_LARGEST: Final = 1 << 22


def read_flac_frames(content: Content) -> Findings:
    """Return the findings of a FLAC file, with the place of each frame.

    Raises
    ------
    AudioError
        With code ``malformed``: a frame is damaged.
    """
    info = stream_info(content)
    place = first_frame(content) or content.size
    stop = before_tags(content, place, content.size)
    packets, present, cut = array("q"), 0, None
    block = 0
    while place < stop:
        header = frame_header(content.read_at(place, HEADER), block)
        if header is None:
            raise malformed(f"no frame begins at byte {place}")
        if header.form_in(info) != info.form:
            raise malformed(
                f"the frame at byte {place} has {header.form_in(info)}, but its header has "
                f"{info.form}"
            )
        block = block or header.samples
        expected = present if header.variable else present // block
        if header.number != expected:
            raise malformed(
                f"the frame at byte {place} has the number {header.number}, not {expected}"
            )
        end = _end(content, place, stop, header, block)
        if end is None:
            cut = f"ends after {present} frames, inside a frame"
            break
        packets.extend((place, end - place))
        present += header.samples
        place = end
    if info.claimed and present < info.claimed:
        cut = f"has {present} of the {info.claimed} frames that its header claims"
    notes: tuple[str, ...] = ()
    if info.claimed and present > info.claimed:
        notes = (f"has {present} frames, but its header claims {info.claimed}: all are encoded",)
    rate, channels, bits = info.form
    track = Track(
        "FLAC",
        "FLAC",
        content,
        partial(packets_of_pairs, content, packets),
        rate=rate,
        channels=channels,
        config=content.read_at(8, 34),
        settings=(("bits", bits),),
        scale=0,
        length=present,
        cut=cut,
        notes=notes,
    )
    return Findings((content,), tracks=(track,))


def _end(content: Content, place: int, stop: int, header: FrameHeader, block: int) -> int | None:
    """Return the end of a frame; None if the file ends inside of it.

    Raises
    ------
    AudioError
        With code ``malformed``: another frame follows, and the checksum is wrong.
    """
    size = _FIRST_PIECE
    while True:
        data = content.read_at(place, min(size, stop - place))
        follows = False
        for sync in _SYNC.finditer(data, HEADER // 2):
            following = frame_header(data[sync.start() : sync.start() + HEADER], block)
            if following is None or following.form.channels != header.form.channels:
                continue
            if following.number not in (header.number + 1, header.number + header.samples):
                continue
            if is_whole(data[: sync.start()]):
                return place + sync.start()
            follows = True
        if place + len(data) >= stop:
            if is_whole(data):
                return stop
            if follows:
                raise malformed(f"the checksum of the frame at byte {place} is wrong")
            return None
        if size >= _LARGEST:
            raise malformed(f"the frame at byte {place} has no end")
        size *= 4
