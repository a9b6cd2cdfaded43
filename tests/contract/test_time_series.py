"""A third-party plugin for a new kind of input works in every way in which encoders are used."""

import ast
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import netencoders
from netencoders import EncodeError, NetChain, NetEncoder, encoders
from netencoders.cli import main
from netencoders.testing import EncoderContract
from netencoders_corpus import Corpus, encode

PLUGIN = Path(__file__).parents[1] / "third_party" / "netencoders-timeseries"
CODE = PLUGIN / "netencoders_timeseries" / "__init__.py"
MONDAY = "time,pulse,steps\n0,60,1\n1,61.5,3\n"
EXPECTED = [[60.0, 1.0], [61.5, 3.0]]


@pytest.fixture
def installed(fresh_registry, tmp_path, monkeypatch):
    """Install the plugin beside two days and a damaged one, in the current folder."""
    info = tmp_path / "site" / "netencoders_timeseries-0.1.0.dist-info"
    info.mkdir(parents=True)
    name = "Metadata-Version: 2.1\nName: netencoders-timeseries\nVersion: 0.1.0\n"
    (info / "METADATA").write_text(name)
    points = (PLUGIN / "pyproject.toml").read_text().partition("entry-points.netencoders]\n")[2]
    (info / "entry_points.txt").write_text(f"[netencoders]\n{points}".replace('"', ""))
    shutil.copytree(CODE.parent, tmp_path / "site" / "netencoders_timeseries")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.chdir(tmp_path)
    fresh_registry()
    Path("days").mkdir()
    Path("days/monday.csv").write_text(MONDAY)
    Path("days/tuesday.csv").write_text(MONDAY.replace("60", "70"))
    Path("days/broken.csv").write_text("pulse,steps\n1,two\n")
    yield
    sys.modules.pop("netencoders_timeseries", None)


def test_plugin_is_short_and_uses_public_names():
    """The module has under 60 lines, and imports names that netencoders exports."""
    text = CODE.read_text()
    assert len(text.splitlines()) < 60
    taken = [
        alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert [] == [name for name in taken if name not in netencoders.__all__]


def test_in_python(installed):
    """It takes paths, bytes, and batches of them, in threads, too."""
    encoder = NetEncoder("TimeSeries", ["pulse", "steps"])
    assert EXPECTED == encoder("days/monday.csv").tolist()
    assert EXPECTED == encoder(Path("days/monday.csv")).tolist()
    assert EXPECTED == encoder(memoryview(MONDAY.encode())).tolist()
    assert [[1.0], [3.0]] == encoder.replace(Columns=["steps"])(MONDAY.encode()).tolist()
    arrays = list(encoder.map(["days/monday.csv", "days/tuesday.csv"] * 4, workers=3))
    assert [[60.0, 70.0][place % 2] for place in range(8)] == [array[0, 0] for array in arrays]
    assert "netencoders-timeseries 0.1.0 (timeseries)" == str(encoders()["TimeSeries"].provider)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("./missing.csv", "not-found"),
        ("days", "unreadable"),
        ("days/broken.csv", "malformed"),
        (b"pulse,steps\n", "too-short"),
        (b"pulse,steps\n1\n", "malformed"),
        (b"pulse\n1\n", "malformed"),
        (b"\xff", "malformed"),
        (b"pulse,steps\n1,nan\n", "non-finite"),
        (3, "unsupported-input"),
        ({"pulse": [1]}, "unsupported-input"),
    ],
)
def test_errors(installed, value, code):
    """Each input that cannot be encoded has a code."""
    with pytest.raises(EncodeError) as caught:
        NetEncoder("TimeSeries", ["pulse", "steps"])(value)
    assert code == caught.value.code


def test_in_yaml(installed):
    """A spec declares it, with a digest."""
    encoder = NetEncoder("TimeSeries", ["pulse", "steps"])
    again = NetEncoder.from_yaml(encoder.to_yaml(pin=True))
    assert encoder == again
    text = "schema: 1\nencoder: TimeSeries\nparameters: {Columns: [pulse, steps]}\n"
    assert encoder == NetEncoder.from_yaml(text)


def test_on_the_command_line(installed, capsys):
    """The command encodes a file; a missing one exits 3."""
    given = ["-e", "TimeSeries", "-p", "Columns=[pulse, steps]", "-o", "monday.npy"]
    assert 0 == main(["encode", "days/monday.csv", *given])
    assert EXPECTED == np.load("monday.npy").tolist()
    assert 3 == main(["encode", "missing.csv", *given, "--force"])
    assert "missing.csv: no such file" in capsys.readouterr().err


def test_in_a_net(installed, tmp_path):
    """It is the encoder of a port, also of a net that is saved and loaded."""
    net = NetChain(["Mean"], Input=NetEncoder("TimeSeries", ["pulse", "steps"]))
    assert [[60.75, 2.0]] == net("days/monday.csv").tolist()
    net.save("net.netz")
    assert [[60.75, 2.0]] == NetChain.load("net.netz")("days/monday.csv").tolist()


def test_in_a_corpus(installed):
    """A pattern is the source of a corpus; a damaged file is a row with its code."""
    encoder = NetEncoder("TimeSeries", ["pulse", "steps"])
    report = encode(encoder, "days/*.csv", "corpus")
    assert (2, {"malformed": 1}) == (report.done, report.failed)
    corpus = Corpus("corpus")
    assert EXPECTED == corpus["monday.csv"].array.tolist()
    assert ["broken.csv"] == [row.id for row in corpus.failures]
    assert encoder == corpus.encoder


@pytest.mark.parametrize("check", [name for name in dir(EncoderContract) if "test_" in name])
def test_contract(installed, check, tmp_path):
    """The encoder passes every check of the contract."""

    class Contract(EncoderContract):
        encoder = "TimeSeries"
        parameters = {"Columns": ["pulse", "steps"]}  # noqa: RUF012 - nobody changes it
        setup = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})"

        def inputs(self):
            return [b"pulse,steps\n1,2\n", "days/monday.csv"]

    getattr(Contract(), check)()
