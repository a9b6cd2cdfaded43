"""The differences between two encoders."""

import pickle
import re

import hypothesis.strategies as st
import pytest
from hypothesis import given

from netencoders import (
    ArraySpec,
    Encoder,
    EncoderNotFoundError,
    Integer,
    NetEncoder,
    Parameter,
    Real,
    Text,
    Union,
    registered,
)
from netencoders.diff import Absent, Difference, EncoderDiff

pytestmark = pytest.mark.usefixtures("toy")

PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "SampleRate": st.sampled_from([8000, 16000]),
        "Size": st.sampled_from([80, "10 ms", 160]),
        "Mode": st.sampled_from([None, 1, 1.0, True]),
        "Number": st.sampled_from([0, 0.0, -0.0, 1]),
        "Bands": st.sampled_from([(), (1,), (1, 2)]),
    },
)


class Other(Encoder):
    """An encoder that shares two parameter names with the toy, with other units and meanings."""

    name = "Other"
    parameters = (
        Parameter("Extra", Union(Integer(), Text()), "Absent", doc="one\nmore"),
        Parameter("SampleRate", Integer(), 8000, unit="kHz", doc="rate"),
        Parameter("Gain", Real(), 2, doc="louder"),
    )

    def output(self):
        """Return the form of one element."""
        return ArraySpec((1,))

    def encode(self, value):
        """Return an array that no test reads."""
        raise NotImplementedError


@pytest.fixture
def other():
    """Return the other encoder."""
    with registered(Other):
        yield NetEncoder("Other")


def test_rows_are_in_the_order_of_declaration():
    """Differences are in the order of declaration, with resolved values, units and meanings."""
    found = NetEncoder("Toy").diff(NetEncoder("Toy", SampleRate=16000, Label="y"))
    assert (
        Difference("SampleRate", 8000, 16000, "Hz", "target <rate>"),
        Difference("Hop", 27, 54, "samples", ""),
        Difference("Size", 80, 160, "samples", ""),
        Difference("Label", "x", "y", "", ""),
    ) == found


@given(PARAMETERS, PARAMETERS)
def test_no_difference_if_and_only_if_digests_are_equal(one, two):
    """Different values that resolve to one value are equal; 1, 1.0 and True are not equal."""
    left, right = NetEncoder("Toy", **one), NetEncoder("Toy", **two)
    found = left.diff(right)
    assert (left.digest == right.digest) == (not found)
    assert [(row.name, row.right, row.left) for row in found] == [
        (row.name, row.left, row.right) for row in right.diff(left)
    ]
    changed = {row.name for row in found}
    assert [name in changed for name in left.resolved] == [
        repr(left.resolved[name]) != repr(right.resolved[name]) for name in left.resolved
    ]


def test_parameter_of_one_encoder_is_absent_in_the_other(other):
    """The name comes first; a parameter of only one encoder is Absent in the other."""
    found = NetEncoder("Toy").diff(other)
    name, *_ = found
    assert (
        Difference("encoder name", "Toy", "Other", "", "the encoder that computes the arrays")
        == name
    )
    rows = {row.name: row[1:] for row in found}
    assert "SampleRate" not in rows
    assert (1.0, 2.0, "", "louder") == rows["Gain"]
    assert (80, Absent, "samples", "") == rows["Size"]
    assert ("Extra", Absent, "Absent", "", "one\nmore") == found[-1]
    assert Absent is pickle.loads(pickle.dumps(found))[-1].left


def test_row_has_both_units_and_meanings(other):
    """If two encoders describe a parameter differently, the row has both descriptions."""
    found = NetEncoder("Toy", SampleRate=1).diff(other)
    (row,) = (row for row in found if row.name == "SampleRate")
    assert ("Hz / kHz", "target <rate> / rate") == (row.unit, row.doc)


def test_revisions_differ():
    """An encoder differs from an earlier revision of itself."""
    later = type("Other", (Other,), {"revision": 2})
    with registered(Other):
        before = NetEncoder("Other")
    with registered(later):
        found = before.diff("Other")
    assert [("encoder revision", 1, 2)] == [row[:3] for row in found]


def test_diff_accepts_a_name():
    """A name is accepted in place of the encoder of that name."""
    assert not NetEncoder("Toy").diff("Toy")
    assert NetEncoder("Toy").diff("Telephone")
    with pytest.raises(EncoderNotFoundError, match="no encoder 'Tyo'"):
        NetEncoder("Toy").diff("Tyo")


@pytest.mark.parametrize("wrong", [None, 3, Other])
def test_diff_of_another_type_raises(wrong):
    """A value that is neither an encoder nor a name raises TypeError."""
    with pytest.raises(TypeError, match=r"^diff takes a NetEncoder, or the name of one\. Got "):
        NetEncoder("Toy").diff(wrong)


def test_text_is_a_table(other):
    """The difference prints as a table without broken lines, and its repr is one line."""
    found = NetEncoder("Toy").diff(NetEncoder("Toy", Bands=[1, 2], Label="y"))
    assert [
        "parameter  left  right   unit  meaning",
        "---------  ----  ------  ----  -------",
        "Label      'x'   'y'",
        "Bands      []    [1, 2]",
    ] == str(found).split("\n")
    assert "parameter  a\\n  b  " in found.table("a\n", "b")
    assert "<EncoderDiff: Label 'x' -> 'y', Bands [] -> [1, 2]>" == repr(found)
    assert "one\\nmore" in str(NetEncoder("Toy").diff(other))


def test_diff_of_equal_encoders_is_empty():
    """The difference of equal encoders is empty and false, and its text says so."""
    found = NetEncoder("Toy").diff("Toy")
    assert (False, (), "no differences") == (bool(found), found, str(found))
    assert "<EncoderDiff: no differences>" == repr(found)
    assert "<p>no differences</p>" == found._repr_html_()


def test_html_escapes_values():
    """The HTML is a table in which values are escaped."""
    html = NetEncoder("Toy").diff(NetEncoder("Toy", Label="<b>", SampleRate=1))._repr_html_()
    assert ">&#x27;&lt;b&gt;&#x27;</td>" in html
    assert ">target &lt;rate&gt;</td>" in html
    assert [">parameter<", ">left<", ">right<"] == re.findall(r">\w+<", html)[:3]


def test_rows_are_immutable():
    """Neither the rows nor their fields can be changed."""
    found = NetEncoder("Toy").diff(NetEncoder("Toy", Label="y"))
    with pytest.raises(AttributeError, match="can't set attribute"):
        found[0].left = 3
    with pytest.raises(TypeError, match="does not support item assignment"):
        found[0] = None
    assert {found: 1} == {EncoderDiff(found): 1}
