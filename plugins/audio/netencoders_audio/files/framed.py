"""Framed: files that consist of coded frames alone, each of which states its own size.

All frames are walked before decoding, because a decoder would skip damaged bytes in silence. The
walk also counts the samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, ended_before, malformed
from netencoders_audio.files.scattered import Scattered
from netencoders_audio.files.tags import unknown_bytes
from netencoders_audio.files.tracks import Span, Track, Window, packets_of

__all__ = ["Frame", "FrameForm", "read_framed"]

_FEW_ZEROS: Final = 1 << 12


class Frame(NamedTuple):
    """The facts in the header of a frame.

    Attributes
    ----------
    size : int
        The number of bytes, with the header.
    samples : int
        The number of samples of each channel.
    rate : int
        In Hz.
    coding : str
    follows : bool
        Whether the frame extends the frame before it; both are one packet.
    """

    size: int
    samples: int
    rate: int
    coding: str
    follows: bool = False


@dataclass(frozen=True)
class FrameForm:
    """The form of a file of frames.

    Attributes
    ----------
    container : str
    header : int
        The number of bytes that `parse` needs.
    parse : callable
        Returns the facts of the frame that begins with some bytes; None for other bytes.
    swapped : bool
        Whether each pair of bytes is in the other order, for the decoder.
    """

    container: str
    header: int
    parse: Callable[[bytes], Frame | None]
    swapped: bool = False


def read_framed(content: Content, form: FrameForm, start: int = 0, channels: int = 0) -> Findings:
    """Return the findings of a file of frames.

    Parameters
    ----------
    content : Content
    form : FrameForm
    start : int, optional
        The position of the first frame.
    channels : int, optional
        See `Track`.

    Raises
    ------
    AudioError
        With code ``malformed``: other bytes are between the frames, or the sample rate or the
        coding changes.
    """
    window, place, samples, cut = Window(content), start, 0, None
    first: Frame | None = None
    notes: tuple[str, ...] = ()
    begin = window.at(start, 1)
    while place < content.size:
        head = window.at(place, form.header)
        frame = form.parse(head)
        if frame is None and first is not None and len(head) < form.header and head[:1] == begin:
            cut = f"ends at byte {_at(content, content.size)}, inside the header of a frame"
            break
        if frame is None:
            notes = _behind(content, place)
            break
        if place + frame.size > content.size:
            end = _at(content, content.size)
            cut = f"ends at byte {end}, inside a frame of {frame.size} bytes"
            break
        if first is None:
            first = frame
        elif not frame.follows and (frame.rate, frame.coding) != (first.rate, first.coding):
            raise malformed(
                f"the frame at byte {_at(content, place)} has {frame.coding} at {frame.rate} Hz "
                f"instead of {first.coding} at {first.rate} Hz"
            )
        samples += 0 if frame.follows else frame.samples
        place += frame.size
    end = place
    if first is None:
        if cut is None:
            raise malformed("no frame begins behind its header")
        raise ended_before(cut, "its first whole frame")

    def packets() -> Iterator[bytes]:
        for packet in packets_of(content, _spans(content, form, start, end)):
            yield _swapped(packet) if form.swapped else packet

    track = Track(
        form.container,
        first.coding,
        content,
        packets,
        rate=first.rate,
        scale=first.rate,
        length=samples,
        cut=cut,
        notes=notes,
        channels=channels,
    )
    return Findings((content,), tracks=(track,))


def _at(content: Content, place: int) -> int:
    """Return the position in the file of a byte of a stream."""
    return content.origin(place) if isinstance(content, Scattered) else place


def _behind(content: Content, place: int) -> tuple[str, ...]:
    """Return the notes on the bytes behind the last frame; they are tags or zeros."""
    unknown = unknown_bytes(content, place, content.size)
    if unknown:
        place = _at(content, place)
        raise malformed(f"no frame begins at byte {place}, and {unknown} bytes there are no tags")
    rest = content.size - place
    if rest > _FEW_ZEROS and not any(content.read_at(place, _FEW_ZEROS)):
        return (f"has {rest} bytes behind its last frame that are zero: they may be lost sound",)
    return ()


def _spans(content: Content, form: FrameForm, start: int, end: int) -> Iterator[Span]:
    """Yield the packets: frames with those that extend them."""
    window, place = Window(content), start
    begin = start
    while place < end:
        frame = form.parse(window.at(place, form.header))
        if frame is None or place + frame.size > end:
            raise malformed(f"the frame at byte {place} has changed since the file was opened")
        if not frame.follows and place > begin:
            yield begin, place - begin
            begin = place
        place += frame.size
    if place > begin:
        yield begin, place - begin


def _swapped(data: bytes) -> bytes:
    swapped = bytearray(len(data) + len(data) % 2)
    swapped[0 : len(data) : 2], swapped[1 : len(data) : 2] = data[1::2], data[0 : len(data) - 1 : 2]
    return bytes(swapped[: len(data)])
