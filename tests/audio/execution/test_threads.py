"""Threads for one recording: the same bits, the same errors, and no thread left after it."""

import threading
import time
import weakref

import numpy as np
import pytest
import scipy.fft

from netencoders import NetEncoder, WorkerPool, check_stop, workers
from netencoders_audio import Audio, AudioError, limits
from netencoders_audio.encoders import partitioned
from netencoders_audio.encoders import rows as rows_module
from netencoders_audio.execution.threads import AHEAD, WorkerThreads, _Ahead
from netencoders_audio.recordings.samples_file import SamplesFile

# Seconds: more than any machine needs, and less than pytest's limit, so that a hang fails.
HANG = 60


def alive():
    """Return the identifiers of the living worker threads."""
    return [thread for shared in tuple(workers._running) for thread in shared.alive]


@pytest.fixture
def noise():
    """Return some seconds of stereo noise at a rate that needs resampling."""
    samples = np.random.default_rng(0).uniform(-1, 1, (200_000, 2)).astype(np.float32)
    return Audio(samples, 22050)


PARAMETERS = [
    {},
    {"Normalization": ("RMS", 0.1), "PartitionPadding": "CenterReflect"},
    {"WindowSize": 37, "FFTLength": 64, "Offset": 200, "PartitionPadding": None},
    {"WindowSize": 37, "FFTLength": 64, "WindowPlacement": "Center", "RemoveMean": True},
    {"TargetLength": 150_001, "Power": 1, "Offset": 7},
]


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("count", [2, 3, 8])
def test_any_number_of_threads_gives_the_same_bits(
    noise, recording, monkeypatch, count, parameters
):
    """Several threads compute the same bits as one, from memory and from a file."""
    encoder = NetEncoder("AudioSpectrogram", **parameters)
    path = recording(44100, 2, "FLAC")
    monkeypatch.setenv("NETENCODERS_WORKERS", "1")
    expected = [encoder(noise), encoder(path)]
    monkeypatch.setenv("NETENCODERS_WORKERS", str(count))
    monkeypatch.setattr(rows_module, "LONG", 0)
    assert np.array_equal(expected[0], encoder(noise))
    assert np.array_equal(expected[1], encoder(path))
    assert np.array_equal(expected[1], np.concatenate(list(encoder.stream(path))))
    assert [] == alive()


def test_growing_array_loses_no_row(noise, monkeypatch):
    """An array that grows while threads write rows loses no row."""
    monkeypatch.setattr(rows_module, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "4")
    encoder = NetEncoder("AudioSpectrogram", Offset=3, WindowSize=64)
    blocks = (Audio(noise.samples[i : i + 999], 22050) for i in range(0, noise.frames, 999))
    grown = encoder(blocks)  # of unknown length
    assert np.array_equal(encoder(noise), grown)


def test_encoder_in_a_thread_of_map_starts_no_threads(noise, monkeypatch):
    """An encoder in a thread of map starts no more threads."""
    seen = []

    class CountedWorkers(WorkerThreads):
        def __init__(self, count, source):
            seen.append(count)
            super().__init__(count, source)

    monkeypatch.setattr(rows_module, "LONG", 0)
    monkeypatch.setattr(rows_module, "WorkerThreads", CountedWorkers)
    monkeypatch.setenv("NETENCODERS_WORKERS", "3")
    encoder = NetEncoder("AudioSpectrogram")
    list(encoder.map([noise, noise], workers=2))
    encoder(noise)
    assert [1, 1, 3] == seen


def test_errors_of_decoding_ahead_are_raised(recording, tmp_path, monkeypatch):
    """Errors of the decoding thread are raised; it has the limits of the caller."""
    monkeypatch.setattr(rows_module, "LONG", -1)
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
def test_file_is_not_closed_while_a_thread_reads_it(wav, monkeypatch, streamed):
    """After an error the file is closed when no thread reads it: an earlier close would crash."""
    reading, seen = [], []
    read, close = SamplesFile._read, SamplesFile.close

    def slow_read(self, *arguments):
        reading.append(1)
        time.sleep(0.05)
        count = read(self, *arguments)
        reading.pop()
        return count

    def watched_close(self):
        seen.append(len(reading))
        close(self)

    monkeypatch.setattr(SamplesFile, "_read", slow_read)
    monkeypatch.setattr(SamplesFile, "close", watched_close)
    monkeypatch.setattr(rows_module, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "2")
    samples = np.zeros(300_000, np.float32)
    samples[5] = np.nan
    encoder, content = NetEncoder("AudioSpectrogram"), wav(samples, coding="FLOAT")
    with pytest.raises(AudioError, match="the sample at frame 5 of channel 0 is nan"):
        list(encoder.stream(content)) if streamed else encoder(content)
    assert [0] == seen
    assert [] == alive()


def test_closed_stream_ends_its_threads(recording, monkeypatch):
    """Decoding stops when the stream is closed."""
    monkeypatch.setattr(rows_module, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "2")
    stream = NetEncoder("AudioSpectrogram", Offset=5).stream(recording(44100, 2, "FLAC"))
    next(stream)
    stream.close()
    assert [] == alive()


def test_wait_and_exit_raise_the_error_of_a_job():
    """`wait` raises the error of a job; without a `wait`, the end of the block raises it."""

    def fail():
        raise ZeroDivisionError("of a job")

    with WorkerThreads(2) as threads:
        threads.run(fail)
        with pytest.raises(ZeroDivisionError, match="of a job"):
            threads.wait()
    with WorkerThreads(1) as threads, pytest.raises(ZeroDivisionError, match="of a job"):
        threads.run(fail)


def test_run_raises_the_error_of_a_finished_job():
    """`run` raises the error of a job that has finished."""

    def fail():
        raise ZeroDivisionError("of a job")

    def work():
        with WorkerThreads(2) as threads:
            threads.run(fail)
            (task,) = threads._pending
            while not task.done:
                time.sleep(0.001)
            threads.run(int)

    with pytest.raises(ZeroDivisionError, match="of a job"):
        work()


def test_caller_runs_waiting_jobs():
    """Two workers are the caller and one thread; at the end, the caller runs waiting jobs."""
    done, begun, go_on = [], threading.Event(), threading.Event()

    def job(number):
        if number == 0:
            begun.set()
            assert go_on.wait(HANG)
        if number == 1:
            go_on.set()  # the worker thread is busy until here
        done.append((number, threading.current_thread() is threading.main_thread()))

    with WorkerThreads(2) as threads:
        threads.run(job, 0)
        assert begun.wait(HANG)
        for number in (1, 2, 3):
            threads.run(job, number)
        assert [(2, True), (3, True)] == done  # 1 waits for the worker thread
        threads.wait()
    assert {(0, False), (1, True), (2, True), (3, True)} == set(done)


def test_decoder_occupies_a_worker_thread():
    """While the only worker thread decodes, one job waits for it, and the caller runs others."""
    decoding, go_on, done = threading.Event(), threading.Event(), []

    def blocks():
        yield np.zeros(1)
        decoding.set()
        assert go_on.wait(HANG)

    with WorkerThreads(2) as threads:
        made = threads.ahead(blocks())
        next(made)
        assert decoding.wait(HANG)
        for number in (0, 1, 2):
            threads.run(done.append, number)
        assert [1, 2] == done  # 0 waits for the worker thread
        go_on.set()
        assert [] == list(made)
        threads.wait()
        busy = threading.Event()
        threads.run(busy.wait, HANG)
        for number in (3, 4):
            threads.run(done.append, number)
        assert [1, 2, 0, 4] == done  # 3 waits for the worker thread
        busy.set()
    assert 3 in done


def test_error_cancels_jobs_that_have_not_begun(monkeypatch):
    """An error in the `with` block cancels the jobs that wait for a worker thread."""
    close, begun, ending = WorkerPool.close, threading.Event(), threading.Event()
    done = []

    def end(self):
        self._shared.stop()
        ending.set()
        return close(self)

    def job():
        begun.set()
        assert ending.wait(HANG)
        done.append("begun")

    def work():
        with WorkerThreads(2) as threads:
            threads.run(job)
            assert begun.wait(HANG)
            threads.run(done.append, "not begun")
            raise ZeroDivisionError

    monkeypatch.setattr(WorkerPool, "close", end)
    with pytest.raises(ZeroDivisionError):
        work()
    assert ["begun"] == done


def test_decoder_stops_at_the_limit_of_waiting_blocks():
    """The decoder stops when `AHEAD` decoded blocks wait, and not before."""
    made = []

    def blocks():
        for number in range(AHEAD + 9):
            made.append(number)
            yield np.zeros(1)

    with WorkerThreads(2) as threads:
        taken = threads.ahead(blocks())
        for count in range(1, 4):
            next(taken)
            while threads._decoder.working:
                time.sleep(0.001)
            assert count + AHEAD == len(made)


def test_room_made_while_the_turn_is_returned_is_used():
    """The decoder continues if a block is taken just before it gives its turn back."""
    made = []

    def blocks():
        for number in range(AHEAD + 1):
            made.append(number)
            yield np.zeros(1)

    with WorkerThreads(2) as threads:
        decoder = _Ahead(blocks(), threads._pool)
        turn, more = decoder._turn, [None]

        class Turn:
            def put(self, token):
                if more:
                    decoder._room.put(more.pop())
                    decoder._start()  # too early: the turn is not yet given back
                turn.put(token)

            empty, get_nowait = turn.empty, turn.get_nowait

        decoder._turn = Turn()
        decoder._start()
        threads.wait()
        assert until(lambda: not decoder.working)
    assert AHEAD + 1 == len(made)


def test_fast_decoder_makes_few_blocks_ahead():
    """A decoder that is faster than its consumer does not fill the memory."""
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


def test_decoder_stops_after_an_error(monkeypatch):
    """After an error in the `with` block, the decoder stops at its next look."""
    close, made, ending = WorkerPool.close, [], threading.Event()

    def end(self):
        self._shared.stop()
        ending.set()
        return close(self)

    def blocks():
        for number in range(AHEAD + 1):
            if number:
                assert ending.wait(HANG)
            check_stop()
            made.append(number)
            yield np.zeros(1)

    def work():
        with WorkerThreads(2) as threads:
            next(threads.ahead(blocks()))
            raise ZeroDivisionError

    monkeypatch.setattr(WorkerPool, "close", end)
    with pytest.raises(ZeroDivisionError):
        work()
    assert [0] == made


def test_error_of_a_job_that_fails_during_run_is_raised():
    """The error of a job that fails while another is submitted is raised."""

    class FailsAtSecondLook:
        looks = 0

        @property
        def done(self):
            self.looks += 1
            return self.looks > 1

        def _outcome(self):
            raise ZeroDivisionError("of a job")

    def work():
        with WorkerThreads(2) as threads:
            threads._pending.append(FailsAtSecondLook())
            threads.run(int)
            threads.wait()

    with pytest.raises(ZeroDivisionError, match="of a job"):
        work()


def test_ahead_copies_blocks_of_one_memory():
    """`ahead` copies blocks that share one memory, so that they keep their values."""

    def made():
        block = np.empty(3)
        for number in range(5):
            block[:] = number
            yield block

    with WorkerThreads(2) as threads:
        assert [[n] * 3 for n in range(5)] == [block.tolist() for block in threads.ahead(made())]


def test_ahead_passes_blocks_of_their_own_memory_on():
    """`ahead` does not copy blocks that are `kept`."""
    blocks = [np.full(3, number) for number in range(5)]
    with WorkerThreads(2) as threads:
        taken = list(threads.ahead(iter(blocks), kept=True))
    assert [id(block) for block in blocks] == [id(block) for block in taken]


def result_of(action):
    """Return the result of an action; fail if it does not return."""
    results = []
    thread = threading.Thread(target=lambda: results.append(action()), daemon=True)
    thread.start()
    thread.join(HANG)
    assert not thread.is_alive()
    return results[0]


@pytest.mark.parametrize("count", [2, 3, 8])
def test_decoding_continues_in_another_worker_thread(monkeypatch, count):
    """Another worker thread continues decoding before the last one has returned."""
    compute = _Ahead._compute

    def compute_and_wait(self):
        compute(self)
        time.sleep(0.005)

    monkeypatch.setattr(_Ahead, "_compute", compute_and_wait)

    def numbers():
        with WorkerThreads(count) as threads:
            made = (np.full(2, number) for number in range(60))
            return [int(block[0]) for block in threads.ahead(made)]

    assert list(range(60)) == result_of(numbers)


class Source:
    """An open input."""

    shared = False


def test_input_is_shared_until_the_threads_have_ended(monkeypatch):
    """An input that is read ahead is `shared`, until its thread has ended."""
    source, seen = Source(), []

    def blocks():
        seen.append(source.shared)
        yield np.zeros(1)

    with WorkerThreads(2, source) as threads:
        assert 1 == len(list(threads.ahead(blocks())))
        assert source.shared
    assert ([True], False) == (seen, source.shared)
    with WorkerThreads(1, source) as threads:
        assert 1 == len(list(threads.ahead(blocks())))
    assert [True, False] == seen


def test_input_stays_shared_after_an_interrupted_end(monkeypatch):
    """If an interrupt arrives at the end of the block, the input stays `shared`."""

    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(WorkerPool, "close", interrupted)
    source = Source()
    with pytest.raises(KeyboardInterrupt), WorkerThreads(2, source) as threads:
        list(threads.ahead(iter([np.zeros(1)])))
    assert source.shared


def test_interrupt_while_the_calling_thread_decodes_is_raised():
    """If the calling thread computes blocks in `wait`, an interrupt in it is raised at once."""
    begun, release = threading.Event(), threading.Event()

    def busy():
        begun.set()
        assert release.wait(HANG)

    def blocks():
        release.set()
        raise KeyboardInterrupt
        yield

    def work():
        with WorkerThreads(2) as threads:
            threads.run(busy)
            assert begun.wait(HANG)
            threads._decoder = _Ahead(blocks(), threads._pool)
            threads._decoder._start()
            threads.wait()
            raise AssertionError

    with pytest.raises(KeyboardInterrupt):
        work()


def test_file_of_a_blocked_decoder_is_closed_when_it_ends(wav, monkeypatch):
    """A decoder that does not end in time keeps its file open, and closes it when it ends."""
    read, close = SamplesFile._read, SamplesFile.close
    reading, release, closed, opened = threading.Event(), threading.Event(), [], []

    def blocked(self, *arguments):
        if opened:
            reading.set()
            assert release.wait(HANG)
        opened.append(weakref.ref(self))
        return read(self, *arguments)

    def watched_close(self):
        closed.append(1)
        close(self)

    monkeypatch.setattr(SamplesFile, "_read", blocked)
    monkeypatch.setattr(SamplesFile, "close", watched_close)
    monkeypatch.setattr(workers, "JOIN", 0.05)
    monkeypatch.setattr(rows_module, "LONG", -1)
    monkeypatch.setenv("NETENCODERS_WORKERS", "2")
    stream = NetEncoder("AudioSpectrogram", Offset=5).stream(wav(np.zeros(600_000, np.float32)))
    next(stream)
    assert reading.wait(HANG)
    stream.close()
    assert [] == closed
    release.set()
    assert result_of(lambda: until(lambda: opened[0]() is None))


def until(condition):
    """Wait for a condition."""
    while not condition():
        time.sleep(0.001)
    return True


def test_exhausted_source_is_not_read_again():
    """After the last block is decoded, taking blocks starts no job."""
    asked = []

    class Source:
        def __iter__(self):
            return self

        def __next__(self):
            asked.append(1)
            if len(asked) > 3:
                raise StopIteration
            return np.zeros(1)

    with WorkerThreads(3) as threads:
        blocks = threads.ahead(iter(Source()))
        next(blocks)
        while len(asked) < 4:
            time.sleep(0.001)
        assert 2 == len(list(blocks))
        threads._pool.wait(threads._pool.submit(int), helping=False)  # earlier jobs have begun
    assert 4 == len(asked)


def test_memory_error_of_a_copy_is_raised():
    """A MemoryError from the copy of a block is raised, instead of waiting for the block."""

    class Huge:
        def copy(self):
            raise MemoryError("of a copy")

    def blocks():
        with WorkerThreads(2) as threads:
            try:
                return list(threads.ahead(iter([Huge()])))
            except MemoryError as error:
                return str(error)

    assert "of a copy" == result_of(blocks)


class Backend:
    """A backend of scipy.fft that counts its calls."""

    __ua_domain__ = "numpy.scipy.fft"

    def __init__(self):
        self.calls = 0

    def __ua_function__(self, method, arguments, options):
        """Call scipy, and count."""
        self.calls += 1
        with scipy.fft.skip_backend(self):
            return method(*arguments, **options)


def test_fft_backend_of_the_user_is_used(monkeypatch):
    """scipy.fft.set_backend replaces the transform of the pipeline, without the kernel."""
    monkeypatch.setattr(partitioned, "frame_transform", lambda *_: None)
    encoder, audio = NetEncoder("AudioSpectrogram"), Audio(np.ones(16000, np.float32), 16000)
    expected = encoder(audio)
    backend = Backend()
    with scipy.fft.set_backend(backend):
        assert np.array_equal(expected, encoder(audio))
    assert backend.calls > 0
