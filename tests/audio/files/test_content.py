"""Content: bytes at any position of a file, and content joined from pieces."""

import io
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import netencoders_audio.files.content as module
from netencoders.origins import is_of_input
from netencoders_audio import AudioError
from netencoders_audio.files.content import OpenFile, Pieces, RestOfFile

CONTENT = bytes(range(256)) * 3
PIECE = st.one_of(
    st.binary(max_size=9),
    st.tuples(st.integers(0, 768), st.integers(0, 768)).map(lambda ends: range(*sorted(ends))),
)


@pytest.fixture
def file(tmp_path):
    """Return an open file on disk."""
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    with path.open("rb") as opened:
        yield opened


@pytest.mark.parametrize("make", [lambda f: OpenFile(os.dup(f.fileno())), RestOfFile])
def test_bytes_are_read_at_any_position(file, make):
    """Bytes are read at any position, in any order; past the end there are none."""
    content = make(file)
    assert len(CONTENT) == content.size
    for offset, count in ((700, 100), (0, 5), (5, 0), (767, 9), (768, 9), (9999, 9), (3, 768)):
        assert CONTENT[offset : offset + count] == content.read_at(offset, count)


def test_header_is_read_once(tmp_path, monkeypatch):
    """The fields of a header cost one read; bytes after it, or across its end, are correct."""
    data = np.random.default_rng(0).bytes(10_000)
    path = tmp_path / "content"
    path.write_bytes(data)
    reads = []
    monkeypatch.setattr(module, "_read_at", lambda *where: reads.append(where) or os.pread(*where))
    with path.open("rb") as opened:
        content = OpenFile(os.dup(opened.fileno()))
        for offset, count in ((0, 12), (4000, 96), (8, 4), (1, 4095)):
            assert data[offset : offset + count] == content.read_at(offset, count)
        assert 1 == len(reads)
        for offset, count in ((4095, 2), (4096, 1), (0, 5000), (9999, 5)):
            assert data[offset : offset + count] == content.read_at(offset, count)


def test_system_error_is_unreadable(file, monkeypatch):
    """An error of the system while reading has the code `unreadable`."""

    def fail(*_):
        raise OSError(5, "Input/output error")

    content = OpenFile(os.dup(file.fileno()))
    monkeypatch.setattr(module, "_read_at", fail)
    with pytest.raises(AudioError, match=r"reading fails with OSError: \[Errno 5\]") as caught:
        content.read_at(0, 9)
    assert "unreadable" == caught.value.code


def test_short_reads_are_continued(file, monkeypatch):
    """A read that returns fewer bytes than requested is continued to the end."""
    monkeypatch.setattr(module, "_read_at", lambda d, count, at: os.pread(d, min(count, 100), at))
    content = OpenFile(os.dup(file.fileno()))
    for offset, count in ((0, 768), (10, 5000), (500, 250)):
        assert CONTENT[offset : offset + count] == content.read_at(offset, count)


def test_pieces_close_their_file(file):
    """Closing the pieces closes the file that they are parts of."""
    content = OpenFile(os.dup(file.fileno()))
    descriptor = int(content.descriptor)
    Pieces(content, [range(5)]).close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


@given(pieces=st.lists(PIECE, max_size=6), offset=st.integers(0, 900), count=st.integers(0, 900))
def test_pieces_read_as_joined(pieces, offset, count):
    """Pieces read as one joined content."""
    joined = b"".join(
        CONTENT[piece.start : piece.stop] if isinstance(piece, range) else piece for piece in pieces
    )
    content = Pieces(RestOfFile(io.BytesIO(CONTENT)), pieces)
    assert len(joined) == content.size
    assert joined[offset : offset + count] == content.read_at(offset, count)


def test_pieces_of_a_shorter_file_end_early():
    """A file that became shorter after its inspection ends at its new end."""
    content = Pieces(RestOfFile(io.BytesIO(CONTENT[:10])), [range(5, 700), b"end"])
    assert CONTENT[5:10] == content.read_at(0, 1000)


def test_closed_descriptor_is_unreadable(file):
    """Reading from a closed descriptor has the code `unreadable`."""
    content = OpenFile(os.dup(file.fileno()))
    content.close()
    with pytest.raises(AudioError, match=r"reading fails with OSError: .*Bad file") as caught:
        content.read_at(0, 9)
    assert "unreadable" == caught.value.code


def test_descriptor_is_read_at_any_position_without_pread(file):
    """Where the system has no pread, the position is moved before each read."""
    descriptor = os.dup(file.fileno())
    assert CONTENT[700:710] == module._seek_and_read(descriptor, 10, 700)
    assert CONTENT[3:5] == module._seek_and_read(descriptor, 2, 3)
    os.close(descriptor)


def test_rewind_moves_to_the_first_byte(file):
    """`rewind` moves the position of the descriptor, which reading does not move."""
    content = OpenFile(os.dup(file.fileno()))
    os.lseek(content.descriptor, 700, os.SEEK_SET)
    assert CONTENT[5000:] == content.read_at(5000, 9)
    assert 700 == os.lseek(content.descriptor, 0, os.SEEK_CUR)
    content.rewind()
    assert CONTENT[:9] == os.read(content.descriptor, 9)
    content.close()
    with pytest.raises(AudioError, match=r"reading fails with OSError: .*Bad file") as caught:
        content.rewind()
    assert "unreadable" == caught.value.code


def test_file_is_closed_once(file):
    """`close`, or the last reference, closes a file; a later file of the same number stays open."""
    content = OpenFile(os.dup(file.fileno()))
    number = int(content.descriptor)
    content.close()
    assert number == os.dup(file.fileno())
    content.close()
    del content
    os.fstat(number)
    os.close(number)
    number = int(OpenFile(os.dup(file.fileno())).descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


def test_file_stays_open_while_it_is_read(file, monkeypatch):
    """A file that is closed during a read is closed after it: its number is not used again."""

    def close_and_read(descriptor, count, offset):
        content.close()
        other = os.open(os.devnull, os.O_RDONLY)
        try:
            return os.pread(descriptor, count, offset)
        finally:
            os.close(other)

    content = OpenFile(os.dup(file.fileno()))
    number = int(content.descriptor)
    monkeypatch.setattr(module, "_read_at", close_and_read)
    assert CONTENT[:768] == content.read_at(0, 768)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


class OwnError(Exception):
    """An exception of another library."""


@pytest.mark.parametrize("problem", [ConnectionError("reset"), OSError(5, "no"), OwnError()])
def test_exception_of_a_file_object_is_raised_unchanged(problem):
    """An exception of a file object is raised as it is, and marked as its own."""

    class Failing(io.BytesIO):
        def read(self, size=-1):
            raise problem

    with pytest.raises(type(problem)) as caught:
        RestOfFile(Failing(CONTENT)).read_at(0, 9)
    assert problem is caught.value
    assert is_of_input(problem)


@pytest.mark.parametrize("problem", [TimeoutError("late"), ValueError("late")])
def test_exception_of_a_signal_handler_is_not_a_failed_read(
    file, monkeypatch, handler_raises, problem
):
    """A timeout that a signal handler raises is neither `unreadable` nor ignored."""

    class Signalled(io.BytesIO):
        def seek(self, *place):
            return signals() if signalled else super().seek(*place)

    signals, signalled = handler_raises(problem), []
    content = OpenFile(os.dup(file.fileno()))
    monkeypatch.setattr(module, "_read_at", signals)
    rest = RestOfFile(Signalled(CONTENT))
    signalled.append(1)
    for action in (lambda: content.read_at(0, 9), rest.close):
        with pytest.raises(type(problem), match=r"^late$"):
            action()
