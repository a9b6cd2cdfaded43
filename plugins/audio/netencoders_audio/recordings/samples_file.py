"""Samples files: numpy reads the samples of uncompressed files (A34)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.files.content import Content, InMemory, OpenFile
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.layout import Layout
from netencoders_audio.recordings.file_recording import FileRecording
from netencoders_audio.recordings.stored_samples import converter, margin

__all__ = ["SamplesFile"]

_ALIGNED: Final = 16
"""Samples begin at a multiple of this number of bytes in the buffer."""


class SamplesFile(FileRecording):
    """A file whose samples need no decoder: WAV, AIFF, AU, CAF and others with PCM or floats.

    Parameters
    ----------
    content, found, name
        See `FileRecording`.
    layout : Layout
        The samples.

    Raises
    ------
    AudioError
        The file is unreadable or truncated, or exceeds the limits.
    """

    length: int

    def __init__(self, content: Content, found: Findings, layout: Layout, name: str) -> None:
        super().__init__(content, found, name)
        self._bytes = found.parts[0]
        self._layout = layout
        self.rate = layout.rate
        self.channels = layout.channels
        self.length = layout.frames
        self._check(layout.container, layout.coding)

    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield the samples from `start` on, as int16 or float32; see `Recording`."""
        layout, total = self._layout, start
        max_frames = self._max_frames()
        size = max(1, min(size, self.length - start))
        convert = converter(layout, size)
        buffer = np.empty(2 * _ALIGNED + size * layout.frame, np.uint8)
        for place, wanted in self._pieces(size, start):
            data = self._read(buffer, place, wanted)
            count = len(data) // layout.frame  # the margin is smaller than a frame
            total += count
            if total > max_frames:
                raise self._too_long()
            if count:
                yield convert(data).reshape(count, layout.channels)
            if count < wanted:  # the file has become shorter
                self._compare(self.length, total)
                return

    def _pieces(self, size: int, start: int) -> Iterator[tuple[int, int]]:
        """Yield the position and the number of frames of each block."""
        frame = self._layout.frame
        for run in self._layout.runs:
            frames = len(run) // frame
            for first in range(start, frames, size):
                yield run.start + first * frame, min(size, frames - first)
            start = max(0, start - frames)

    def _read(self, buffer: npt.NDArray[np.uint8], place: int, count: int) -> npt.NDArray[np.uint8]:
        """Return the bytes of up to `count` whole frames, with the margin of the converter."""
        frame, around = self._layout.frame, margin(self._layout)
        size = count * frame
        if isinstance(self._bytes, InMemory) and not around:
            return np.frombuffer(self._bytes.view_at(place, size), np.uint8)
        room = buffer[_ALIGNED : _ALIGNED + size]
        if isinstance(self._bytes, OpenFile):
            got = self._bytes.read_into(place, room)
        else:
            data = self._bytes.read_at(place, size)
            got = len(data)
            room[:got] = np.frombuffer(data, np.uint8)
        got -= got % frame
        return buffer[_ALIGNED - around : _ALIGNED + got + around]
