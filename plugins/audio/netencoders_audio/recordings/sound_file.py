"""Decoding of files by libsndfile, in blocks of frames."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders.policies import current
from netencoders_audio.errors import AudioError, AudioWarning
from netencoders_audio.files.content import Content, OpenFile, View
from netencoders_audio.files.flac_gaps import Gaps
from netencoders_audio.files.inspection import inspect
from netencoders_audio.limits import check_coding, check_form, current_limits, exceeded
from netencoders_audio.recordings.recording import Recording

__all__ = ["SoundFileRecording"]

UNRECOGNIZED: Final = 1  # of libsndfile's error codes, the only one for an unknown format
UNKNOWN_LENGTH: Final = 1 << 62  # libsndfile gives 2**63 - 1 for a FLAC file without a length


class SoundFileRecording(Recording):
    """A file that libsndfile decodes: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF and others.

    The decoded length is compared with the claimed one. Fewer frames are an error with code
    ``truncated``, or a warning under the policy ``truncated="warn"``.

    Parameters
    ----------
    content : Content
        Closed with the recording.
    name : str
        Its name in messages.

    Raises
    ------
    AudioError
        The file is empty, unreadable, of an unknown format, damaged or truncated.
    """

    repeatable = True

    def __init__(self, content: Content, name: str) -> None:
        self.name = name
        self._content = content
        self._tolerant = current("truncated", "error") == "warn"
        self._warned: set[str] = set()
        found = inspect(content)
        self._parts = found.parts
        self._promised = found.promised
        if found.cut is not None:
            self._cut_short(found.cut)
        if found.promised is not None and found.present is not None:
            self._compare(found.promised, found.present)
        self._sound: Any = self._open(0)
        self._fresh = True
        self.rate: int = self._sound.samplerate
        self.channels: int = self._sound.channels
        frames: int = self._sound.frames
        container, coding = self._sound.format, self._sound.subtype
        self._is_flac = container == "FLAC"
        self._dtype = "int16" if coding == "PCM_16" else "float32"
        self._known = frames < UNKNOWN_LENGTH and len(self._parts) == 1
        self.length = frames if self._known else found.promised
        try:
            check_coding(container, coding)
            check_form(self.channels, self.rate)
            if found.note is not None:
                self._warn(found.note)
        except AudioError:
            self._sound.close()
            raise

    def blocks(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Yield the decoded frames; see `Recording`.

        16-bit codings are read as int16, and `stages.mono` scales them: libsndfile's own conversion
        takes several times as long. All other codings are read as float32, with full scale 1.
        """
        buffer = np.empty((size, self.channels), self._dtype)
        most = self._most_frames()
        gaps = Gaps(self._read_beside, self._parts[0].size) if self._is_flac else None
        total = 0
        for index in range(len(self._parts)):
            if index or not self._fresh:
                self._reopen(index)
            self._fresh = False
            while count := self._read(buffer[: self._wanted(size, total)], total):
                if gaps is not None and (lost := gaps.among(buffer[:count], total)) is not None:
                    raise _gap(lost)
                total += count
                if total > most:
                    raise self._too_long()
                yield buffer[:count]
        if self.length is not None:
            self._compare(self.length, total)
            if total > self.length:
                self._warn(f"holds {total} frames, its header says {self.length}: all are read")

    def close(self) -> None:
        """Close the decoder and the file."""
        try:
            self._sound.close()
        finally:
            self._content.close()

    def _wanted(self, size: int, total: int) -> int:
        """Return the number of frames to read: none past the claimed length, where a tag may be."""
        left = size if self.length is None else self.length - total
        return min(size, left) if left > 0 or self._known else size

    def _reopen(self, index: int) -> None:
        self._sound.close()
        self._sound = self._open(index)
        if (self._sound.samplerate, self._sound.channels) != (self.rate, self.channels):
            raise AudioError(
                f"its part {index + 1} has another rate or number of channels",
                code="malformed",
                remedy="split it into files of one rate each",
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
            raise _unopened(problem.code, problem.error_string.rstrip(".")) from None
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
            if self._promised is not None and total >= self._promised:
                return 0  # a tag follows the claimed frames
            raise AudioError(
                f"decoding fails: {problem.error_string.rstrip('.')}",
                code="malformed",
                remedy="the file is damaged, fetch it again",
            ) from None
        self._check_reading()
        return count

    def _read_beside(self, offset: int, count: int) -> bytes:
        """Return bytes of the first part, and restore the position of the decoder."""
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

    def _compare(self, promised: int, present: int) -> None:
        if present < promised:
            self._cut_short(f"holds {present} frames of the {promised} that it promises")

    def _cut_short(self, problem: str) -> None:
        if not self._tolerant:
            raise AudioError(
                problem,
                code="truncated",
                remedy="the file is cut short: fetch it again, or encode the rest of it with "
                "Audio.open(path, truncated='warn') or --truncated warn",
            )
        self._warn(f"{problem}: the present frames are encoded")

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            warnings.warn(f"{self.name}: {text}", AudioWarning, stacklevel=2)

    def _most_frames(self) -> float:
        limits = current_limits()
        return min(limits.max_hours * 3600 * self.rate, limits.max_bytes / (4 * self.channels))

    def _too_long(self) -> AudioError:
        limits = current_limits()
        if limits.max_hours * 3600 * self.rate <= limits.max_bytes / (4 * self.channels):
            problem = f"it is longer than {limits.max_hours:g} hours"
            return exceeded(problem, "max_hours", limits.max_hours, f"{2 * limits.max_hours:g}")
        problem = f"it decodes to more than {limits.max_bytes} bytes"
        return exceeded(problem, "max_bytes", limits.max_bytes, str(2 * limits.max_bytes))


def _gap(lost: range) -> AudioError:
    return AudioError(
        f"frames {lost.start} to {lost.stop - 1} are missing from the middle of it",
        code="malformed",
        remedy="the file is damaged, fetch it again",
    )


def _unopened(code: int, reason: str) -> AudioError:
    if code == UNRECOGNIZED:
        return AudioError(
            f"not recognized as audio: {reason}",
            code="unrecognized",
            remedy="give a WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, AU or CAF file",
        )
    return AudioError(
        f"its header cannot be read: {reason}",
        code="malformed",
        remedy="the file is damaged, fetch it again",
    )
