"""IMA files: decodes the blocks of IMA ADPCM in WAV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.ima import ImaBlocks, decoded
from netencoders_audio.recordings.file_recording import FileRecording

__all__ = ["ImaFile"]


class ImaFile(FileRecording):
    """A WAV file with IMA ADPCM.

    Parameters
    ----------
    content, found, name
        See `FileRecording`.
    blocks : ImaBlocks

    Raises
    ------
    AudioError
        The file is unreadable or truncated, or exceeds the limits.
    """

    length: int

    def __init__(self, content: Content, found: Findings, blocks: ImaBlocks, name: str) -> None:
        super().__init__(content, found, name)
        self._bytes = found.parts[0]
        self._blocks = blocks
        self.rate, self.channels, self.length = blocks.rate, blocks.channels, blocks.frames
        self._check("WAV", "IMA_ADPCM")

    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield the samples from `start` on, as int16; see `Recording`."""
        blocks = self._blocks
        count = max(1, size // blocks.block)
        total, max_frames = start, self._max_frames()
        for first in range(start // blocks.block, -(-self.length // blocks.block), count):
            begin = first * blocks.block
            frames = self._decoded(first, count)[max(0, start - begin) : self.length - begin]
            for place in range(0, len(frames), size):
                block = frames[place : place + size]
                total += len(block)
                if total > max_frames:
                    raise self._too_long()
                yield block
        self._compare(self.length, total)  # the file may have become shorter

    def _decoded(self, first: int, count: int) -> npt.NDArray[np.int16]:
        """Return the frames of some blocks; those of an incomplete block end with padding."""
        blocks = self._blocks
        place = blocks.data.start + first * blocks.align
        data = self._bytes.read_at(place, min(count * blocks.align, blocks.data.stop - place))
        padded = data.ljust(-(-len(data) // blocks.align) * blocks.align, b"\0")
        coded = np.frombuffer(padded, np.uint8).reshape(-1, blocks.align)
        return decoded(coded, blocks.channels, by_ffmpeg=blocks.by_ffmpeg)
