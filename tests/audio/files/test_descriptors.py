"""Descriptors: files that the last reference closes, and copies of contents."""

import errno
import io
import os
import signal
import sys
import threading

import numpy as np
import pytest

import netencoders_audio.files.descriptors as module
from netencoders_audio import AudioError
from netencoders_audio.files.content import RestOfFile
from netencoders_audio.files.descriptors import Descriptor, copied

DATA = np.random.default_rng(0).bytes(3_000_001)


@pytest.fixture(autouse=True)
def pool(monkeypatch):
    """Replace the pool, and return the new one."""
    pool = module._Pool()
    monkeypatch.setattr(module, "_pool", pool)
    return pool


def is_open(number):
    """Return whether a descriptor is open."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def test_last_reference_closes_a_descriptor():
    """A descriptor is open until its last reference goes."""
    descriptor = Descriptor(os.open(os.devnull, os.O_RDONLY))
    number, other = int(descriptor), [descriptor]
    del descriptor
    assert is_open(number)
    other.clear()
    assert not is_open(number)


def test_no_python_code_runs_when_a_descriptor_is_released(pool):
    """An exception of a signal handler cannot get lost while a descriptor is released."""
    calls = []
    descriptors = [Descriptor(os.open(os.devnull, os.O_RDONLY)), pool.take()]
    sys.setprofile(lambda frame, event, argument: calls.append((event, argument)))
    descriptors.clear()
    sys.setprofile(None)
    assert {"c_call", "c_return"} >= {event for event, _ in calls}
    assert 1 == len(pool.free)


@pytest.mark.parametrize(
    ("kept", "in_memory", "pooled"), [(1 << 22, 1 << 26, 1), (-1, 1 << 26, 0), (-1, -1, 0)]
)
def test_copy_has_the_bytes_of_the_content(monkeypatch, pool, kept, in_memory, pooled):
    """A copy in pooled memory, in memory or on disk has the bytes, also after a longer one."""
    monkeypatch.setattr(module, "_KEPT", kept)
    monkeypatch.setattr(module, "_IN_MEMORY", in_memory)
    for data in (DATA, DATA[5:99], b"", DATA[:2_000_000]):
        copy = copied(RestOfFile(io.BytesIO(data)))
        assert len(data) == os.fstat(copy).st_size
        assert data == os.pread(copy, 4_000_000, 0)
        number = int(copy)
        del copy
        assert pooled == len(pool.free)
        assert bool(pooled) == is_open(number)


def test_file_in_use_is_not_taken_again(pool):
    """Two copies that are used at one time are two files, and a later copy reuses one of them."""
    first, second = (copied(RestOfFile(io.BytesIO(data))) for data in (b"first", b"second"))
    assert (b"first", b"second") == (os.pread(first, 9, 0), os.pread(second, 9, 0))
    number = int(second)
    del second
    third = copied(RestOfFile(io.BytesIO(b"3")))
    assert (number, b"first", b"3") == (third, os.pread(first, 9, 0), os.pread(third, 9, 0))


def test_content_that_became_shorter_is_copied_to_its_new_end():
    """A file object that ends before its size gives a shorter copy."""
    file = io.BytesIO(DATA)
    content = RestOfFile(file)
    file.truncate(1_500_000)
    copy = copied(content)
    assert (1_500_000, DATA[:1_500_000]) == (os.fstat(copy).st_size, os.pread(copy, 1 << 22, 0))


@pytest.mark.parametrize("changes", [{"_ON_DISK": 100}, {"BY_DESCRIPTOR": False}])
def test_very_large_content_is_not_copied(monkeypatch, changes):
    """There is no copy of a very large content, or where decoders read no descriptors."""
    for name, value in changes.items():
        monkeypatch.setattr(module, name, value)
    assert copied(RestOfFile(io.BytesIO(DATA))) is None


@pytest.mark.parametrize("name", ["memfd_create", "pwrite"])
def test_system_without_room_gives_no_copy(monkeypatch, name):
    """There is no copy if the system has no room for it."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, name, full)
    assert copied(RestOfFile(io.BytesIO(DATA))) is None


@pytest.mark.parametrize("name", ["memfd_create", "pwrite"])
def test_timeout_of_a_signal_handler_is_raised(monkeypatch, name):
    """A TimeoutError of a signal handler is an OSError, but not one of the system."""

    def handler(*_):
        raise TimeoutError("late")

    before = signal.signal(signal.SIGUSR1, handler)
    monkeypatch.setattr(os, name, lambda *_: signal.raise_signal(signal.SIGUSR1))
    with pytest.raises(TimeoutError, match=r"^late$"):
        copied(RestOfFile(io.BytesIO(DATA)))
    signal.signal(signal.SIGUSR1, before)


def test_without_files_in_memory_the_copy_is_on_disk(monkeypatch):
    """Where the system has no files in memory, the copy is a temporary file without a name."""
    monkeypatch.delattr(os, "memfd_create")
    copy = copied(RestOfFile(io.BytesIO(DATA)))
    assert DATA == os.pread(copy, 4_000_000, 0)
    assert 0 == os.fstat(copy).st_nlink


def test_short_writes_are_continued(monkeypatch):
    """A write of fewer bytes than requested is continued."""
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda d, data, at: write(d, data[:300_001], at))
    assert DATA == os.pread(copied(RestOfFile(io.BytesIO(DATA))), 4_000_000, 0)


def test_forked_process_has_its_own_files(pool):
    """A forked process reuses no file of its parent, which may write to it."""
    used, free = pool.take(), pool.take()
    number = int(free)
    del free
    child = os.fork()
    if child == 0:
        fine = not is_open(number) and [] == module._pool.free
        del used
        os._exit(0 if fine and [] == module._pool.free else 1)
    _, status = os.waitpid(child, 0)
    assert 0 == status
    assert is_open(number)


def test_threads_share_the_pool():
    """Copies of many threads have their own bytes."""
    wrong = []

    def copy_often(seed):
        data = bytes([seed]) * (1000 * seed)
        for _ in range(200):
            copy = copied(RestOfFile(io.BytesIO(data)))
            if os.pread(copy, 1 << 20, 0) != data:
                wrong.append(seed)

    threads = [threading.Thread(target=copy_often, args=(seed,)) for seed in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == wrong


def test_failed_read_of_the_content_is_raised():
    """The error of the content is raised, and its file returns to the pool."""

    class Broken:
        size = 10

        def read_at(self, offset, count):
            raise AudioError("gone", code="unreadable")

    with pytest.raises(AudioError, match="gone"):
        copied(Broken())
