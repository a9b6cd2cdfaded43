"""File objects: the copy of a source that cannot seek."""

import io
import os
import tempfile

import pytest

from netencoders.origins import is_of_input
from netencoders_audio import AudioError, limits
from netencoders_audio.files.content import OpenFile
from netencoders_audio.files.file_objects import rest_of_file

CONTENT = bytes(range(256)) * 30


class Endless(io.RawIOBase):
    """A file object that never ends, or that fails."""

    def __init__(self, fails):
        self._fails = fails

    def readable(self):
        """Return True."""
        return True

    def read(self, size=-1):
        """Return zeros, or raise an error."""
        if self._fails and size:
            raise self._fails
        return bytes(max(0, size))


def test_endless_source_is_refused():
    """The copy of a source without an end stops at the limit."""
    message = "it has more than 3000000 bytes"
    with limits(max_bytes=3_000_000), pytest.raises(AudioError, match=message) as caught:
        rest_of_file(Endless(None))
    assert "limit-exceeded" == caught.value.code


class OwnError(Exception):
    """An exception of another library."""


class Failing(io.BytesIO):
    """A file object whose first read fails."""

    def __init__(self, problem):
        super().__init__(CONTENT)
        self._problem = problem

    def read(self, size=-1):
        """Raise the exception."""
        raise self._problem


@pytest.mark.parametrize(
    "problem", [ConnectionError("reset by peer"), OSError(5, "no"), OwnError(), KeyboardInterrupt()]
)
@pytest.mark.parametrize("kind", [Endless, Failing])
def test_exception_of_a_source_is_raised_unchanged(problem, kind):
    """An exception of a file object is raised as it is, at its first read and during its copy."""
    with pytest.raises(type(problem)) as caught:
        rest_of_file(kind(problem))
    assert problem is caught.value
    assert is_of_input(problem) or isinstance(problem, KeyboardInterrupt)


class Unseekable(io.BytesIO):
    """A file object that cannot seek."""

    def seekable(self):
        """Return False."""
        return False


def test_source_that_cannot_seek_is_copied():
    """A source that cannot seek is copied to a file without a name."""
    content = rest_of_file(Unseekable(CONTENT))
    assert isinstance(content, OpenFile)
    assert CONTENT == content.read_at(0, 99_999)
    assert 0 == os.fstat(content.descriptor).st_nlink


def test_full_disk_is_named(monkeypatch):
    """An error while a source is copied to a temporary file is not an error of the source."""

    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    message = r"^reading fails with OSError: .*No space left on device \(check the disk of temp"
    with pytest.raises(AudioError, match=message) as caught:
        rest_of_file(Unseekable(CONTENT))
    assert "unreadable" == caught.value.code


@pytest.mark.parametrize("problem", [TimeoutError("late"), ValueError("late")])
@pytest.mark.parametrize("place", ["read", "seekable", "write"])
def test_exception_of_a_signal_handler_is_raised(monkeypatch, handler_raises, problem, place):
    """A timeout that a signal handler raises is neither named as another error nor ignored."""
    signals = handler_raises(problem)
    kind = type("Signalled", (Unseekable,), {place: signals})
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: kind())
    with pytest.raises(type(problem), match=r"^late$"):
        rest_of_file(kind(CONTENT))
