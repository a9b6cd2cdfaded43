"""Pieces: the parts of a long FLAC file, which several threads decode at once.

Each piece is decoded by a decoder that seeks to it. The samples are those of the whole decode,
because only files whose frame numbers are regular are split. A piece that is not as expected is
None; then the file is decoded in its order, which finds the damage and names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders_audio.files.content import OpenFile
from netencoders_audio.files.descriptors import opened_again
from netencoders_audio.recordings.decoder import Decoder, DecoderError

__all__ = ["Pieces"]

Frames = npt.NDArray[Any]


class Pieces:
    """The pieces of a file of known length, in the form in which they are decoded.

    The threads share a list of decoders that are not in use; `list.pop` and `list.append` need no
    lock. There are at most as many decoders as threads.

    Parameters
    ----------
    file : OpenFile
    length, channels : int
        The number of frames, and of the samples in each.
    dtype : str
        int16 or float32.
    size : int
        The number of frames of each piece except the last one.
    """

    def __init__(self, file: OpenFile, length: int, channels: int, dtype: str, size: int) -> None:
        self._file = file
        self._length, self._size = length, size
        self._channels, self._dtype = channels, dtype
        self._free: list[tuple[Decoder, int]] = []
        first = self._opened()
        self.possible = first is not None
        """Whether the system opens the file a second time."""
        if first is not None:
            self._free.append((first, 0))

    def jobs(self) -> Iterator[Callable[[], Frames | None]]:
        """Yield functions that decode one piece each, in the order of the file.

        Any threads may call them, in any order. The result is None unless libsndfile decodes the
        frames of the piece, and the next one, without an error.
        """
        for start in range(0, self._length, self._size):
            yield partial(self._decode, start, min(self._size, self._length - start))

    def _decode(self, start: int, count: int) -> Frames | None:
        place: int
        decoder: Decoder | None
        try:
            decoder, place = self._free.pop()
        except IndexError:
            decoder, place = self._opened(), 0
        if decoder is None or (place != start and not decoder.seek(start)):
            return None
        place = start + count
        frames = np.empty((count, self._channels), self._dtype)
        if decoder.read(frames) != (count, 0):
            return None
        if place < self._length:
            # A seek to the next piece would not find bytes between two frames.
            if decoder.read(np.empty((1, self._channels), self._dtype)) != (1, 0):
                return None
            place += 1
        self._free.append((decoder, place))
        return frames

    def _opened(self) -> Decoder | None:
        """Return a decoder that reads the file by a descriptor of its own."""
        descriptor = self._file.descriptor
        again = None if descriptor is None else opened_again(descriptor)
        if again is None:
            return None
        try:
            return Decoder(OpenFile(again))
        except DecoderError:
            return None
