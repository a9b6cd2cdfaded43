"""The same rows with the libraries, live: ``pytest -m parity``; without them, it fails."""

import pytest
from cannot import CANNOT
from golden import LENGTHS, error, load, ours, recording
from libraries import DOCUMENTED, evaluate
from rows import ROWS

# numba compiles what librosa needs when it is first used.
pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]

INSTALLED = [row for row in ROWS if row.library not in DOCUMENTED]
# python_speech_features has a last partition, even if it is not whole (docs/conventions.md).
EVEN = {"python-speech-features-magspec"}


def name(row):
    """Return the name of a row's test."""
    return row.name


def live(row, samples):
    """Return what the library gives, here and now."""
    return evaluate(row.library, row.call, samples.copy())  # torch does not take what is read-only


@pytest.mark.parametrize("row", INSTALLED, ids=name)
def test_declarations_give_what_libraries_give(row):
    """The declaration gives what the library gives now, and it gives what it gave."""
    array = live(row, recording())
    assert error(ours(row.same), array) <= row.tolerance
    assert error(load(row.library)[row.name], array) <= row.tolerance


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("row", [row for row in INSTALLED if row.name not in EVEN], ids=name)
def test_other_lengths(row, length):
    """However long the recording, there are as many rows, and the same."""
    samples = recording()[:length]
    assert error(ours(row.same, samples), live(row, samples)) <= row.tolerance


@pytest.mark.parametrize("row", [row for row in CANNOT if row.library not in DOCUMENTED], ids=name)
def test_what_cannot_be_declared_is_as_it_was(row):
    """The library still does what its row says."""
    assert error(load(row.library)[row.name], live(row, recording())) <= row.tolerance
