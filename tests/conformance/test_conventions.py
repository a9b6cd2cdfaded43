"""The conventions of other libraries, compared with golden arrays, and their documentation."""

from dataclasses import replace

import numpy as np
import pytest
from cannot import CANNOT, replaced
from golden import HERE, LENGTHS, error, load, ours, recording
from libraries import DOCUMENTED, evaluate
from page import LIBRARIES, PAGE, PROVENANCE, provenance, stated, update
from rows import ROWS, Declaration

from netencoders import LayerError, NetEncoder, NetEncodersError

ALL = (*ROWS, *CANNOT)
REMEDY = "run: python tests/conformance/make_golden.py"


def name(row):
    """Return the name of a row's test."""
    return row.name


def golden(row):
    """Return the golden array of the library."""
    return load(row.library)[row.name]


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_declarations_give_the_golden_arrays(row):
    """The declaration of a row gives the library's array, within the tolerance."""
    assert error(ours(row.same), golden(row)) <= row.tolerance


@pytest.mark.parametrize(
    ("row", "parameter"),
    [
        pytest.param(row, each, id=f"{row.name}-{each}")
        for row in ROWS
        for each in row.same.parameters
    ],
)
def test_every_parameter_is_needed(row, parameter):
    """A row without any one of its parameters that changes the digest exceeds the tolerance."""
    parameters = {each: value for each, value in row.same.parameters.items() if each != parameter}
    whole = NetEncoder(row.same.encoder, **row.same.parameters)
    try:
        without = NetEncoder(row.same.encoder, **parameters)
    except NetEncodersError:
        return  # other parameters need it
    if without.digest != whole.digest:
        try:
            array = ours(Declaration(row.same.encoder, parameters, row.same.layers))
        except LayerError:
            return  # a layer needs it
        assert error(array, golden(row)) > 4 * row.tolerance


@pytest.mark.parametrize("row", [row for row in ROWS if row.same.layers], ids=name)
def test_every_layer_is_needed(row):
    """A row without any one of its layers exceeds the tolerance, or cannot be declared."""
    layers = row.same.layers
    for place in range(len(layers)):
        without = replace(row.same, layers=(*layers[:place], *layers[place + 1 :]))
        try:
            array = ours(without)
        except LayerError:
            continue  # a later layer needs it
        assert error(array, golden(row)) > 4 * row.tolerance


@pytest.mark.parametrize("row", CANNOT, ids=name)
def test_rows_that_cannot_be_declared_need_their_remedy(row):
    """The nearest declaration exceeds the tolerance; with the stated remedy, it is within."""
    assert error(ours(row.same), golden(row)) > 4 * row.tolerance
    assert error(replaced(row), golden(row)) <= row.tolerance


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("row", [row for row in ROWS if row.library in DOCUMENTED], ids=name)
def test_other_lengths_by_documentation(row, length):
    """The formulas agree for other lengths; test_parity.py tests that for installed libraries."""
    samples = recording()[:length]
    expected = evaluate(row.library, row.call, samples)
    assert error(ours(row.same, samples), expected) <= row.tolerance


def test_names_are_unique():
    """Each row has a unique name, which is also the name of its array."""
    assert len(ALL) == len({row.name for row in ALL})


@pytest.mark.parametrize("library", LIBRARIES)
def test_golden_arrays_come_from_the_rows(library):
    """The golden arrays come from the calls of the table, and are finite."""
    rows = {row.name: row.call for row in ALL if row.library == library}
    kept = load(library)
    texts = {"made with", "made on"} | {f"{each} call" for each in rows}
    assert set(rows) | texts == set(kept), REMEDY
    assert rows == {each: str(kept[f"{each} call"]) for each in rows}, REMEDY
    assert all(np.isfinite(kept[each]).all() for each in rows)


def test_golden_arrays_are_small():
    """The golden arrays take less than 1 MB, since every clone contains them."""
    assert sum(path.stat().st_size for path in (HERE / "golden").iterdir()) < 1_000_000


def test_provenance_is_up_to_date():
    """PROVENANCE.md states the library, its version, the call and the date of each array."""
    assert provenance() == PROVENANCE.read_text("utf-8"), REMEDY


def test_page_is_up_to_date():
    """docs/conventions.md has exactly these rows, with these calls and declarations."""
    text = PAGE.read_text("utf-8")
    assert update(text, stated(text)) == text, REMEDY


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_errors_on_the_page_are_within_the_tolerance(row):
    """The errors on the page, measured when it was written, are within the tolerance."""
    (largest,) = stated(PAGE.read_text("utf-8"))[row.name]
    assert float(largest) <= row.tolerance
