"""File objects: the copy of a source that cannot seek."""

import io

import pytest

from netencoders_audio import AudioError, limits
from netencoders_audio.files.file_objects import rest_of_file


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
            raise ConnectionError("reset by peer")
        return bytes(max(0, size))


@pytest.mark.parametrize(
    ("fails", "code", "message"),
    [
        (False, "limit-exceeded", "it has more than 3000000 bytes"),
        (True, "unreadable", "reading fails with ConnectionError: reset by peer"),
    ],
)
def test_endless_or_failing_source_is_refused(fails, code, message):
    """A source without an end stops at the limit; the error of a failing source is named."""
    with (
        limits(max_bytes=3_000_000),
        pytest.raises(AudioError, match=message) as caught,
    ):
        rest_of_file(Endless(fails))
    assert code == caught.value.code
