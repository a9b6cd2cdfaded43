"""Manifests that are one JSON array of objects."""

import gzip
import json
import tracemalloc

import pytest

from netencoders_corpus import Problem, SourceError, open_source
from netencoders_corpus.sources import json_array, tables

pytest.importorskip("pyarrow")

ROWS = [
    {"path": "a.wav", "text": 'é "[{]}" \\ ,', "start": 0.5, "n": [1, {"x": None}]},
    {"path": "b.wav", "n": -12e-3, "other": True},
    {"path": "c.wav", "id": 7},
]


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a manifest, and returns its path."""

    def write(text, name="manifest.json"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


def problems(path, **options):
    """Return the problems of a source, with their places."""
    items = open_source(path, **options).items()
    return [f"{item.place}: {item.text}" for item in items if isinstance(item, Problem)]


def items(path):
    """Return the items of a source; a problem fails."""
    assert [] == problems(path)
    return [*open_source(path).items()]


@pytest.mark.parametrize("piece", [1, 2, 7, 1 << 16])
@pytest.mark.parametrize("indent", [None, 2])
def test_array_is_read_like_lines(write, monkeypatch, piece, indent):
    """Items are those of the same objects as lines, for pieces of any size, also by gzip."""
    lines = "\n".join(map(json.dumps, ROWS))
    expected = items(write(lines, "m.jsonl"))
    text = json.dumps(ROWS, indent=indent, ensure_ascii=False)
    monkeypatch.setattr(json_array, "PIECE", piece)
    for content in (text, f" \ufeff{text}"[1:] + "\r\n ", gzip.compress(text.encode())):
        found = items(write(content))
        assert ["object 1", "object 2", "object 3"] == [item.place for item in found]
        assert [(item.id, item.start, item.columns) for item in expected] == [
            (item.id, item.start, item.columns) for item in found
        ]


@pytest.mark.parametrize("piece", [1, 5, 1 << 16])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", [": it has no rows: write one for each input."]),
        ("[1, true]", ["object 1: it is 1, not an object: write an array of objects.", "object 2"]),
        (
            "[12",
            ["object 1: it is 12, not", "object 1: it is not JSON: the file ends where ']' bel"],
        ),
        (
            '[{"path": "a"} {"path": "b"}]',
            ["object 1: it is not JSON: there is '{' where ']' belon"],
        ),
        (
            '[{"path": "a"},]',
            ["object 2: it is not JSON: Expecting value: write it again; objects"],
        ),
        ('[{"path": "a"},', ["object 2: it is not JSON: Expecting value: write it again; objects"]),
        ("[", ["object 1: it is not JSON: Expecting value: write it again; objects behind it are"]),
        ('[{"path": "a"}', ["object 1: it is not JSON: the file ends where ']' belongs: write it"]),
        ('[{"path": "a"}] [', [": there is '[' behind the array: write one array."]),
        ('[{"path": "a', ["object 1: it is not JSON: Unterminated string starting at: write it"]),
        (
            '[{"path": "a", x}, {}]',
            ["object 1: it is not JSON: Expecting property name enclosed i"],
        ),
        (
            '[{"path": "a", "path": "b"}, {"path": 3}, {"path": "c", "x": {"y": 1, "y": 2}}]',
            [
                "object 1: the key 'path' is given twice: give it once.",
                "object 2: 'path' is 3, not a path: name a file.",
                "object 3: the key 'y' is given twice",
            ],
        ),
        ('[{"path": "a", "x": "\\ud800"}]', ["object 1: a text has half of a surrogate pair"]),
        ('[{"path": ' + "[" * 100_000, ["object 1: the JSON value is nested too deeply: write"]),
        ('[{"path": ' + "1" * 5000 + "}]", ["object 1: it is not JSON: Exceeds the limit"]),
        (b'[{"path": "a"}, {"path": "\xff"}]', ["byte 0xff is not UTF-8: save the file as UTF-8"]),
        (b'[{"path": "\xc3', ["the byte 0xc3 is not UTF-8: save the file as UTF-8; objects behin"]),
    ],
)
def test_bad_arrays_are_told(write, monkeypatch, piece, text, expected):
    """Each problem has the number of the object, the rule and the remedy."""
    if len(text) > 1000:
        piece = max(piece, 5)
    monkeypatch.setattr(json_array, "PIECE", piece)
    found = problems(write(text), kind="jsonl")
    assert len(expected) == len(found)
    for part, problem in zip(expected, found, strict=True):
        assert part in problem


def test_objects_have_a_limit(write, monkeypatch):
    """A long object is the last; the error of a later one is told, not a limit."""
    monkeypatch.setattr(json_array, "MAX_LINE", 1000)
    monkeypatch.setattr(json_array, "PIECE", 100)
    long = json.dumps([{"path": "a"}, {"path": "b", "x": "y" * 2000}, {"path": "c"}])
    (problem,) = problems(write(long))
    assert "object 2: it has more than 1000 characters, or a quote is missing: write" in problem
    (problem,) = problems(write('[{"path": "a"}, {"path": }' + " " * 5000 + "]"))
    assert "object 2: it is not JSON: Expecting value" in problem
    monkeypatch.setattr(tables, "MAX_COLUMNS", 2)
    monkeypatch.setattr("netencoders_corpus.sources.json_lines.MAX_COLUMNS", 2)
    (problem,) = problems(write(json.dumps([{"path": "a", "b": 1, "c": 2}])))
    assert "object 1: there are more than 2 different keys: put them in one." == problem


def test_a_large_array_needs_little_memory(write):
    """One object and a piece are held."""
    text = ",\n".join(json.dumps({"path": f"{n}.wav", "text": "x" * 100}) for n in range(30_000))
    path = write(f"[{text}]")
    del text
    tracemalloc.start()
    try:
        assert 30_000 == sum(1 for _ in open_source(path).items())
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_array_of_lhotse_is_read(write):
    """Lhotse writes recordings and cuts as an array, too."""
    recording = {
        "id": "r",
        "sources": [{"type": "file", "channels": [0], "source": "a.wav"}],
        "sampling_rate": 8000,
        "num_samples": 8000,
        "duration": 1.0,
    }
    cut = {"id": "c", "start": 0.25, "duration": 0.5, "channel": 0, "recording": recording}
    (item,) = items(write(json.dumps([cut | {"type": "MonoCut"}], indent=2), "cuts.json"))
    assert ("c", "a.wav", 0.25, 0.75) == (item.id, item.source, item.start, item.stop)
    (item,) = items(write(json.dumps([recording])))
    assert "r" == item.id


@pytest.mark.parametrize("name", ["cuts.yaml", "cuts.yml.gz", "cuts"])
def test_yaml_of_lhotse_is_refused(write, name):
    """The error names the command of Lhotse that converts it."""
    text = b"- channel: 0\n  duration: 0.1\n  id: 0-0\n"
    path = write(gzip.compress(text) if name.endswith("gz") else text, name)
    expected = (
        rf"it is YAML: convert it: for a manifest of Lhotse, `lhotse copy {name} cuts.jsonl.gz`."
    )
    with pytest.raises(SourceError, match=expected):
        open_source(path)
    write('[{"path": "a"}]', "array.yaml")
    assert 1 == len(items(path.with_name("array.yaml")))


@pytest.mark.parametrize("name", ["cuts.000000.jsonl.gz", "cuts.000012.jsonl"])
def test_shar_of_lhotse_is_refused(write, name):
    """Its cuts name no files; the error says how to write them."""
    path = write("{}", name)
    with pytest.raises(
        SourceError, match=r"in the format shar: write its audio by CutSet.from_sha"
    ):
        open_source(path.parent)
