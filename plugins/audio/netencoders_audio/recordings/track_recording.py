"""Track recordings: the rules for a file that a reader decodes (A89)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders_audio.errors import AudioError
from netencoders_audio.files.content import Content
from netencoders_audio.files.findings import Findings, ended_before, unsupported
from netencoders_audio.files.tracks import Track
from netencoders_audio.limits import allow_plugins, check_coding, check_form
from netencoders_audio.recordings.file_recording import FileRecording
from netencoders_audio.recordings.readers import find_reader

__all__ = ["TrackRecording", "check_only_stream", "chosen_track"]

_MOST_PADDING: Final = 4096
"""The largest padding behind the last sample, in frames, that a rounded length cuts off."""


def _no_samples(cut: str | None) -> AudioError:
    if cut is not None:  # it was a warning
        return ended_before(cut)
    return AudioError("it has no samples", code="empty-audio", remedy="give a file with samples")


class TrackRecording(FileRecording):
    """A track of a file, which the reader of its container and coding decodes.

    Parameters
    ----------
    content, found, name
        See `FileRecording`.
    track : Track

    Raises
    ------
    AudioError
        The track is damaged or truncated, or no reader is installed.
    """

    def __init__(self, content: Content, found: Findings, track: Track, name: str) -> None:
        found = replace(found, cut=track.cut or found.cut, notes=(*found.notes, *track.notes))
        super().__init__(content, found, name)
        registered = find_reader(track)
        if registered is None:
            raise track.refusal or unsupported(f"{track.coding} in {track.container}")
        provider, reader = registered
        if provider.is_built_in or not allow_plugins():
            check_coding(track.container, track.coding)
        self._track = track
        self._decoded = decoded = reader.open(track)
        self.rate, self.channels = decoded.rate, decoded.channels
        if not self.rate:
            raise _no_samples(found.cut)
        try:
            check_form(self.channels, self.rate)
            for note in found.notes:
                self._warn(note)
        except BaseException:
            self.close()  # the traceback of the error must not keep the file open
            raise
        self._skip = track.frames(track.skip, self.rate)
        self._drop = track.frames(track.drop, self.rate)
        self._claimed = None if track.length is None else track.frames(track.length, self.rate)
        if self._claimed is not None and not track.complete:
            self._claimed += getattr(decoded, "late", 0)  # or its end would be cut off
        self.length = self._claimed if track.complete else None

    def blocks(self, size: int, start: int = 0) -> Iterator[npt.NDArray[Any]]:
        """Yield the samples from `start` on; see `Recording`.

        Decoding begins at the first packet, so that a part of a recording has the samples of the
        whole.
        """
        max_frames = self._max_frames()
        total = 0
        for block in self._blocks_of(size):
            total += len(block)
            if total > max_frames:
                raise self._too_long()
            if total > start:
                yield block[max(0, len(block) - total + start) :]
        claimed = self._claimed
        if claimed is not None and self._track.complete:
            self._compare(claimed, total)

    def _blocks_of(self, size: int) -> Iterator[npt.NDArray[Any]]:
        """Yield all samples in blocks of up to `size`."""
        buffer: npt.NDArray[Any] | None = None
        filled = 0
        for part in self._trimmed():
            samples = _scaled(part)
            if buffer is None:
                buffer = np.empty((size, self.channels), samples.dtype)
            place = 0
            while place < len(samples):
                piece = samples[place : place + size - filled]
                buffer[filled : filled + len(piece)] = piece
                filled, place = filled + len(piece), place + len(piece)
                if filled == size:
                    yield buffer
                    filled = 0
        if buffer is not None and filled:
            yield buffer[:filled]

    def _trimmed(self) -> Iterator[npt.NDArray[Any]]:
        """Yield the decoded samples without the delay at the beginning, and the padding behind."""
        skip, kept, held = self._skip, 0, []
        keep = self._drop
        if self._claimed is not None:
            keep = _MOST_PADDING
        waiting = 0
        for block in self._decoded.blocks():
            if skip >= len(block):
                skip -= len(block)
                continue
            part, skip = block[skip:], 0
            if self._track.ends and kept + len(part) >= (self._claimed or 0):
                yield part[: (self._claimed or 0) - kept]
                return
            if self._track.ends:
                kept += len(part)
                yield part
                continue
            held.append(part)
            waiting += len(part)
            while held and waiting - len(held[0]) >= keep:
                waiting -= len(held[0])
                kept += len(held[0])
                yield held.pop(0)
        rest = waiting - self._drop
        if self._claimed is not None and 0 < kept + waiting - self._claimed <= _MOST_PADDING:
            rest = self._claimed - kept
        for part in held:
            if rest <= 0:
                break
            yield part[:rest]
            rest -= len(part)

    def close(self) -> None:
        """Close the file."""
        self._decoded.close()
        super().close()


def chosen_track(tracks: tuple[Track, ...], stream: int | None) -> Track:
    """Return the track that the caller chooses; the only one without a choice.

    Raises
    ------
    AudioError
        With code ``several-streams``: there are several, and none is chosen; ``no-such-stream``.
    """
    if stream is None and len(tracks) == 1:
        return tracks[0]
    listed = "; ".join(f"{index} is {_described(track)}" for index, track in enumerate(tracks))
    if stream is None:
        raise AudioError(
            f"it has {len(tracks)} streams of audio: {listed}",
            code="several-streams",
            remedy="choose one: Audio.open(path, stream=0), or a dict with 'path' and 'stream'",
        )
    if stream >= len(tracks):
        raise _no_such_stream(stream, f"its streams of audio are: {listed}")
    return tracks[stream]


def check_only_stream(stream: int | None) -> None:
    """Refuse another stream than 0 of a file of a format that has one.

    Raises
    ------
    AudioError
        With code ``no-such-stream``.
    """
    if stream:
        raise _no_such_stream(stream, "it has one stream of audio, 0")


def _no_such_stream(stream: int, known: str) -> AudioError:
    return AudioError(
        f"it has no stream {stream}: {known}",
        code="no-such-stream",
        remedy="streams of audio count from 0",
    )


def _described(track: Track) -> str:
    facts = [track.coding]
    if track.rate:
        facts.append(f"{track.rate} Hz")
    if track.channels:
        facts.append("1 channel" if track.channels == 1 else f"{track.channels} channels")
    if track.title:
        facts.append(track.title[:80])
    return ", ".join(facts)


def _scaled(block: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return samples as int16 or float32 with full scale 1, with the values of libsndfile."""
    if block.dtype == np.int32:
        return block.astype(np.float32) * np.float32(1 / (1 << 31))
    if block.dtype == np.uint8:
        return ((block.astype(np.float32) - 128) * np.float32(1 / 128)).astype(np.float32)
    if block.dtype == np.int16:
        return block
    return block.astype(np.float32, copy=False)
