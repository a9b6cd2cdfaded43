"""write_page: totals, failures and levels are those of the corpus; texts are escaped."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

from netencoders import ArraySpec, EncodeError, Encoder, NetEncoder, Varying, registered
from netencoders_corpus import CorpusError, Item, Source, encode, page_sample
from netencoders_corpus.page import write_page
from netencoders_corpus.page_charts import clipping_bars, duration_bars, level_bars
from netencoders_corpus.page_numbers import duration_bin, read_numbers

pytest.importorskip("pyarrow")

SPEECH = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"
ENCODER = NetEncoder("Speech40Mel").then("Log", Floor=1e-10)
EVIL = "<script>alert(1)<x>.wav"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the folders of the inputs and of the corpus: 25 recordings and 7 broken files."""
    root = tmp_path_factory.mktemp("made")
    folder = root / "in"
    folder.mkdir()
    for number in range(24):
        noise = np.random.default_rng(number).normal(0, 0.05, 800 * (number + 1))
        noise[: 100 * (number % 2)] = 1.0  # clipped
        soundfile.write(folder / f"{number:02d}.wav", noise, 8000)
    soundfile.write(folder / "silence.wav", np.zeros(8000), 16000)
    for number in range(6):
        (folder / f"bad{number}.wav").write_bytes(SPEECH.read_bytes()[: 2000 + number])
    (folder / EVIL).write_bytes(b"")
    encode(ENCODER, folder, root / "out")
    return folder, root / "out"


class Parsed(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Keep an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Keep a text."""
        self.words.append(data)

    @property
    def text(self):
        """The text of the page."""
        return " ".join(" ".join(self.words).split())


def page(made, tmp_path, **options):
    """Write the page of the corpus, and return it."""
    folder, out = made
    write_page(out, tmp_path / "report.html", **{"source": folder, **options})
    assert ["report.html"] == [path.name for path in tmp_path.iterdir()]
    return (tmp_path / "report.html").read_text("utf-8")


def test_totals_and_failures(made, tmp_path):
    """Rows, failures by code with five examples, hours, frames, shards and rates are shown."""
    text = Parsed(page(made, tmp_path)).text
    seconds = sum(range(1, 25)) / 10 + 0.5
    for shown in (
        "rows 32 failed 7 (21.9 %)",
        f"hours of audio {seconds / 3600:.2f}",
        f"digest {ENCODER.digest}",
        "rows by sample rate 8,000 Hz: 24; 16,000 Hz: 1",
        "truncated : 6",
        "bad4.wav: has ",
        "1 more.",
        "empty-file : 1",
    ):
        assert shown in text
    assert "bad5.wav" not in text


def test_names_and_messages_are_escaped(made, tmp_path):
    """A name that is HTML is text, and the page has one script, and loads nothing."""
    html = page(made, tmp_path)
    parsed = Parsed(html)
    assert EVIL in parsed.text
    assert 1 == len([tag for tag, _ in parsed.tags if tag == "script"])
    urls = [v for _, a in parsed.tags for k, v in a.items() if k in ("src", "href", "srcset")]
    assert urls
    assert [] == [url for url in urls if not re.match("data:(image/png|audio/wav);base64,", url)]
    assert "default-src 'none'" in html


def test_sample_is_decoded_again(made, tmp_path):
    """Levels come from the inputs that the page counts, and twenty of them have pictures."""
    parsed = Parsed(page(made, tmp_path))
    assert "Of 25 inputs that were chosen at random and decoded again" in parsed.text
    assert 20 == len([tag for tag, _ in parsed.tags if tag == "audio"])
    titles = re.findall(r"(none|to 1e-\d\d|more|silence): (\d+)", parsed.text)
    counts = {name: int(count) for name, count in titles}
    assert (13, 1) == (counts["none"], counts["silence"])
    assert 25 == sum(count for name, count in counts.items() if name != "silence")


def test_sample_depends_on_the_seed_only(made, tmp_path):
    """A seed chooses the same rows again, also from other shards, and another seed others."""
    folder, out = made
    first = read_numbers(out, 5, 0).chosen
    assert (5, first) == (len({*first}), read_numbers(out, 5, 0).chosen)
    assert first == read_numbers(out, 25, 0).chosen[:5]  # the smallest of all
    assert first != read_numbers(out, 5, 1).chosen
    encode(ENCODER, folder, tmp_path / "out")
    assert first == read_numbers(tmp_path / "out", 5, 0).chosen
    assert [] == read_numbers(out, 0, 0).chosen


def test_missing_inputs_are_said(made, tmp_path):
    """Without a source, with a missing one, and with lost or damaged files, the page says so."""
    assert "No input is shown: corpus.json does not name" in page(made, tmp_path, source="")
    gone = page(made, tmp_path, source=tmp_path / "gone")
    assert "No input is shown: the source cannot be read" in gone
    folder, out = made
    copy = tmp_path / "copy" / "in"
    shutil.copytree(folder, copy)
    (copy / "00.wav").unlink()
    (copy / "01.wav").write_bytes(b"RIFF")
    target = tmp_path / "report.html"
    write_page(out, target, source=copy)
    text = Parsed(target.read_text("utf-8")).text
    assert "2 of the 25 inputs of the sample cannot be decoded any more" in text
    assert "00.wav the source has no such item any more" in text
    assert "Of 23 inputs" in text


def test_encoder_that_is_not_here_is_said(made, tmp_path):
    """An encoder that is not installed, or has another digest, is named; the numbers are shown."""
    folder, out = made
    copy = tmp_path / "out"
    shutil.copytree(out, copy)
    description = (out / "corpus.json").read_text("utf-8")
    (copy / "corpus.json").write_text(description.replace(ENCODER.digest, "0" * 64), "utf-8")
    write_page(copy, tmp_path / "a.html", source=folder)
    assert "another digest than the rows" in (tmp_path / "a.html").read_text("utf-8")
    gone = description.replace("AudioMelSpectrogram", "Gone").replace("Speech40Mel", "Gone")
    (copy / "corpus.json").write_text(gone, "utf-8")
    write_page(copy, tmp_path / "a.html", source=folder)
    text = Parsed((tmp_path / "a.html").read_text("utf-8")).text
    assert "No input is shown: the encoder cannot be made here" in text
    assert "rows 32" in text


def test_long_and_fast_recordings_make_short_players(tmp_path):
    """A player has at most 200 kB, also for a recording of 48 kHz."""
    folder = tmp_path / "in"
    folder.mkdir()
    soundfile.write(folder / "a.wav", np.random.default_rng(0).normal(0, 0.1, 480000), 48000)
    encoder = NetEncoder("AudioSpectrogram", SampleRate=48000)
    item = Item("a.wav", "a.wav", str(folder / "a.wav"))
    found = page_sample.shown_of(item, encoder, drawn=True, seconds=5.0)
    assert 190_000 < len(found.media.data) < 201_000
    assert found.stage.is_cut


class Lengths(Encoder):
    """The length of a text, of which a 'bad' one is refused."""

    name = "TextLength"
    inputs = ("text",)

    def output(self):
        """Return the form."""
        return ArraySpec((Varying,))

    def encode(self, value):
        """Return so many zeros as the text has letters."""
        if value.startswith("bad"):
            raise EncodeError("it is bad", code="bad-text")
        return np.zeros(len(value), np.float32)


class Texts(Source):
    """A source of files of text."""

    columns = {}  # noqa: RUF012 - it never changes

    def __init__(self, folder):
        self.name, self.folder = str(folder), folder

    def items(self):
        """Yield the files."""
        for path in sorted(self.folder.iterdir()):
            yield Item(path.name, path.name, str(path))


def test_encoder_of_another_kind(tmp_path):
    """A corpus of texts has no durations, no levels and no players, and its arrays are drawn."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text("ab" * (number + 1))
    (folder / "bad.txt").write_text("bad")
    with registered(Lengths):
        encode(NetEncoder("TextLength"), Texts(folder), tmp_path / "out")
        write_page(tmp_path / "out", tmp_path / "a.html", source=Texts(folder))
    parsed = Parsed((tmp_path / "a.html").read_text("utf-8"))
    assert "hours of audio not known" in parsed.text
    assert "bad-text : 1" in parsed.text
    assert "3 rows, chosen at random" in parsed.text
    assert [] == [tag for tag, a in parsed.tags if tag == "audio" or a.get("id") == "levels"]


def test_folder_that_is_no_corpus(made, tmp_path):
    """A folder without corpus.json, a broken shard, and a folder that is gone are errors."""
    with pytest.raises(CorpusError, match=r"it is no corpus: it has no corpus.json. Name the"):
        write_page(tmp_path, tmp_path / "a.html")
    folder, out = made
    copy = tmp_path / "out"
    shutil.copytree(out, copy)
    with pytest.raises(CorpusError, match="cannot be written: No such file"):
        write_page(copy, tmp_path / "gone" / "a.html", source=folder)
    (shard,) = (copy / "shards").iterdir()
    shard.write_bytes(b"PAR1")
    with pytest.raises(CorpusError, match=r"the shard cannot be read: .* Check the disk, remove"):
        write_page(copy, tmp_path / "a.html", source=folder)
    (copy / "corpus.json").write_text("{")
    with pytest.raises(CorpusError, match="Restore the file, or encode the corpus again"):
        write_page(copy, tmp_path / "a.html", source=folder)
    assert not (tmp_path / "a.html").exists()


def test_bins():
    """Bins are tenths of powers of ten for durations, 3 dB for levels, powers of 10 for shares."""
    assert [0, 10, -10, 3, -30] == [duration_bin(s) for s in (1.0, 10.0, 0.1, 2.0, 0.0)]
    assert [("1", 2), ("1.26", 0), ("1.58", 1)] == duration_bars({0: 2, 2: 1})
    assert [("silence", 1), ("-6", 1), ("-3", 0), ("0", 1)] == level_bars([-6, 0.5, -np.inf])
    assert [("-90", 1)] == level_bars([-300])
    assert [1, 0, 1, 0, 0, 0, 0, 1] == [n for _, n in clipping_bars([0.0, 5e-6, 0.5])]
