"""Pieces of FLAC files that threads decode at once: the samples and the errors of the whole."""

import io
import os
import re
import warnings
from itertools import islice

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from netencoders import NetEncoder
from netencoders.policies import policies
from netencoders_audio import AudioError, limits
from netencoders_audio.encoders import rows as rows_module
from netencoders_audio.encoders import signal
from netencoders_audio.execution.threads import WorkerThreads
from netencoders_audio.files import descriptors, flac_scan
from netencoders_audio.files.content import OpenFile
from netencoders_audio.files.flac_frames import frame_header
from netencoders_audio.recordings import pieces as pieces_module
from netencoders_audio.recordings.opening import open_recording
from netencoders_audio.recordings.pieces import Pieces

pytestmark = pytest.mark.skipif(
    not os.path.exists("/proc/self/fd"), reason="only Linux opens files by their descriptors"
)

SIZE = 5000


def flac(count=60_000, channels=1, coding="PCM_16", silent=()):
    """Return the bytes of a file of noise, with silent frames."""
    samples = np.random.default_rng(count).uniform(-1, 1, (count, channels))
    for first in silent:
        samples[first * 4096 : (first + 1) * 4096] = 0
    file = io.BytesIO()
    soundfile.write(file, samples, 16000, coding, format="FLAC")
    return file.getvalue()


def places(content):
    """Return the byte offsets of the frames."""
    found, end = [], 0
    for match in re.finditer(b"\xff\xf8", content):
        header = frame_header(content[match.start() :][:16], 4096)
        if header is not None and header.end - header.samples == end:
            found.append(match.start())
            end = header.end
    return found


@pytest.fixture(autouse=True)
def short_files_are_long(monkeypatch):
    """Check the frame numbers of files of any size."""
    monkeypatch.setattr(flac_scan, "LONG", 0)


@pytest.fixture
def decoded(monkeypatch):
    """Return the list of the pieces that are decoded: their starts."""
    starts = []

    class Listed(Pieces):
        def _decode(self, start, count):
            starts.append(start)
            return super()._decode(start, count)

    monkeypatch.setattr("netencoders_audio.recordings.sound_file.Pieces", Listed)
    return starts


def outcome(content, workers, size=SIZE, tolerant=False):
    """Return the frames, the error and the warnings of a file."""
    blocks, error = [], None
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            with (
                policies({"truncated": "warn" if tolerant else "error"}),
                open_recording(content) as recording,
                WorkerThreads(workers, recording) as threads,
            ):
                several = recording.blocks_ahead(size, threads)
                for block in several if workers > 1 else recording.blocks(size):
                    blocks.append(block.copy())  # noqa: PERF401 - those before an error count
        except AudioError as problem:
            error = problem.code, problem.message, problem.remedy
    frames = np.concatenate(blocks) if blocks else np.empty(0)
    return frames.tobytes(), str(frames.dtype), error, sorted(str(each.message) for each in told)


@pytest.mark.parametrize("coding", ["PCM_S8", "PCM_16", "PCM_24"])
@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("size", [7, 999, 4096, 25_000])
def test_pieces_have_the_samples_of_the_whole(decoded, coding, channels, size):
    """Pieces of any size begin at any sample of a frame, and have the bits of the whole."""
    count = 5000 if size == 7 else 30_000
    content = flac(count, channels, coding, silent=[2, 3])
    expected, actual = outcome(content, 1), outcome(content, 3, size)
    assert expected == actual
    assert [*range(0, count, size)] == sorted(decoded)


@pytest.mark.parametrize("count", [2, 5])
def test_arrays_do_not_depend_on_pieces(monkeypatch, decoded, tmp_path, count):
    """Calls and streams by path, of bytes and of file objects have the bits of one thread."""
    path = tmp_path / "noise.flac"
    path.write_bytes(flac(100_000, 2))
    encoder = NetEncoder("AudioSpectrogram", SampleRate=22050)
    monkeypatch.setenv("NETENCODERS_WORKERS", "1")
    expected = encoder(path).tobytes()
    assert [] == decoded
    monkeypatch.setenv("NETENCODERS_WORKERS", str(count))
    monkeypatch.setattr(rows_module, "LONG", 0)
    monkeypatch.setattr(signal, "BLOCK", 2 * SIZE)
    for value in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        decoded.clear()
        assert expected == encoder(value).tobytes()
        assert expected == np.concatenate(list(encoder.stream(value))).tobytes()
        assert sorted(2 * [*range(0, 100_000, SIZE)]) == sorted(decoded)


def flipped(content, place):
    """Return a file with one changed byte."""
    return content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]


DAMAGE = {
    "a changed byte": lambda content, at, more: flipped(content, places(content)[at] + 900),
    "a changed header": lambda content, at, more: flipped(content, places(content)[at] + 3),
    "zeros": lambda content, at, more: (
        content[: places(content)[at]]
        + bytes(places(content)[at + more] - places(content)[at])
        + content[places(content)[at + more] :]
    ),
    "missing frames": lambda content, at, more: (
        content[: places(content)[at]] + content[places(content)[at + more] :]
    ),
    "repeated frames": lambda content, at, more: (
        content[: places(content)[at + more]] + content[places(content)[at] :]
    ),
    "inserted bytes": lambda content, at, more: (
        content[: places(content)[at]] + b"\xff\x00no frame" + content[places(content)[at] :]
    ),
    "a cut file": lambda content, at, more: content[: places(content)[at] + 777 * (more - 1)],
    "bytes behind": lambda content, at, more: content + b"TAG" + bytes(125 + more),
    "a wrong length": lambda content, at, more: (
        content[:22] + (4096 * at + more).to_bytes(4) + content[26:]
    ),
    "joined files": lambda content, at, more: content + content,
}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(DAMAGE)),
    st.integers(1, 10),
    st.integers(1, 3),
    st.sampled_from([1000, 4096, SIZE, 20_000]),
    st.booleans(),
    st.sampled_from([(), (2,), (4, 5, 6)]),
)
def test_damaged_files_have_the_same_errors_and_samples(kind, at, more, size, tolerant, silent):
    """Damage of all kinds gives the error, the warnings and the samples of one thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flac_scan, "LONG", 0)
        content = DAMAGE[kind](flac(silent=silent), at, more)
        expected = outcome(content, 1, size, tolerant)
        actual = outcome(content, 3, size, tolerant)
    assert expected == actual


def test_bytes_between_two_pieces_are_found(tmp_path):
    """A piece is decoded into the next one: a seek to that one would not find the bytes."""
    path = tmp_path / "inserted.flac"
    path.write_bytes(DAMAGE["inserted bytes"](flac(), 2, 1))
    pieces = Pieces(OpenFile(os.open(path, os.O_RDONLY)), 60_000, 1, "int16", 4096)
    assert [False, True, False] == [job() is None for job in islice(pieces.jobs(), 3)]


@pytest.mark.parametrize("kind", ["a changed byte", "zeros"])
def test_damage_is_met_in_pieces_and_named_by_the_whole_decode(decoded, kind):
    """A file whose frames are damaged is split, and decoded in its order after the damage."""
    content = flac()
    if kind == "zeros":  # inside one frame, so that all headers are there
        at = places(content)[7]
        content = content[: at + 100] + bytes(400) + content[at + 500 :]
    else:
        content = DAMAGE[kind](content, 7, 1)
    expected = outcome(content, 1)
    assert ("malformed", outcome(content, 3)) == (expected[2][0], expected)
    assert decoded


@pytest.mark.parametrize("kind", ["repeated frames", "missing frames", "joined files"])
def test_files_whose_numbers_are_irregular_are_not_split(decoded, kind):
    """A seek in such a file finds other samples than the decoding in its order."""
    outcome(DAMAGE[kind](flac(), 4, 2), 3)
    assert [] == decoded


def test_file_that_the_system_does_not_open_again_is_not_split(monkeypatch, decoded):
    """Without a second descriptor, one thread decodes the file."""
    content = flac()
    expected = outcome(content, 1)

    def refused(path, *rest):
        raise PermissionError(13, "refused")

    monkeypatch.setattr(descriptors.os, "open", refused)
    assert expected == outcome(content, 3)
    assert [] == decoded


def test_timeout_of_a_handler_in_the_opening_is_raised(monkeypatch):
    """A TimeoutError of a signal handler is an OSError, but no refusal of the system."""

    def interrupted(path, *rest):
        raise TimeoutError("of a handler")

    monkeypatch.setattr(descriptors.os, "open", interrupted)
    with pytest.raises(TimeoutError, match="of a handler"):
        outcome(flac(), 3)


def no_decoder(content):
    """Fail as a decoder that cannot open its file."""
    raise pieces_module.DecoderError(1)


@pytest.mark.parametrize(
    ("name", "failing"),
    [("opened_again", lambda descriptor: None), ("Decoder", no_decoder), ("seek", None)],
)
def test_failures_after_the_first_piece_lose_nothing(monkeypatch, name, failing):
    """If a further decoder cannot be opened or does not seek, the file is decoded in its order."""
    content = flac()
    expected = outcome(content, 1)
    failed = []
    decode = Pieces._decode

    def fail_later(self, start, count):
        if start < 3 * SIZE:
            return decode(self, start, count)
        with pytest.MonkeyPatch.context() as patch:
            if name == "seek":
                self._free = [(self._opened(), 0)]
                patch.setattr(pieces_module.Decoder, "seek", lambda self, start: False)
            else:
                self._free.clear()
                patch.setattr(pieces_module, name, failing)
            failed.append(decode(self, start, count))
        return failed[-1]

    monkeypatch.setattr(Pieces, "_decode", fail_later)
    with open_recording(content) as recording, WorkerThreads(2, recording) as workers:
        # In one thread: a patch is seen by all threads.
        monkeypatch.setattr(workers, "in_order", lambda jobs: (job() for job in jobs))
        blocks = [block.copy() for block in recording.blocks_ahead(SIZE, workers)]
    assert [None] == failed
    assert expected[0] == np.concatenate(blocks).tobytes()


def test_file_longer_than_the_limit_is_refused(monkeypatch):
    """A file that exceeds max_hours gives the error of one thread."""
    content = flac()
    with limits(max_hours=1 / 3600):
        expected = outcome(content, 1)
        assert ("limit-exceeded", expected) == (expected[2][0], outcome(content, 3))


def test_memory_holds_few_pieces(monkeypatch):
    """No more pieces are decoded ahead than a fixed number, however slow the caller is."""
    begun = []
    decode = Pieces._decode

    def counted(self, start, count):
        begun.append(start)
        return decode(self, start, count)

    monkeypatch.setattr(Pieces, "_decode", counted)
    with open_recording(flac()) as recording, WorkerThreads(3, recording) as threads:
        blocks = recording.blocks_ahead(1000, threads)
        for used in range(1, 20):
            next(blocks)
            assert len(begun) <= used + 5
        blocks.close()
