"""Framed streams: a stream of coded frames inside of a file, such as AC-3 in a transport stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.adts import adts_frame
from netencoders_audio.files.findings import malformed
from netencoders_audio.files.framed import Frame, FrameForm, read_framed
from netencoders_audio.files.mpeg_header import frame_header
from netencoders_audio.files.scattered import Scattered
from netencoders_audio.files.surround_frames import ac3_frame, dts_frame
from netencoders_audio.files.tracks import Track

__all__ = ["FRAMED", "framed_track"]

_FARTHEST: Final = 1 << 14  # bytes; the largest frame before a whole one, in a part of a broadcast
_LAYERS: Final = {1: "MPEG_LAYER_I", 2: "MP2", 3: "MPEG_LAYER_III"}


def _mpeg_frame(head: bytes) -> Frame | None:
    """Return the facts of an MPEG frame that begins with 4 bytes."""
    header = frame_header(head)
    if header is None or not header.length:
        return None
    form = header.form
    return Frame(header.length, form.samples, form.rate, _LAYERS[form.layer])


FRAMED: Final[Mapping[str, FrameForm]] = {
    "AAC": FrameForm("", 7, adts_frame),
    "AC3": FrameForm("", 8, ac3_frame),
    "EAC3": FrameForm("", 8, ac3_frame),
    "DTS": FrameForm("", 16, dts_frame),
    "MPEG": FrameForm("", 4, _mpeg_frame),
}
"""The forms of frames. The layer of MPEG audio is in its frames."""


def framed_track(
    container: str,
    coding: str,
    stream: Scattered,
    title: str = "",
    cut: str | None = None,
    before: int = 0,
) -> Track:
    """Return the track of a stream of frames.

    If the stream is damaged, the track is refused when it is chosen, so that others can be read.

    Parameters
    ----------
    container, coding : str
        A key of `FRAMED`.
    stream : Scattered
    title, cut : str, optional
        See `Track`.
    before : int, optional
        The number of bytes in front of the stream that belong to a frame without its begin.
    """
    form = replace(FRAMED[coding], container=container)
    try:
        start = _first_frame(stream, form)
        found = read_framed(stream, form, start)
    except AudioError as error:
        state = "cut" if error.code == "truncated" else "damaged"
        return Track(container, f"{coding} that is {state}", stream, title=title, refusal=error)
    cut = cut or found.cut
    [track] = found.tracks
    notes = track.notes
    if before + start:
        text = (
            f"begins inside a frame: {before + start} bytes before the first whole one are left out"
        )
        notes += (text,)
    return replace(track, title=title, cut=cut or track.cut, notes=notes)


def _first_frame(stream: Scattered, form: FrameForm) -> int:
    """Return the position of the first frame which another one, or the end, follows."""
    if not stream.size:
        raise AudioError(
            "the stream has no samples", code="empty-audio", remedy="give a file with samples"
        )
    data = stream.read_at(0, 2 * _FARTHEST)
    for place in range(min(_FARTHEST, len(data))):
        frame = form.parse(data[place : place + form.header])
        if frame is None or frame.follows:
            continue
        behind = data[place + frame.size :][: form.header]
        if not place or (len(behind) == form.header and form.parse(behind) is not None):
            return place
    raise malformed(f"no frame is in the first {len(data)} bytes of a stream of {form.container}")
