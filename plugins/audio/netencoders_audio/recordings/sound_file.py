"""Sound files: libsndfile decodes them in blocks of frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content, OpenFile
from netencoders_audio.files.descriptors import copied
from netencoders_audio.files.findings import Findings, ended_before
from netencoders_audio.files.flac_end import ends_early
from netencoders_audio.files.flac_gaps import Gaps
from netencoders_audio.files.sniff import READABLE
from netencoders_audio.recordings.decoder import (
    LOST_SYNC,
    UNRECOGNIZED,
    Decoder,
    DecoderError,
    error_text,
)
from netencoders_audio.recordings.file_recording import TRUNCATED_REMEDY, FileRecording
from netencoders_audio.recordings.pieces import Pieces
from netencoders_audio.recordings.recording import Threads, after

__all__ = ["SoundFileRecording"]

UNKNOWN_LENGTH: Final = 1 << 62  # libsndfile gives 2**63 - 1 for a FLAC file without a length


class SoundFileRecording(FileRecording):
    """A file that libsndfile decodes: FLAC, Ogg Vorbis, Opus, MP3, Microsoft ADPCM and others.

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
        self._copy: OpenFile | None = None
        self._decoder = decoder = self._open(0)
        self._at_start = True
        self.rate, self.channels = decoder.rate, decoder.channels
        self._is_flac = decoder.container == "FLAC"
        self._dtype = "int16" if decoder.coding == "PCM_16" else "float32"
        frames = decoder.frames
        if found.counted is not None:  # libsndfile estimates or pads the length of some codings
            frames = found.counted
            if found.claimed is not None and found.present is None:  # compared after decoding
                frames = found.claimed
        self._length_known = frames < UNKNOWN_LENGTH and len(self._parts) == 1
        self.length = frames if self._length_known else found.claimed
        try:
            self._check(decoder.container, decoder.coding)
        except BaseException:
            self.close()  # the traceback of the error must not keep the file open
            raise

    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield the decoded frames; see `Recording`.

        Decoding begins near `start` if libsndfile finds it exactly, as in FLAC files of known
        length. Files of other codings are decoded from their first frame.

        16-bit codings are read as int16, and `stages.mono` scales them: libsndfile's own conversion
        takes several times as long. All other codings are read as float32, with full scale 1.
        """
        return self._blocks(size, start, kept=False)

    def _blocks(self, size: int, start: int, kept: bool) -> Iterator[npt.NDArray[Any]]:
        """Yield the frames; `kept` blocks have memory of their own."""
        buffer = None if kept else np.empty((size, self.channels), self._dtype)
        max_frames = self._max_frames()
        total = 0
        for index in range(len(self._parts)):
            if index or not self._at_start:
                self._reopen(index)
            self._at_start = False
            before = total  # the frames of the parts before this one
            if start:
                total += self._sought(start)
            # In a regular file, the headers of all frames are there.
            checked = self._is_flac and not self._found.regular
            gaps = Gaps(self._part.read_at, self._part.size) if checked else None
            for block in self._decoded(buffer, size, total, before):
                if gaps is not None and (lost := gaps.find(block, total - before)) is not None:
                    raise _gap_error(lost, before)
                total += len(block)
                if total > max_frames:
                    raise self._too_long()
                if total > start:
                    yield block[max(0, len(block) - total + start) :]
        self._compare_all(total)

    def blocks_ahead(self, size: int, threads: Threads) -> Iterator[npt.NDArray[Any]]:
        """Yield the blocks of `blocks`; all threads decode a FLAC file, if that is exact."""
        regular = self._found.regular and self._is_flac and self._length_known
        length = self.length or 0
        if regular and isinstance(self._part, OpenFile) and size < length <= self._max_frames():
            pieces = Pieces(self._part, length, self.channels, self._dtype, size)
            if pieces.possible:
                return self._of_pieces(pieces, size, threads)
        return threads.ahead(self._blocks(size, 0, kept=True), kept=True)

    def _of_pieces(self, pieces: Pieces, size: int, threads: Threads) -> Iterator[npt.NDArray[Any]]:
        total = 0  # `Gaps` has nothing to find, as in `blocks`
        for block in threads.in_order(pieces.jobs()):
            if block is None:
                break
            total += len(block)
            yield block
        else:
            return
        # Decoding in the order of the file finds the damage, and names it.
        yield from after(self.blocks(size), total)

    def _decoded(
        self, buffer: npt.NDArray[Any] | None, size: int, total: int, before: int
    ) -> Iterator[npt.NDArray[Any]]:
        """Yield the frames of the open part; `total` frames come before the next one.

        Without a buffer, each block is a new array: in a second thread, a copy of each block would
        take 11 % of the time of decoding MP3 (measured).
        """
        code = 0
        while not code and (wanted := self._wanted(size, total, before)) > 0:
            block = buffer
            if block is None:
                block = np.empty((wanted, self.channels), self._dtype)
            count, code = self._decoder.read(block[:wanted])
            if not count and not code:
                return
            if count:
                total += count
                yield block[:count]
        if code:
            self._fail(code, total, before)

    def _fail(self, code: int, total: int, before: int) -> None:
        """Raise the error of the decoder, if frames are missing that the file has."""
        if self._found.claimed is not None and total >= self._found.claimed:
            return  # a tag follows the claimed frames
        remedy = "the file is damaged: fetch it again"
        if self._is_flac and code == LOST_SYNC and ends_early(self._part, total - before):
            if self._tolerant:
                if self.length is None:  # otherwise the comparison reports it
                    self._report_cut(f"ends after {total} frames, inside a frame")
                return
            remedy = TRUNCATED_REMEDY
        raise AudioError(f"decoding fails: {error_text(code)}", code="malformed", remedy=remedy)

    def _compare_all(self, total: int) -> None:
        """Compare the number of decoded frames with the claimed and with the counted number."""
        if not total and self._found.cut is not None:
            raise ended_before(self._found.cut)
        counted = self._found.counted
        if counted is not None and total != counted:
            more = "an unknown frame" if total > counted else "the decoder skips damaged frames"
            self._warn(f"decodes to {total} of the {counted} frames that were counted: {more}")
        if self.length is not None:
            self._compare(self.length, max(total, counted or 0))
            if total > self.length:
                self._warn(
                    f"has {total} frames, but its header claims {self.length}: all are encoded"
                )

    def close(self) -> None:
        """Close the decoder and the file, for all who do not read them at this moment."""
        self._decoder.close()
        if self._copy is not None:
            self._copy.close()
        self._content.close()

    def _wanted(self, size: int, total: int, first: int) -> int:
        """Return the number of frames to read, up to the claimed length: a tag may follow it.

        A part of a FLAC file, whose first frame is `first`, is read up to its own length.
        """
        if self._is_flac and len(self._parts) > 1:
            return min(size, max(0, first + self._decoder.frames - total))
        left = size if self.length is None else self.length - total
        return min(size, left) if left > 0 or self._length_known else size

    def _sought(self, start: int) -> int:
        """Move the decoder near a frame of the file, and return the number of frames before it."""
        if not (self._is_flac and self._length_known and start < (self.length or 0)):
            return 0
        if self._decoder.seek(start):
            return start
        self._reopen(0)
        return 0

    def _reopen(self, index: int) -> None:
        self._decoder.close()
        decoder = self._decoder = self._open(index)
        if (decoder.rate, decoder.channels) != (self.rate, self.channels):
            raise AudioError(
                f"part {index + 1} has another sample rate or number of channels than part 1",
                code="malformed",
                remedy="split it into one file for each part",
            )

    def _open(self, index: int) -> Decoder:
        try:
            self._part = self._readable(index)
            decoder = Decoder(self._part)
        except DecoderError as problem:
            if self._copy is not None:  # the traceback of the error must not keep it open
                self._copy.close()
            if self._found.cut is not None:  # it was a warning
                raise ended_before(self._found.cut) from None
            raise _open_error(problem.code, str(problem)) from None
        if self._found.rewind or decoder.coding == "OPUS":
            # Without it, the samples are shifted if the stream does not start at 0.
            decoder.seek(0)
        return decoder

    def _readable(self, index: int) -> Content:
        """Return a part, or a copy of it that has a descriptor."""
        part = self._parts[index]
        if isinstance(part, OpenFile):
            return part
        if self._copy is None or len(self._parts) > 1:
            copy = copied(part)
            self._copy = None if copy is None else OpenFile(copy)
        return self._copy or part


def _gap_error(lost: range, before: int) -> AudioError:
    return AudioError(
        f"frames {before + lost.start} to {before + lost.stop - 1} are missing from its middle",
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
