"""The same rows with the installed libraries: ``pytest -m parity``; fails if one is missing."""

import pytest
from cannot import CANNOT
from golden import LENGTHS, error, load, ours, recording
from libraries import DOCUMENTED, evaluate
from rows import ROWS

# numba compiles functions of librosa at their first use, which takes long.
pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]

INSTALLED = [row for row in ROWS if row.library not in DOCUMENTED]
# python_speech_features keeps an incomplete last partition (docs/conventions.md).
EVEN = {"python-speech-features-magspec"}


def name(row):
    """Return the name of a row's test."""
    return row.name


def live(row, samples):
    """Return the result of the installed library."""
    return evaluate(row.library, row.call, samples.copy())  # torch refuses read-only arrays


@pytest.mark.parametrize("row", INSTALLED, ids=name)
def test_declarations_give_what_libraries_give(row):
    """The declaration and the golden array agree with the installed library."""
    array = live(row, recording())
    assert error(ours(row.same), array) <= row.tolerance
    assert error(load(row.library)[row.name], array) <= row.tolerance


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("row", [row for row in INSTALLED if row.name not in EVEN], ids=name)
def test_other_lengths(row, length):
    """The declaration agrees with the library for other lengths of the recording."""
    samples = recording()[:length]
    assert error(ours(row.same, samples), live(row, samples)) <= row.tolerance


@pytest.mark.parametrize("row", [row for row in CANNOT if row.library not in DOCUMENTED], ids=name)
def test_what_cannot_be_declared_is_as_it_was(row):
    """The installed library agrees with the golden array of a row that cannot be declared."""
    assert error(load(row.library)[row.name], live(row, recording())) <= row.tolerance
