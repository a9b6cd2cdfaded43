"""The representations of an encoder."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from netencoders import (
    All,
    ArraySpec,
    Automatic,
    Axis,
    NetEncoder,
    NetGraph,
    NetLayer,
    Varying,
    encoders,
    layers,
)
from netencoders.display import HEADINGS, axis_rows, parameter_rows, shape_text, table, value_text

pytestmark = pytest.mark.usefixtures("toy")


class Cells(HTMLParser):
    """Collects the texts of the table's cells, and checks that every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Record an open tag."""
        if tag != "br":
            self.open.append(tag)
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost open tag, which must have this name."""
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the open cell."""
        if self.open[-1:] in (["td"], ["th"]):
            self.cells[-1] += data


def test_html_is_a_table_of_the_parameters() -> None:
    """The HTML shows each given and resolved value with unit and meaning, and then the output."""
    encoder = NetEncoder("Toy", Size="25 ms")
    html = encoder._repr_html_()
    parsed = Cells(html)
    assert parsed.open == []
    rows = [tuple(parsed.cells[n : n + 5]) for n in range(0, len(parsed.cells), 5)]
    assert rows == [HEADINGS, *parameter_rows(encoder)]
    assert ("SampleRate", "8000", "8000", "Hz", "target <rate>") in rows
    assert ("Size", "'25 ms'", "200", "samples", "") in rows
    assert ("Hop", "Automatic", "67", "samples", "") in rows
    assert "<p>Output: float32 (Varying, 2)</p>" in html
    assert "time: 0.008375 s per step (119.403 per second), from 0 s" in html


def test_html_escapes_values() -> None:
    """Texts of parameters are escaped in HTML."""
    html = NetEncoder("Toy", Label="<script>alert('&')</script>")._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#x27;&amp;&#x27;)" in html
    assert Cells(html).open == []


def test_html_rows_are_in_the_order_of_declaration() -> None:
    """Parameters are shown in the order of declaration, not in that of their resolution."""
    assert [row[0] for row in parameter_rows(NetEncoder("Toy"))][:3] == [
        "SampleRate",
        "Hop",
        "Size",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (("Max", 0.5), "['Max', 0.5]"),
        (((1, 2), ()), "[[1, 2], []]"),
        (Automatic, "Automatic"),
        (All, "All"),
        (None, "None"),
        ("25 ms", "'25 ms'"),
    ],
)
def test_value_is_shown_as_a_python_expression(value: object, text: str) -> None:
    """Values are shown as Python expressions."""
    assert text == value_text(value)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (ArraySpec((Varying, 101)), "float32 (Varying, 101)"),
        (ArraySpec((5,), "int16"), "int16 (5,)"),
        (ArraySpec(()), "float32 ()"),
    ],
)
def test_form_is_shown_on_one_line(spec: ArraySpec, text: str) -> None:
    """The form of an array is shown on one line."""
    assert text == shape_text(spec)


def test_time_axis_shows_its_rate() -> None:
    """A time axis shows its rate; an axis without a unit shows no extra spaces."""
    axes = (Axis("time", "s", 0.01, 0.0125), Axis("frequency", "Hz", 40), Axis("band"))
    assert axis_rows(ArraySpec((Varying, 3, 2), axes=axes)) == [
        ("time", "0.01 s per step (100 per second), from 0.0125 s"),
        ("frequency", "40 Hz per step, from 0 Hz"),
        ("band", "1 per step, from 0"),
    ]
    assert axis_rows(ArraySpec((3,))) == []


def test_table_columns_are_aligned() -> None:
    """Columns are aligned, lines have no trailing spaces, and a table may have no rows."""
    text = table(("a", "long"), [("value", "1"), ("", "")])
    assert text.split("\n") == ["a      long", "-----  ----", "value  1", ""]
    assert table(("a", "b"), []) == "a  b\n-  -"


def test_repr_shows_values_other_than_the_default() -> None:
    """The repr is short, evaluates to the encoder, and follows the order of declaration."""
    encoder = NetEncoder("Toy", Bands=[1, 2], Length=All, SampleRate=16000, Size=Automatic)
    assert repr(encoder) == 'NetEncoder("Toy", SampleRate=16000, Bands=(1, 2))'
    assert re.fullmatch(r'NetEncoder\("Toy", Label=\'"\'\)', repr(NetEncoder("Toy", Label='"')))


def shown_in_notebooks() -> dict[str, Any]:
    """Return values of each kind that a notebook shows, with a text that needs escaping."""

    def log(x: Any) -> Any:
        return x

    form = ArraySpec((Varying, 3), axes=(Axis("<i>", "s", 0.5), Axis("b")), quantity="<power>")
    toy = NetEncoder("Toy", Label="<u>").then("Log")
    return {
        "graph": NetGraph({"<layer>": log}, [], Input=toy),
        "layer": NetLayer("Log", Base=10),
        "form": form,
        "encoder": toy,
        "encoders": encoders(),
        "layers": layers(),
        "diff": toy.diff("Toy"),
    }


@pytest.mark.parametrize(
    "kind", ["graph", "layer", "form", "encoder", "encoders", "layers", "diff"]
)
def test_notebooks_show_tables(kind: str) -> None:
    """HTML is well-formed, escaped, aligned left, and sets no colours: dark pages stay readable."""
    html = shown_in_notebooks()[kind]._repr_html_()
    parsed = Cells(html)
    assert [] == parsed.open
    assert "color" not in html
    assert "background" not in html
    assert not re.search("<(i|u|layer|power)>", html)
    assert len(parsed.cells) == html.count("text-align:left")


def test_graph_is_a_table() -> None:
    """The HTML of a graph has the rows of its text, and the card of each encoder."""
    graph = shown_in_notebooks()["graph"]
    html = graph._repr_html_()
    table, card = html.split("<details><summary>Input: Toy</summary>")
    assert f"{graph.encoders['Input']._repr_html_()}</details>" == card
    cells = Cells(table).cells
    rows = [cells[n : n + 5] for n in range(0, len(cells), 5)]
    first, _, *lines = str(graph).splitlines()
    assert len(lines) == len(rows) - 1
    for row, line in zip(rows, [first, *lines], strict=True):
        assert row == [line[start:end].strip() for start, end in columns(graph)]
    assert ["<layer>", "log", "Input", "unknown", ""] == rows[2]


def columns(graph: Any) -> list[tuple[int, int | None]]:
    """Return the begin and the end of each column of the text of a graph."""
    starts = [0, *(found.end() for found in re.finditer(" +", str(graph).splitlines()[1]))]
    return [*zip(starts, [*starts[1:], None], strict=True)]


def test_form_is_shown_with_its_axes() -> None:
    """The HTML of a form has its dimensions, its quantity and its axes."""
    html = shown_in_notebooks()["form"]._repr_html_()
    assert "<p>float32 (Varying, 3) &lt;power&gt;</p>" in html
    assert "<li>&lt;i&gt;: 0.5 s per step (2 per second), from 0 s</li>" in html
    assert "<ul>" not in ArraySpec((3,))._repr_html_()


def test_records_print_as_a_table() -> None:
    """The encoders and the layers print as a table, and cannot be changed."""
    for records, name in ((encoders(), "AudioSpectrogram"), (layers(), "Log")):
        assert re.search(rf"^{name} +{re.escape(records[name].summary)} ", repr(records), re.M)
        assert f">{name}</td>" in records._repr_html_()
        assert len(records) == len([*records])
        with pytest.raises(TypeError, match="does not support item assignment"):
            records["x"] = records[name]  # type: ignore[index]


def test_table_fits_a_width() -> None:
    """The widest columns become narrower, and their cells continue on the next line."""
    rows = [("Size", "a b c d e f g h i j"), ("x" * 15, "short")]
    assert table(("name", "meaning"), rows, 27) == (
        "name          meaning\n"
        "------------  ------------\n"
        "Size          a b c d e f\n"
        "              g h i j\n"
        "xxxxxxxxxxxx  short\n"
        "xxx"
    )
    assert table(("name", "meaning"), rows, 36) == table(("name", "meaning"), rows)
