"""Content: bytes at any position of a file, and content joined from pieces."""

import io
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netencoders_audio import AudioError
from netencoders_audio.files.content import OpenFile, Pieces, RestOfFile, View

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
    read = os.read
    monkeypatch.setattr(os, "read", lambda *where: reads.append(where) or read(*where))
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
    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(AudioError, match=r"reading fails with OSError: \[Errno 5\]") as caught:
        content.read_at(0, 9)
    assert "unreadable" == caught.value.code


def test_short_reads_are_continued(file, monkeypatch):
    """A read that returns fewer bytes than requested is continued to the end."""
    read = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, count: read(descriptor, min(count, 100)))
    content = OpenFile(os.dup(file.fileno()))
    for offset, count in ((0, 768), (10, 5000), (500, 250)):
        assert CONTENT[offset : offset + count] == content.read_at(offset, count)


def test_pieces_close_their_file(file):
    """Closing the pieces closes the file that they are parts of."""
    content = OpenFile(os.dup(file.fileno()))
    descriptor = content.descriptor
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


def test_view_seeks_and_reads():
    """A view is a file object for reading; it ignores a seek to a negative position."""
    view = View(RestOfFile(io.BytesIO(CONTENT)))
    buffer = bytearray(10)
    assert (0, 10) == (view.tell(), view.readinto(buffer))
    assert (CONTENT[:10], 10) == (bytes(buffer), view.tell())
    assert 758 == view.seek(-10, os.SEEK_END)
    assert 763 == view.seek(5, os.SEEK_CUR)
    assert 763 == view.seek(-5)
    assert 5 == view.readinto(buffer)
    assert CONTENT[-5:] == bytes(buffer[:5])
    assert 0 == view.readinto(buffer)
    assert view.problem is None


def test_view_keeps_the_error_of_a_read():
    """An error while reading is kept for the caller of the decoder."""

    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError("gone")

    view = View(RestOfFile(Broken(CONTENT)))
    assert 0 == view.readinto(bytearray(9))
    assert ("unreadable", "reading fails with OSError: gone") == (
        view.problem.code,
        view.problem.message,
    )


def test_closed_descriptor_is_unreadable(file):
    """Reading from a closed descriptor has the code `unreadable`."""
    content = OpenFile(os.dup(file.fileno()))
    content.close()
    with pytest.raises(AudioError, match=r"reading fails with OSError: .*Bad file") as caught:
        content.read_at(0, 9)
    assert "unreadable" == caught.value.code


def test_file_is_closed_once(file):
    """`close`, or the last reference, closes a file; a later file of the same number stays open."""
    content = OpenFile(os.dup(file.fileno()))
    number = content.descriptor
    content.close()
    assert number == os.dup(file.fileno())
    content.close()
    del content
    os.fstat(number)
    os.close(number)
    number = OpenFile(os.dup(file.fileno())).descriptor
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)
