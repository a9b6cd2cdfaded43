"""Tracks: streams of coded audio with their packets, for the readers of other codings (A89).

A module of this folder finds the packets of a container. So a decoder gets bytes and opens no file:
a playlist, or a link to another file, has no effect.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import malformed

__all__ = ["MAX_PACKET", "Span", "Track", "Window", "packets_of", "packets_of_pairs"]

MAX_PACKET: Final = 1 << 24
"""The largest packet in bytes. Those of the codings that are read have some kilobytes."""

_WINDOW: Final = 1 << 16

Span = tuple[int, int]
"""The position and the number of some bytes."""


@dataclass(frozen=True)
class Track:
    """A stream of coded audio in a file.

    Parameters
    ----------
    container, coding : str
        The pair that determines the reader.
    content : Content
        The file.
    packets : callable or None
        It returns an iterator of the packets, as bytes. It is None if the core does not know the
        container: the reader then finds the packets in the content.
    rate, channels : int
        As the container states them; 0 if it does not.
    config : bytes
        The header for the decoder, in the form of the coding.
    settings : tuple of (str, int)
        Further numbers of the header: ``block_align``, ``bit_rate``, ``bits``.
    scale : int
        The number of units in a second, of the next three attributes; 0 if a unit is a frame.
    skip : int
        The time before the first sample: the delay of the coder, as the container states it.
    length : int or None
        The time from the first sample to the last, if the container states it.
    drop : int
        The time behind the last sample, if the container states this instead.
    complete : bool
        Whether fewer samples than `length` are an error. Otherwise the container rounds the length.
    ends : bool
        Whether the sound ends at `length`, although more may follow: the file was cut by an edit.
    cut : str or None
        See `Findings`.
    notes : tuple of str
        See `Findings`.
    title : str
        Language and name, for a list of streams.
    refusal : AudioError or None
        The error if no reader is registered; None for a general one.

    Examples
    --------
    >>> from netencoders_audio import Track
    >>> from netencoders_audio.files.content import InMemory
    >>> track = Track("TAK", "TAK", InMemory(b"tBaK"))
    >>> track.content.read_at(0, 4)
    b'tBaK'
    """

    container: str
    coding: str
    content: Content
    packets: Callable[[], Iterator[bytes]] | None = None
    rate: int = 0
    channels: int = 0
    config: bytes = b""
    settings: tuple[tuple[str, int], ...] = ()
    scale: int = 1
    skip: int = 0
    length: int | None = None
    drop: int = 0
    complete: bool = True
    ends: bool = False
    cut: str | None = None
    notes: tuple[str, ...] = ()
    title: str = ""
    refusal: AudioError | None = None

    def frames(self, units: int, rate: int) -> int:
        """Return the number of frames in some units, at a sample rate; half a frame counts as one.

        A decoder may double the rate that the container states (HE-AAC).
        """
        scale = self.scale or rate
        return (2 * units * rate + scale) // (2 * scale)


class Window:
    """Reads a content in its order, in large pieces.

    Parameters
    ----------
    content : Content
    piece : int, optional
        The number of bytes that are read at once. Few are better if most bytes are skipped.
    """

    def __init__(self, content: Content, piece: int = _WINDOW) -> None:
        self._content = content
        self._piece = piece
        self._start = 0
        self._data = b""
        self.size = content.size

    def at(self, place: int, count: int) -> bytes:
        """Return `count` bytes from a position on; fewer at the end of the content."""
        begin = place - self._start
        if begin < 0 or begin + count > len(self._data):
            if count > self._piece:
                return self._content.read_at(place, count)
            self._data = self._content.read_at(place, self._piece)
            self._start, begin = place, 0
        return self._data[begin : begin + count]


def packets_of(content: Content, spans: Iterable[Span]) -> Iterator[bytes]:
    """Yield the bytes at some spans.

    Raises
    ------
    AudioError
        With code ``malformed``: a packet is larger than `MAX_PACKET`, or the file has become
        shorter.
    """
    window = Window(content)
    for place, size in spans:
        if size > MAX_PACKET:
            raise malformed(f"the packet at byte {place} has {size} bytes, more than {MAX_PACKET}")
        data = window.at(place, size)
        if len(data) < size:
            raise malformed(f"the packet at byte {place} ends before its {size} bytes")
        yield data


def packets_of_pairs(content: Content, pairs: array[int]) -> Iterator[bytes]:
    """Yield the bytes at some spans, which alternate as place and size in one array."""
    return packets_of(content, zip(pairs[0::2], pairs[1::2], strict=True))
