"""Decoding: an open file becomes blocks of frames, by libsndfile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError

__all__ = ["SoundFileRecording"]


class SoundFileRecording:
    """A file that libsndfile decodes: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF and others.

    Parameters
    ----------
    file : int or binary file object
        A descriptor, which stays the caller's to close, or an object that can seek.
    name : str
        What messages call it.

    Raises
    ------
    AudioError
        It is empty, or no file of a known format.
    """

    def __init__(self, file: Any, name: str) -> None:
        self.name = name
        self._file = file
        self._start = _position(file)
        self._sound: Any = self._open()
        self._fresh = True
        self.rate: int = self._sound.samplerate
        self.channels: int = self._sound.channels
        self.length: int | None = self._sound.frames

    def blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Give the decoded frames; see `Recording`.

        16-bit codings are read as int16, and scaled where they are mixed: libsndfile's own
        conversion takes several times as long. All others come as float32, scaled to full range 1.
        """
        if not self._fresh:
            self.close()
            self._sound = self._open()
        self._fresh = False
        dtype = "int16" if self._sound.subtype == "PCM_16" else "float32"
        buffer = np.empty((size, self.channels), dtype)
        total = 0
        while True:
            count = self._read(buffer, dtype)
            total += count
            if count:
                yield buffer[:count]
            if count < size:
                break
        self._check_length(total)

    def close(self) -> None:
        """Close the decoder; the file itself stays open."""
        self._sound.close()

    def _open(self) -> Any:
        import soundfile  # late: `netencoders list` needs no decoder

        if _size(self._file) == 0:
            raise AudioError("a file of 0 bytes", code="empty-file", remedy="fetch it again")
        _rewind(self._file, self._start)
        try:
            return soundfile.SoundFile(self._file, closefd=False)
        except soundfile.LibsndfileError as problem:
            raise AudioError(
                f"not recognized as audio: {problem.error_string.rstrip('.')}",
                code="unrecognized",
                remedy="formats read: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF; headerless samples "
                "go in as Audio(samples, rate)",
            ) from None

    def _read(self, buffer: npt.NDArray[Any], dtype: str) -> int:
        import soundfile

        try:
            count: int = self._sound.buffer_read_into(buffer, dtype=dtype)
        except soundfile.LibsndfileError as problem:
            raise AudioError(
                f"decoding fails: {problem.error_string.rstrip('.')}",
                code="malformed",
                remedy="the file is damaged, fetch it again",
            ) from None
        return count

    def _check_length(self, total: int) -> None:
        if self.length is not None and total < self.length:
            raise AudioError(
                f"holds {total} frames of the {self.length} that it promises",
                code="truncated",
                remedy="the file is cut short, fetch it again",
            )


def _position(file: Any) -> int:
    return 0 if isinstance(file, int) else int(file.tell())


def _rewind(file: Any, start: int) -> None:
    if isinstance(file, int):
        os.lseek(file, start, os.SEEK_SET)
    else:
        file.seek(start)


def _size(file: Any) -> int:
    if isinstance(file, int):
        return os.fstat(file).st_size
    here = file.tell()
    end = int(file.seek(0, os.SEEK_END))
    file.seek(here)
    return end
