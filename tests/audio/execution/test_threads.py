"""Threads for one recording: the same bits, the same errors, and nobody left behind."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.fft

from netencoders import NetEncoder
from netencoders_audio import Audio, AudioError, limits
from netencoders_audio.encoders import partitioned
from netencoders_audio.execution.threads import AHEAD, WorkerThreads, _Ahead
from netencoders_audio.recordings.sound_file import SoundFileRecording


def alive():
    """Return the names of this package's threads that are alive."""
    return [each.name for each in threading.enumerate() if each.name.startswith("netencoders")]


@pytest.fixture
def noise():
    """Return some seconds of stereo noise at a rate that needs resampling."""
    samples = np.random.default_rng(0).standard_normal((200_000, 2)).astype(np.float32)
    return Audio(samples, 22050)


PARAMETERS = [
    {},
    {"Normalization": ("RMS", 0.1), "PartitionPadding": "CenterReflect"},
    {"WindowSize": 37, "FFTLength": 64, "Offset": 200, "PartitionPadding": None},
    {"WindowSize": 37, "FFTLength": 64, "WindowPlacement": "Center", "RemoveMean": True},
    {"TargetLength": 150_001, "Power": 1, "Offset": 7},
]


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("workers", [2, 3, 8])
def test_any_number_of_threads_gives_the_same_bits(
    noise, recording, monkeypatch, workers, parameters
):
    """What is computed in threads, from memory or from a file, is what one thread computes."""
    encoder = NetEncoder("AudioSpectrogram", **parameters)
    path = recording(44100, 2, "FLAC")
    monkeypatch.setenv("NETENCODERS_WORKERS", "1")
    expected = [encoder(noise), encoder(path)]
    monkeypatch.setenv("NETENCODERS_WORKERS", str(workers))
    monkeypatch.setattr(partitioned, "LONG", 0)
    assert np.array_equal(expected[0], encoder(noise))
    assert np.array_equal(expected[1], encoder(path))
    assert np.array_equal(expected[1], np.concatenate(list(encoder.stream(path))))
    assert [] == alive()


def test_growing_waits_for_the_threads(noise, monkeypatch):
    """An array that grows while rows are being written loses none of them."""
    monkeypatch.setattr(partitioned, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "4")
    encoder = NetEncoder("AudioSpectrogram", Offset=3, WindowSize=64)
    blocks = (Audio(noise.samples[i : i + 999], 22050) for i in range(0, noise.frames, 999))
    grown = encoder(blocks)  # its length is not known before
    assert np.array_equal(encoder(noise), grown)


def test_map_leaves_the_processors_to_its_own_threads(noise, monkeypatch):
    """An encoder in a thread of map starts no more threads."""
    seen = []

    class Watched(WorkerThreads):
        def __init__(self, workers):
            seen.append(workers)
            super().__init__(workers)

    monkeypatch.setattr(partitioned, "LONG", 0)
    monkeypatch.setattr(partitioned, "WorkerThreads", Watched)
    monkeypatch.setenv("NETENCODERS_WORKERS", "3")
    encoder = NetEncoder("AudioSpectrogram")
    list(encoder.map([noise, noise], workers=2))
    encoder(noise)
    assert [1, 1, 3] == seen


def test_errors_of_decoding_ahead_are_raised(recording, tmp_path, monkeypatch):
    """What goes wrong in the decoding thread is told as ever, and its limits are the caller's."""
    monkeypatch.setattr(partitioned, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "2")
    encoder = NetEncoder("AudioSpectrogram")
    content = bytearray(recording(44100, 2, "FLAC").read_bytes())
    content[len(content) // 2] ^= 4
    with pytest.raises(AudioError, match="decoding fails"):
        encoder(bytes(content))
    with limits(max_hours=1e-4), pytest.raises(AudioError, match=r"longer than 0\.0001 hours"):
        encoder(recording(44100, 2, "FLAC"))
    assert [] == alive()


@pytest.mark.parametrize("streamed", [False, True])
def test_no_file_is_closed_while_it_is_read(wav, monkeypatch, streamed):
    """An error in one thread waits for the other: closing a decoder that reads would crash."""
    reading, seen = [], []
    read, close = SoundFileRecording._read, SoundFileRecording.close

    def slow_read(self, *arguments):
        reading.append(1)
        time.sleep(0.05)
        count = read(self, *arguments)
        reading.pop()
        return count

    def watched_close(self):
        seen.append(len(reading))
        close(self)

    monkeypatch.setattr(SoundFileRecording, "_read", slow_read)
    monkeypatch.setattr(SoundFileRecording, "close", watched_close)
    monkeypatch.setattr(partitioned, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "2")
    samples = np.zeros(300_000, np.float32)
    samples[5] = np.nan
    encoder, content = NetEncoder("AudioSpectrogram"), wav(samples, coding="FLOAT")
    with pytest.raises(AudioError, match="the sample at frame 5 of channel 0 is nan"):
        list(encoder.stream(content)) if streamed else encoder(content)
    assert [0] == seen
    assert [] == alive()


def test_abandoned_stream_ends_its_threads(recording, monkeypatch):
    """Nobody goes on decoding when the blocks are no longer wanted."""
    monkeypatch.setattr(partitioned, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "2")
    stream = NetEncoder("AudioSpectrogram", Offset=5).stream(recording(44100, 2, "FLAC"))
    next(stream)
    stream.close()
    assert [] == alive()


def test_threads_raise_what_a_job_raised():
    """A job that fails is told when it is waited for, at the latest in the end."""

    def fail():
        raise ZeroDivisionError("of a job")

    with WorkerThreads(2) as threads:
        threads.do(fail)
        with pytest.raises(ZeroDivisionError, match="of a job"):
            threads.settle()
    with WorkerThreads(1) as threads, pytest.raises(ZeroDivisionError, match="of a job"):
        threads.do(fail)


def test_the_caller_does_what_no_helper_can():
    """Two workers are the caller and one thread; what waits for a busy one is done in the end."""
    done, begun, go_on = [], threading.Event(), threading.Event()

    def job(number):
        if not number:
            begun.set()
            assert go_on.wait(10)
        done.append((number, threading.current_thread() is threading.main_thread()))

    with WorkerThreads(2) as threads:
        threads.do(job, 0)
        assert begun.wait(10)
        for number in (1, 2, 3):
            threads.do(job, number)
        assert [(2, True), (3, True)] == done  # 1 waits for the helper
        threading.Timer(0.1, go_on.set).start()
        threads.settle()
    assert {(0, False), (1, True), (2, True), (3, True)} == set(done)


def test_no_more_is_made_ahead_than_a_few():
    """A decoder that is quicker than the rest does not fill the memory."""
    made = []

    def blocks():
        for number in range(50):
            made.append(number)
            yield np.full(2, number)

    with WorkerThreads(2) as threads:
        for number, block in enumerate(threads.ahead(blocks())):
            assert [number] * 2 == block.tolist()
            assert len(made) <= number + 1 + AHEAD + 1
            time.sleep(0.001)
    assert list(range(50)) == made


def test_a_failure_at_any_moment_is_told():
    """A job that fails while another is given out is not forgotten."""

    class Fickle:
        looks = 0

        def done(self):
            self.looks += 1
            return self.looks > 1

        def cancel(self):
            return False

        cancelled = cancel

        def result(self):
            raise ZeroDivisionError("of a job")

    def work():
        with WorkerThreads(2) as threads:
            threads._pending.append((Fickle(), None, ()))
            threads.do(int)
            threads.settle()

    with pytest.raises(ZeroDivisionError, match="of a job"):
        work()


def test_ahead_copies_what_its_maker_overwrites():
    """Blocks that share one memory come out as they were made."""

    def made():
        block = np.empty(3)
        for number in range(5):
            block[:] = number
            yield block

    with WorkerThreads(2) as threads:
        assert [[n] * 3 for n in range(5)] == [block.tolist() for block in threads.ahead(made())]


def in_time(action):
    """Return what an action gives; fail if it waits for ever."""
    given = []
    thread = threading.Thread(target=lambda: given.append(action()), daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    return given[0]


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_a_helper_takes_over_from_one_that_is_about_to_leave(monkeypatch, workers):
    """The decoder goes on in another helper, though the one before has not returned yet."""
    make = _Ahead._make

    def make_and_linger(self):
        make(self)
        time.sleep(0.005)

    monkeypatch.setattr(_Ahead, "_make", make_and_linger)

    def numbers():
        with WorkerThreads(workers) as threads:
            made = (np.full(2, number) for number in range(60))
            return [int(block[0]) for block in threads.ahead(made)]

    assert list(range(60)) == in_time(numbers)


def test_interrupted_while_it_waits_threads_wait_on(monkeypatch):
    """Ctrl-C at the end leaves no helper that reads what is about to be closed."""
    shutdown, calls = ThreadPoolExecutor.shutdown, []

    def interrupted(self, wait=True, *, cancel_futures=False):
        calls.append(wait)
        if len(calls) == 1:
            raise KeyboardInterrupt
        shutdown(self, wait, cancel_futures=cancel_futures)

    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", interrupted)
    with pytest.raises(KeyboardInterrupt), WorkerThreads(2) as threads:
        threads.do(time.sleep, 0.05)
    assert [] == alive()
    assert [True, True] == calls


def test_nothing_is_asked_of_a_maker_that_has_ended():
    """The blocks that are taken after the last one was made give no helper new work."""
    asked = []

    class Maker:
        def __iter__(self):
            return self

        def __next__(self):
            asked.append(1)
            if len(asked) > 3:
                raise StopIteration
            return np.zeros(1)

    with WorkerThreads(3) as threads:
        blocks = threads.ahead(iter(Maker()))
        next(blocks)
        time.sleep(0.2)  # all are made
        assert 2 == len(list(blocks))
        time.sleep(0.05)
    assert 4 == len(asked)


def test_whatever_fails_while_making_ahead_is_raised():
    """Not only the maker may fail: nobody waits for a block that there is no memory for."""

    class Huge:
        def copy(self):
            raise MemoryError("of a copy")

    def blocks():
        with WorkerThreads(2) as threads:
            try:
                return list(threads.ahead(iter([Huge()])))
            except MemoryError as error:
                return str(error)

    assert "of a copy" == in_time(blocks)


class Backend:
    """A backend of scipy.fft that counts its calls."""

    __ua_domain__ = "numpy.scipy.fft"

    def __init__(self):
        self.calls = 0

    def __ua_function__(self, method, arguments, options):
        """Do what scipy does, and count."""
        self.calls += 1
        with scipy.fft.skip_backend(self):
            return method(*arguments, **options)


def test_backend_that_the_user_sets_is_used():
    """scipy.fft.set_backend puts another library's transform into the pipeline."""
    encoder, audio = NetEncoder("AudioSpectrogram"), Audio(np.ones(16000, np.float32), 16000)
    expected = encoder(audio)
    backend = Backend()
    with scipy.fft.set_backend(backend):
        assert np.array_equal(expected, encoder(audio))
    assert backend.calls > 0
