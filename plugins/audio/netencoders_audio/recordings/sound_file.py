"""Sound files: libsndfile decodes them in blocks of frames."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, OpenFile, View
from netencoders_audio.files.findings import Findings
from netencoders_audio.files.flac_gaps import Gaps
from netencoders_audio.files.sniff import READABLE
from netencoders_audio.recordings.file_recording import FileRecording
from netencoders_audio.recordings.recording import after

__all__ = ["SoundFileRecording"]

UNRECOGNIZED: Final = 1  # libsndfile's error code for an unknown format
UNKNOWN_LENGTH: Final = 1 << 62  # libsndfile gives 2**63 - 1 for a FLAC file without a length


class SoundFileRecording(FileRecording):
    """A file that libsndfile decodes: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF and others.

    The decoded length is compared with the claimed length. If frames are missing, the error has the
    code ``truncated``; under the policy ``truncated="warn"`` there is a warning instead.

    Parameters
    ----------
    content, found, name
        See `FileRecording`.

    Raises
    ------
    AudioError
        The file is unreadable, of an unknown format, damaged or truncated.
    """

    def __init__(self, content: Content, found: Findings, name: str) -> None:
        super().__init__(content, found, name)
        self._parts = found.parts
        self._claimed = found.claimed
        self._sound: Any = self._open(0)
        self._at_start = True
        self.rate: int = self._sound.samplerate
        self.channels: int = self._sound.channels
        frames: int = self._sound.frames
        container, coding = self._sound.format, self._sound.subtype
        self._is_flac = container == "FLAC"
        self._dtype = "int16" if coding == "PCM_16" else "float32"
        self._length_known = frames < UNKNOWN_LENGTH and len(self._parts) == 1
        self.length = frames if self._length_known else found.claimed
        try:
            self._check(container, coding)
        except AudioError:
            self._sound.close()
            raise

    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield the decoded frames; see `Recording`."""
        yield from after(self._all_blocks(size), start)

    def _all_blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Yield all decoded frames.

        16-bit codings are read as int16, and `stages.mono` scales them: libsndfile's own conversion
        takes several times as long. All other codings are read as float32, with full scale 1.
        """
        buffer = np.empty((size, self.channels), self._dtype)
        max_frames = self._max_frames()
        gaps = Gaps(self._read_bytes, self._parts[0].size) if self._is_flac else None
        total = 0
        for index in range(len(self._parts)):
            if index or not self._at_start:
                self._reopen(index)
            self._at_start = False
            while count := self._read(buffer[: self._wanted(size, total)], total):
                if gaps is not None and (lost := gaps.find(buffer[:count], total)) is not None:
                    raise _gap_error(lost)
                total += count
                if total > max_frames:
                    raise self._too_long()
                yield buffer[:count]
        if self.length is not None:
            self._compare(self.length, total)
            if total > self.length:
                self._warn(
                    f"has {total} frames, but its header claims {self.length}: all are encoded"
                )

    def close(self) -> None:
        """Close the decoder and the file."""
        try:
            self._sound.close()
        finally:
            self._content.close()

    def _wanted(self, size: int, total: int) -> int:
        """Return the number of frames to read, up to the claimed length: a tag may follow it."""
        left = size if self.length is None else self.length - total
        return min(size, left) if left > 0 or self._length_known else size

    def _reopen(self, index: int) -> None:
        self._sound.close()
        self._sound = self._open(index)
        if (self._sound.samplerate, self._sound.channels) != (self.rate, self.channels):
            raise AudioError(
                f"part {index + 1} has another sample rate or number of channels than part 1",
                code="malformed",
                remedy="split it into one file for each part",
            )

    def _open(self, index: int) -> Any:
        import soundfile  # late: `netencoders list` needs no decoder

        content = self._parts[index]
        self._file: int | View = View(content)
        if isinstance(content, OpenFile):
            self._file = content.descriptor
            os.lseek(self._file, 0, os.SEEK_SET)
        try:
            sound = soundfile.SoundFile(self._file, closefd=False)
        except soundfile.LibsndfileError as problem:
            self._check_reading()
            raise _open_error(problem.code, problem.error_string.rstrip(".")) from None
        # soundfile seeks after each read of a seekable file. Then the samples of an MP3 file would
        # depend on the size of the blocks, and a FLAC file of unknown length would lose its end.
        sound.seekable = lambda: False
        return sound

    def _read(self, buffer: npt.NDArray[Any], total: int) -> int:
        import soundfile

        if not len(buffer):
            return 0
        try:
            count: int = self._sound.buffer_read_into(buffer, self._dtype)
        except soundfile.LibsndfileError as problem:
            self._check_reading()
            if self._claimed is not None and total >= self._claimed:
                return 0  # a tag follows the claimed frames
            raise AudioError(
                f"decoding fails: {problem.error_string.rstrip('.')}",
                code="malformed",
                remedy="the file is damaged: fetch it again",
            ) from None
        self._check_reading()
        return count

    def _read_bytes(self, offset: int, count: int) -> bytes:
        """Return bytes of the first part, and keep the position of the decoder."""
        file = self._file
        here = os.lseek(file, 0, os.SEEK_CUR) if isinstance(file, int) else 0
        try:
            return self._parts[0].read_at(offset, count)
        finally:
            if isinstance(file, int):
                os.lseek(file, here, os.SEEK_SET)

    def _check_reading(self) -> None:
        if isinstance(self._file, View) and self._file.problem is not None:
            raise self._file.problem


def _gap_error(lost: range) -> AudioError:
    return AudioError(
        f"frames {lost.start} to {lost.stop - 1} are missing from its middle",
        code="malformed",
        remedy="the file is damaged: fetch it again",
    )


def _open_error(code: int, reason: str) -> AudioError:
    if code == UNRECOGNIZED:
        return AudioError(
            f"not recognized as audio: {reason}",
            code="unrecognized",
            remedy=READABLE,
        )
    return AudioError(
        f"its header cannot be read: {reason}",
        code="malformed",
        remedy="the file is damaged: fetch it again",
    )
