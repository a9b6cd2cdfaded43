"""Decoding: an open file becomes blocks of frames, by libsndfile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders_audio.binary import RestOfFile
from netencoders_audio.errors import AudioError

__all__ = ["SoundFileRecording"]

UNRECOGNIZED = 1  # libsndfile's code; with all others it knows the format
UNKNOWN_LENGTH = 1 << 62  # libsndfile says 2**63 - 1 of a FLAC file that does not tell


class SoundFileRecording:
    """A file that libsndfile decodes: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF and others.

    Parameters
    ----------
    file : int or RestOfFile
        A descriptor or a file object, which stay the caller's to close.
    name : str
        What messages call it.

    Raises
    ------
    AudioError
        It is empty, cannot be read, is no file of a known format, or a damaged one.
    """

    def __init__(self, file: int | RestOfFile, name: str) -> None:
        self.name = name
        self._file = file
        self._sound: Any = self._open()
        self._fresh = True
        self.rate: int = self._sound.samplerate
        self.channels: int = self._sound.channels
        frames: int = self._sound.frames
        self.length = frames if frames < UNKNOWN_LENGTH else None

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

        if _rewound_size(self._file) == 0:
            raise AudioError("a file of 0 bytes", code="empty-file", remedy="fetch it again")
        try:
            sound = soundfile.SoundFile(self._file, closefd=False)
        except soundfile.LibsndfileError as problem:
            self._check_reading()
            raise _unopened(problem.code, problem.error_string.rstrip(".")) from None
        # soundfile seeks after each read of what can seek: what an MP3 file decodes to would come
        # to depend on the size of the blocks, and a FLAC file of unknown length would lose its end.
        sound.seekable = lambda: False
        return sound

    def _read(self, buffer: npt.NDArray[Any], dtype: str) -> int:
        import soundfile

        try:
            count: int = self._sound.buffer_read_into(buffer, dtype=dtype)
        except soundfile.LibsndfileError as problem:
            self._check_reading()
            raise AudioError(
                f"decoding fails: {problem.error_string.rstrip('.')}",
                code="malformed",
                remedy="the file is damaged, fetch it again",
            ) from None
        self._check_reading()
        return count

    def _check_reading(self) -> None:
        problem = self._file.problem if isinstance(self._file, RestOfFile) else None
        if problem is not None:
            raise AudioError(
                f"reading fails with {type(problem).__name__}: {problem}",
                code="unreadable",
                remedy="look after the file object, it raised this",
            ) from problem

    def _check_length(self, total: int) -> None:
        if self.length is not None and total < self.length:
            raise AudioError(
                f"holds {total} frames of the {self.length} that it promises",
                code="truncated",
                remedy="the file is cut short, fetch it again",
            )


def _unopened(code: int, reason: str) -> AudioError:
    if code == UNRECOGNIZED:
        return AudioError(
            f"not recognized as audio: {reason}",
            code="unrecognized",
            remedy="formats read: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF; headerless samples go in "
            "as Audio(samples, rate)",
        )
    return AudioError(
        f"its header cannot be read: {reason}",
        code="malformed",
        remedy="the file is damaged, fetch it again",
    )


def _rewound_size(file: int | RestOfFile) -> int:
    if isinstance(file, RestOfFile):
        file.seek(0)
        return file.size
    os.lseek(file, 0, os.SEEK_SET)
    return os.fstat(file).st_size
