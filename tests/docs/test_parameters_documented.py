"""Every parameter of a shipped encoder is on its page, in the decisions, and in the schema."""

import json
import re
from pathlib import Path

import pytest

from netencoders import NetEncoder, ParameterError, encoders

ROOT = Path(__file__).parents[2]
PAGES = {
    "Audio": "audio.md",
    "AudioPartitions": "partitions.md",
    "AudioSTFT": "stft.md",
    "AudioSpectrogram": "spectrogram.md",
    "AudioMelSpectrogram": "mel-spectrogram.md",
    "AudioMFCC": "mfcc.md",
    "AudioChroma": "chroma.md",
    "Image": "image.md",
    **dict.fromkeys(
        ("Boolean", "Characters", "Class", "Scalar", "Tokens", "UTF8"), "text-and-classes.md"
    ),
    "SubwordTokens": "subword-tokens.md",
}
SHIPPED = {
    name: [parameter.name for parameter in record.parameters]
    for name, record in encoders().items()
    if record.provider.distribution == "netencoders" and record.derived_from is None
}
NAMES = sorted({name for names in SHIPPED.values() for name in names})
HOW = "CONTRIBUTING.md, 'Adding a parameter', lists every place."


def rows(text):
    """Return the rows of a page's tables, as the names in the first column and the rest."""
    cells = [line.split("|", 2)[1:] for line in text.splitlines() if line.startswith("|")]
    return [(re.findall(r"`(\w+)`", first), rest) for first, rest in cells]


def test_every_shipped_encoder_has_a_page():
    """Each shipped encoder has a page; a new one also needs a line in this test."""
    assert SHIPPED.keys() == PAGES.keys()


@pytest.mark.parametrize("encoder", PAGES)
def test_page_of_an_encoder_names_every_parameter(encoder):
    """Each parameter of an encoder is in the first column of a table of its page."""
    page = ROOT / "docs" / PAGES[encoder]
    named = {name for names, _ in rows(page.read_text("utf-8")) for name in names}
    missing = [name for name in SHIPPED[encoder] if name not in named]
    assert [] == missing, f"add a row to the table of parameters in docs/{page.name}. {HOW}"


def test_decisions_give_the_rules_of_every_parameter():
    """Each parameter has a row with its rules, which exist, and no other name has one."""
    text = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    section = text.partition("\n## The rules of each parameter\n")[2].partition("\n## ")[0]
    found = {name: rest for names, rest in rows(section) for name in names}
    assert NAMES == sorted(found), f"one row a parameter in docs/decisions.md. {HOW}"
    rules = set(re.findall(r"^\| (A\d+) \|", text, re.MULTILINE))
    for name, rest in found.items():
        cited = re.findall(r"A\d+", rest)
        assert cited or "documented" in rest, f"docs/decisions.md gives no rule for {name}. {HOW}"
        assert set(cited) <= rules, f"docs/decisions.md has no rule {set(cited) - rules}"


def test_schema_describes_every_parameter():
    """The schema in the repository has every parameter, in the order of declaration."""
    stored = json.loads((ROOT / "specs" / "encoder.schema.json").read_text("utf-8"))
    command = "run: python -m netencoders.schema > specs/encoder.schema.json"
    described = {name: list(of["properties"]) for name, of in stored["$defs"]["of"].items()}
    assert SHIPPED == described, command


def test_known_as_agrees_with_the_page():
    """Each name in the table of docs/conventions.md is in `known_as` of its parameter."""
    page = (ROOT / "docs" / "conventions.md").read_text("utf-8")
    section = page.partition("\n## Names\n")[2].partition("\n## ")[0]
    known_as = {
        parameter.name: parameter.known_as
        for record in encoders().values()
        for parameter in record.parameters
    }
    found = {
        other
        for line in section.splitlines()
        for names in [re.findall(r"`(\w+)", line.split("|")[1] if "|" in line else "")]
        if names and names[0] in known_as
        for cell in line.split("|")[2:4]
        for other in re.findall(r"`(\w+)", cell)
        if other != "normalized"  # WindowScaling is the nearest, under conditions
        and not any(other in known_as[name] for name in names)
    }
    assert set() == found


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("hop_length", "Offset"),
        ("win_length", "WindowSize"),
        ("n_fft", "FFTLength"),
        ("sr", "SampleRate"),
        ("n_mels", "NumberOfFilters"),
        ("fmax", "MaximumFrequency"),
    ],
)
def test_name_of_another_library_gets_a_suggestion(name, parameter):
    """The error for a librosa or torch name suggests the parameter of the same meaning."""
    with pytest.raises(ParameterError, match=f"{name}'. Did you mean '{parameter}'"):
        NetEncoder("AudioMelSpectrogram", **{name: 1})
