"""The pages for people who know another library: declarations and names."""

import re
from pathlib import Path

import blocks
import pytest
from rows import ROWS

import netencoders_audio
from netencoders import NetEncoder, encoders, layers

ROOT = Path(__file__).parents[2]
PAGES = sorted(ROOT.glob("docs/how-to/coming-from-*.md"))
SAME = {
    "librosa": {
        "mel": "librosa-melspectrogram",
        "decibels": "librosa-power-to-db",
        "mfcc": "librosa-mfcc",
    },
    "torchaudio": {"mel": "torchaudio-melspectrogram", "mfcc": "torchaudio-mfcc"},
    "kaldi": {"declared": "kaldi-native-fbank-fbank-log"},
}
"""The row of `tests/conformance` whose array an encoder of a page has, by its variable."""


@pytest.mark.parametrize("library", SAME)
def test_declarations_are_rows_of_the_conventions(library, monkeypatch, tmp_path):
    """The encoders of a page are those that are compared with the library."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    namespace = blocks.run(ROOT / "docs" / "how-to" / f"coming-from-{library}.md")
    rows = {row.name: row.same for row in ROWS}
    for variable, name in SAME[library].items():
        expected = NetEncoder(rows[name].encoder, **rows[name].parameters)
        for layer, parameters in rows[name].layers:
            expected = expected.then(layer, **parameters)
        assert expected.digest == namespace[variable].digest, variable


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_named_parameters_and_layers_exist(page):
    """Each name in a table is a parameter, an encoder, a layer or a helper; values are accepted."""
    parameters = {}
    for record in (*encoders().values(), *layers().values()):
        for parameter in record.parameters:
            parameters.setdefault(parameter.name, []).append(parameter)
    known = {*parameters, *encoders(), *layers(), *netencoders_audio.__all__, "NetEncoder"}
    rows = [line.split("|")[-2] for line in page.read_text("utf-8").splitlines() if "|" in line]
    named = 0
    for cell in rows:
        for code in re.findall(r"`([^`]+)`", cell):
            word = re.match(r"[A-Z]\w+", code)
            if word:
                assert word[0] in known, code
                named += 1
            for name, value in re.findall(r"\b([A-Z]\w+)=([\w.\"-]+|\[[^]]*\])", code):
                if name in parameters and value[0] in '"[0123456789':
                    assert any(_accepts(of, value) for of in parameters[name]), code
    assert named > 10


def _accepts(parameter, text):
    try:
        parameter.check(eval(text))
    except ValueError:
        return False
    return True
