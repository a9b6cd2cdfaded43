"""The page that shows an input stage by stage."""

import base64
import hashlib
import html
import io
import re
import warnings
from html.parser import HTMLParser

import matplotlib.image
import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Axis,
    EncodeError,
    Encoder,
    Integer,
    Media,
    NetEncoder,
    Parameter,
    Stage,
    Text,
    Varying,
    first_rows,
    registered,
    stages,
)
from netencoders.explain import explanation

TIME = Axis("time", "s", 0.01, 0.005)
FORM = ArraySpec((Varying, 3), axes=(TIME, Axis("band <i>", "Hz", 100)), quantity="power")


class Bands(Encoder):
    """Gives three <b>bands</b>."""

    name = "Bands"
    inputs = ("text", "object")
    parameters = (
        Parameter("Scale", Integer(1), 2, doc="multiplies <b>bands</b>"),
        Parameter("Label", Text(), "", neutral="", doc="no effect"),
        Parameter("Rest", Integer(0), 0, neutral=0, doc="also none"),
    )

    def output(self):
        """Return the form."""
        return FORM

    def encode(self, value):
        """Return as many rows as the text says."""
        return np.concatenate(list(self.stream(value)))

    def stream(self, value):
        """Yield blocks of 100 rows."""
        count = int(str(value).split()[0])
        rows = np.arange(3 * count, dtype=np.float32).reshape(-1, 3) * self.resolved["Scale"]
        for start in range(0, count, 100):
            yield rows[start : start + 100]


class Staged(Bands):
    """Has a stage before its array, and media."""

    name = "Staged"

    def stages(self, value, seconds):
        """Yield two stages."""
        warnings.warn("odd <input>", UserWarning, stacklevel=1)
        array = np.zeros((4, 2), np.float32)
        form = ArraySpec((Varying, 2), axes=(TIME, Axis("channel")))
        yield Stage("First <1>", "All zeros.", array, form, ("Label",), lines=True)
        yield from super().stages(value, seconds)

    def media(self, value, seconds):
        """Return media that nobody plays."""
        return Media(f"{'video' if 'video' in value else 'audio'}/x", b"\0\1", "One <note>.")


class Named(Bands):
    """Gives two arrays."""

    name = "Named"

    def output(self):
        """Return two forms."""
        return {"Ids": ArraySpec((3,), "int64"), "Cube": ArraySpec((2, 2, 2))}

    def encode(self, value):
        """Return two arrays."""
        return {"Ids": np.arange(3), "Cube": np.zeros((2, 2, 2), np.float32)}


@pytest.fixture(autouse=True)
def toys():
    """Register the encoders."""
    with registered(Bands, Staged, Named):
        yield


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes, and checks that they are closed."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag, attributes):
        """Record an element."""
        self.found.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        """Record an element without content."""
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        """Close the innermost element."""
        assert tag == self.open.pop()

    def of(self, tag):
        """Return the attributes of the elements of a tag."""
        return [attributes for name, attributes in self.found if name == tag]


def test_default_stage_is_the_array():
    """An encoder without stages of its own has one, its array, with all parameters."""
    encoder = NetEncoder("Bands")
    page = encoder.explain("50 rows")
    [[stage]] = page.stages
    assert ("Bands", False) == (stage.name, stage.is_cut)
    np.testing.assert_array_equal(encoder("50 rows"), stage.array)
    assert "multiplies &lt;b&gt;bands&lt;/b&gt;" in page.html


def test_each_layer_is_a_stage():
    """The stage of a layer has the array of the encoder up to this layer."""
    encoder = NetEncoder("Bands").then("Standardize").then("Transpose")
    page = encoder.explain("250 rows")
    names, arrays = zip(*((stage.name, stage.array) for stage in page.stages[0]), strict=True)
    assert ("Bands", "Standardize", "Transpose") == names
    shorter = [NetEncoder("Bands"), NetEncoder("Bands").then("Standardize"), encoder]
    for expected, array in zip(shorter, arrays, strict=True):
        np.testing.assert_array_equal(expected("250 rows"), array)


def test_only_the_first_seconds_are_drawn():
    """Rows from 30 s on are left out, and the page says so; the rows are those of the whole."""
    encoder = NetEncoder("Bands").then("Standardize").then("Transpose")
    page = encoder.explain("5000 rows")
    first, standard, last = page.stages[0]
    assert [(3000, 3), (3000, 3), (3, 3000)] == [stage.array.shape for stage in page.stages[0]]
    assert first.is_cut
    assert standard.is_cut
    np.testing.assert_array_equal(encoder("5000 rows")[:, :3000], last.array)
    assert '<p class="notes">Only the first 30 s are drawn.</p>' in page.html
    assert "Only the first" not in encoder.explain("3000 rows").html


def test_stages_are_bounded(monkeypatch):
    """A stage has a largest number of elements, and the rest of the stream is not computed."""
    monkeypatch.setattr(stages, "MOST", 30)
    closed = []

    def blocks():
        try:
            while True:
                yield np.ones((4, 3), np.float32)
        finally:
            closed.append(True)

    array, is_cut = first_rows(blocks(), FORM, 1e9)
    assert ((10, 3), True, [True]) == (array.shape, is_cut, closed)


def test_first_rows_of_other_forms():
    """Without an axis in seconds all rows are kept; a number is one block."""
    form = ArraySpec((Varying,))
    array, is_cut = first_rows([np.ones(70), np.zeros(1)], form, 0.1)
    assert ((71,), False) == (array.shape, is_cut)
    number, is_cut = first_rows([np.array(3.0)], ArraySpec(()), 0.1)
    assert ((), False) == (number.shape, is_cut)


def test_page_is_large_only_for_large_pictures():
    """The size of the page does not grow with the number of rows."""
    sizes = [len(NetEncoder("Bands").explain(f"{count} rows").html) for count in (2400, 3000000)]
    assert sizes[1] < 1.2 * sizes[0]


def test_page_is_safe():
    """All texts are escaped; only the script and the style of the page may run, by their hashes."""
    with pytest.warns(UserWarning, match="odd <input>"):
        page = NetEncoder("Staged", Label="<u>").explain("10 <u>rows</u>").html
    elements = Elements(page)
    assert [] == [name for name, _ in elements.found if name in ("b", "i", "u", "note", "input")]
    assert "&lt;b&gt;bands&lt;/b&gt;" in page
    named = [name for _, attributes in elements.found for name in attributes]
    assert [] == [name for name in named if name == "style" or name.startswith("on")]
    targets = [
        value
        for _, attributes in elements.found
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "action")
    ]
    assert [] == [target for target in targets if not target.startswith("data:")]
    policy = next(found["content"] for found in elements.of("meta") if "http-equiv" in found)
    for tag in ("script", "style"):
        [text] = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:; media-src data:;")


def test_page_names_stages_and_notes():
    """The page shows the stages in their order, notes of media, and each warning once."""
    with pytest.warns(UserWarning, match="odd <input>") as caught:
        page = NetEncoder("Staged").explain("10 rows", "Staged").html
    assert 1 == len(caught)
    assert 1 == page.count('<p class="notes">odd &lt;input&gt;</p>')
    assert 2 == page.count("<p>One &lt;note&gt;.</p>")
    titles = [html.unescape(title) for title in re.findall("<h2>(.*?)</h2>", page)]
    assert ["Differences", "First <1>", "First <1>", "Staged", "Staged"] == titles
    players = Elements(page).of("audio")
    assert ["0", "1"] == [player["data-player"] for player in players]
    assert "data:audio/x;base64,AAE=" == players[0]["src"]


def test_video_has_its_element():
    """Media of the type video are a video element."""
    with pytest.warns(UserWarning, match="odd"):
        page = NetEncoder("Staged").explain("10 video").html
    assert ["data:video/x;base64,AAE="] == [found["src"] for found in Elements(page).of("video")]


def test_warnings_of_a_failure_are_given():
    """Warnings before an error are not lost."""
    with (
        pytest.warns(UserWarning, match="odd"),
        pytest.raises(EncodeError, match="Staged raised ValueError: invalid literal"),
    ):
        NetEncoder("Staged").explain("no number")


def test_parameters_are_beside_their_stage():
    """A parameter is in the table of its stage; those without an effect are folded."""
    with pytest.warns(UserWarning, match="odd"):
        page = NetEncoder("Staged").explain("10 rows").html
    first, last = re.findall("<article.*?</article>", page, re.DOTALL)
    rows = [re.findall(r"<tr><td>(\w+)</td>", part) for part in (first, last)]
    assert [["Label"], ["Scale", "Rest"]] == rows
    assert "1 parameter without an effect here" in first
    assert "1 parameter without an effect here" in last
    assert last.index("Scale") < last.index("<details>") < last.index("Rest")


def test_two_encoders_are_side_by_side():
    """The same stages are in one row, with the differences marked and in a table of their own."""
    left = NetEncoder("Bands").then("Log").then("Transpose")
    page = left.explain("20 rows", NetEncoder("Bands", Scale=3, Label="x").then("Transpose")).html
    rows = page.split('<div class="row two">')[1:]
    assert [["Bands", "Bands"], ["Log"], ["Transpose", "Transpose"]] == [
        re.findall("<h2>(.*?)</h2>", row) for row in rows
    ]
    assert 4 == page.count('<tr class="differs">')
    assert '<tr class="differs"><td>Scale</td><td>3</td>' in page
    table = page.partition("<h2>Differences</h2>")[2].partition("</section>")[0]
    assert re.findall("<td[^>]*>(Scale|Label|layer 1)</td>", table) == ["Scale", "Label", "layer 1"]
    same = NetEncoder("Bands").explain("20 rows", "Bands").html
    assert "<p>No differences: equal digests.</p>" in same


def test_named_arrays_and_arrays_that_cannot_be_drawn():
    """Each named array is a stage; one of three dimensions has the reason instead of a picture."""
    page = NetEncoder("Named").explain("1")
    assert ["Ids", "Cube"] == [stage.name for stage in page.stages[0]]
    assert "arrays of 3 dimensions cannot be drawn" in page.html
    assert 1 == len(Elements(page.html).of("polyline"))


def test_array_without_rows_is_not_drawn():
    """An empty array has a text instead of a picture."""

    class Empty(Bands):
        """Gives no rows."""

        name = "Empty"

        def output(self):
            return ArraySpec((Varying, 3), minimum=0)

        def stream(self, value):
            yield np.zeros((0, 3), np.float32)

    with registered(Empty):
        page = NetEncoder("Empty").explain("1").html
    assert "<p>no rows</p>" in page


def test_one_row_is_a_line():
    """An array of one row, such as a mean over time, is a line over its features."""
    page = NetEncoder("Bands").then("Mean").explain("2 rows").html  # 3 5 7
    [line] = Elements(page).of("polyline")
    assert "0.0,57.1 500.0,28.6 1000.0,0.0" == line["points"]
    assert "band &lt;i&gt; in Hz" in page


def test_picture_has_the_colours_of_the_values():
    """The first row is left, and its last element at the top, in colours of decibels."""
    page = NetEncoder("Bands").explain("2 rows").html  # 0 2 4, 6 8 10
    [image] = Elements(page).of("image")
    data = base64.b64decode(image["href"].partition(",")[2])
    cells = (matplotlib.image.imread(io.BytesIO(data), format="png") * 255).round()[..., :3]
    assert (3, 2, 3) == cells.shape
    assert [0, 0, 4] == cells[2, 0].tolist()  # silence
    assert [252, 253, 191] == cells[0, 1].tolist()  # the maximum
    assert "power in dB relative to the maximum, -80" in page


def test_pictures_share_their_time():
    """Each picture in seconds has the same times at its edges, and one cursor."""
    page = NetEncoder("Bands").then("Log").explain("70 rows").html  # 0.7 s
    pictures = [found for found in Elements(page).of("svg") if "data-begin" in found]
    assert [("0", "0.7")] * 2 == [(found["data-begin"], found["data-end"]) for found in pictures]
    assert 2 == page.count('<line class="cursor"')
    assert 2 == len(re.findall(r"<span>0</span><span>0\.1</span>.*?<span>0\.7</span></div>", page))


def test_other_axes_have_no_cursor():
    """A picture without time has its own coordinates, and no cursor."""
    page = NetEncoder("Named").explain("1").html
    assert "data-begin" not in page.partition("<main>")[2].partition("<script>")[0]
    assert "<span>0</span><span>1</span><span>2</span>" in page


def test_input_that_can_be_read_once_is_refused():
    """Each stage reads the input again, so an iterator is refused."""
    with pytest.raises(EncodeError, match="this input can be read only once") as caught:
        NetEncoder("Bands").explain(iter(["1"]))
    assert "one-pass" == caught.value.code


def test_wrong_arguments_are_refused():
    """A batch, and a second encoder of another type, are errors of type."""
    encoder = NetEncoder("Bands")
    with pytest.raises(TypeError, match=r"explain shows one input. Got a list, which is a batch."):
        encoder.explain(["1", "2"])
    with pytest.raises(TypeError, match=r"explain takes a NetEncoder or a name. Got 5."):
        encoder.explain("1", 5)


def test_bug_of_the_stages_is_named():
    """An exception of the methods is a bug of the encoder."""

    class Broken(Bands):
        """Raises in media."""

        name = "Broken"

        def media(self, value, seconds):
            raise KeyError("x")

    with registered(Broken), pytest.raises(EncodeError, match="Broken raised KeyError") as caught:
        NetEncoder("Broken").explain("1")
    assert "bug" == caught.value.code


def test_page_is_saved_and_shown(tmp_path):
    """`save` writes the page, and Jupyter shows it in a frame without access to the notebook."""
    page = explanation([(NetEncoder("Bands"), "5 rows")], name="a & b")
    page.save(tmp_path / "a.html")
    assert page.html == (tmp_path / "a.html").read_text("utf-8")
    assert "<title>a &amp; b</title>" in page.html
    [frame] = Elements(page._repr_html_()).of("iframe")
    assert (page.html, "allow-scripts") == (frame["srcdoc"], frame["sandbox"])
    assert "<Explanation of 0.0 MB: Bands>" == repr(page)
