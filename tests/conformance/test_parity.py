"""The rows, compared with the installed libraries by ``pytest -m parity``; all must be there."""

import pytest
from cannot import CANNOT
from golden import LENGTHS, error, load, ours, recording
from libraries import DOCUMENTED, evaluate
from rows import ROWS

# At their first use, numba compiles functions of librosa, which takes time.
pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]

INSTALLED = [row for row in ROWS if row.library not in DOCUMENTED]
# python_speech_features keeps an incomplete last partition (docs/conventions.md).
INCOMPLETE_PARTITIONS = {"python-speech-features-magspec"}


def name(row):
    """Return the name of a row's test."""
    return row.name


def installed_result(row, samples):
    """Return the result of the installed library."""
    return evaluate(row.library, row.call, samples.copy())  # torch refuses read-only arrays


@pytest.mark.parametrize("row", INSTALLED, ids=name)
def test_declarations_give_the_arrays_of_libraries(row):
    """The declaration and the golden array agree with the installed library."""
    array = installed_result(row, recording())
    assert error(ours(row.same), array) <= row.tolerance
    assert error(load(row.library)[row.name], array) <= row.tolerance


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(
    "row", [row for row in INSTALLED if row.name not in INCOMPLETE_PARTITIONS], ids=name
)
def test_other_lengths_agree_with_the_library(row, length):
    """The declaration agrees with the library for other lengths of the recording."""
    samples = recording()[:length]
    assert error(ours(row.same, samples), installed_result(row, samples)) <= row.tolerance


@pytest.mark.parametrize("row", [row for row in CANNOT if row.library not in DOCUMENTED], ids=name)
def test_rows_that_cannot_be_declared_agree_with_the_golden_array(row):
    """The installed library agrees with the golden array of a row that cannot be declared."""
    assert error(load(row.library)[row.name], installed_result(row, recording())) <= row.tolerance
