"""Segments have the samples of a slice; texts and numbers come back; damage is a typed error."""

import csv
import io
import json
import random
import tarfile
from contextlib import suppress
from decimal import Decimal

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netencoders import NetEncoder
from netencoders_audio import Audio
from netencoders_corpus import Item, Problem, SourceError, encode, open_source, sourcing
from netencoders_corpus.items import input_of
from netencoders_corpus.sources.globs import expanded_braces
from netencoders_corpus.sources.segments import Segment, decimal_seconds

parquet = pytest.importorskip("pyarrow.parquet")
import pyarrow as pa  # noqa: E402 - after the check that it is installed

RATE = 22050
ENCODER = NetEncoder("AudioSpectrogram", SampleRate=RATE)
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Return a folder with a.wav, of two channels, and b.flac, and their samples."""
    folder = tmp_path_factory.mktemp("recordings")
    noise = np.random.default_rng(0).normal(0, 0.1, (2 * RATE, 2))
    soundfile.write(folder / "a.wav", noise, RATE, subtype="PCM_16")
    soundfile.write(folder / "b.flac", noise[:, 0], RATE, subtype="PCM_16")
    samples = {
        name: soundfile.read(folder / name, dtype="int16")[0] for name in ("a.wav", "b.flac")
    }
    return folder, samples


def items(path, **options):
    """Return the items of a source; a problem fails."""
    found = list(open_source(path, **options).items())
    assert [] == [item for item in found if isinstance(item, Problem)]
    return found


def check_bits(item, samples, first, stop):
    """Check that an item has the array of a slice of samples."""
    expected = ENCODER(Audio(samples[first:stop], RATE))
    np.testing.assert_array_equal(expected, ENCODER(input_of(item, ENCODER)), strict=True)


def frame(seconds):
    """Return the frame that is nearest to a decimal time, half a frame upwards."""
    return int(Decimal(seconds) * RATE + Decimal("0.5"))


TIMES = [("0.1", "0.2"), ("0.3", "0.6"), ("1.1", "0.7"), ("0", "1.00005"), ("0.00002", "0.9")]


@pytest.mark.parametrize(("start", "duration"), TIMES)
@pytest.mark.parametrize("name", ["a.wav", "b.flac"])
def test_segments_have_the_bits_of_a_slice(recordings, start, duration, name):
    """0.1 + 0.2 is 0.3, for NeMo, a table, Kaldi and Lhotse."""
    folder, samples = recordings
    stop = str(Decimal(start) + Decimal(duration))
    row = f'{{"audio_filepath": "{name}", "offset": {start}, "duration": {duration}}}'
    (folder / "nemo.json").write_text(row)
    (folder / "table.csv").write_text(f"path,start,stop\n{name},{start},{stop}\n")
    (folder / "kaldi").mkdir(exist_ok=True)
    (folder / "kaldi" / "wav.scp").write_text(f"rec ../{name}\n")
    (folder / "kaldi" / "segments").write_text(f"u rec {start} {stop}\n")
    for source in ("nemo.json", "table.csv", "kaldi"):
        (item,) = items(folder / source)
        check_bits(item, samples[name], frame(start), frame(stop))
    many = 2 if name == "a.wav" else 1
    cut = {
        "id": "c",
        "start": float(start),
        "duration": float(duration),
        "channel": [0, 1] if many == 2 else 0,
        "recording": {
            "id": "r",
            "sources": [{"type": "file", "channels": list(range(many)), "source": name}],
            "sampling_rate": RATE,
            "num_samples": 2 * RATE,
            "duration": 2.0,
        },
        "type": "MultiCut" if many == 2 else "MonoCut",
    }
    (folder / "cuts.jsonl").write_text(json.dumps(cut))
    (item,) = items(folder / "cuts.jsonl")
    first = frame(start)
    check_bits(item, samples[name], first, first + frame(duration))


@pytest.mark.parametrize("channel", [0, 1])
def test_channel_has_the_bits_of_a_column(recordings, channel):
    """Channels count from 0."""
    folder, samples = recordings
    (folder / "channels.csv").write_text(f"path,start,stop,channel\na.wav,0.5,1.25,{channel}\n")
    (item,) = items(folder / "channels.csv")
    assert f"a.wav#0.5-1.25@{channel}" == item.id
    check_bits(item, samples["a.wav"][:, channel], frame("0.5"), frame("1.25"))


def test_members_have_the_bits_of_files(recordings, tmp_path):
    """A member of a shard is encoded as the file; the corpus has its texts."""
    folder, _ = recordings
    with tarfile.open(tmp_path / "s.tar", "w") as archive:
        archive.add(folder / "b.flac", "x.flac")
        information = tarfile.TarInfo("x.txt")
        information.size = 2
        archive.addfile(information, io.BytesIO(b"hi"))
    (item,) = items(tmp_path / "s.tar")
    np.testing.assert_array_equal(ENCODER(folder / "b.flac"), ENCODER(input_of(item, ENCODER)))
    part = Item("x", "x", item.path, 0.5, 1.0, member=item.member)
    expected = NetEncoder("Audio", SampleRate=RATE)(Audio.open(folder / "b.flac", 0.5, 1.0))
    np.testing.assert_array_equal(
        expected, NetEncoder("Audio", SampleRate=RATE)(input_of(part, ENCODER))
    )
    report = encode(ENCODER, tmp_path / "s.tar", tmp_path / "out")
    assert (1, {}) == (report.done, report.failed)
    (row,) = parquet.read_table(next((tmp_path / "out/shards").iterdir())).to_pylist()
    assert ("x", "s.tar/x.flac", "hi") == (row["id"], row["source"], row["txt"])


def test_manifest_is_encoded(recordings, tmp_path):
    """Segments, other columns and failures of a manifest are rows of the corpus."""
    folder, _ = recordings
    lines = [
        {"path": str(folder / "a.wav"), "start": 0.5, "stop": 1.0, "n": {"x": [1]}, "t": "é"},
        {"path": str(folder / "none.wav"), "id": "none"},
        {"path": str(folder / "b.flac"), "start": 0.5, "stop": 99, "n": 3},
    ]
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = encode(ENCODER, path, tmp_path / "out")
    assert (1, {"not-found": 1, "out-of-range": 1}) == (report.done, report.failed)
    rows = parquet.read_table(next((tmp_path / "out/shards").iterdir())).to_pylist()
    assert [
        ("a.wav#0.5-1.0", '{"x": [1]}', "é"),
        ("none", None, None),
        ("b.flac#0.5-99.0", "3", None),
    ] == [(row["id"], row["n"], row["t"]) for row in rows]


def test_duplicates_and_all_problems_are_told_at_once(recordings, tmp_path):
    """The first 20 problems and their number, before any work."""
    folder, _ = recordings
    path = tmp_path / "m.csv"
    path.write_text("path\n" + f"{folder}/a.wav\n" * 2 + "http://x\n" * 30)
    with pytest.raises(SourceError) as caught:
        encode(ENCODER, path, tmp_path / "out")
    text = str(caught.value)
    assert "line 4: 'http://x' is a URL: copy the file to a disk, and name it." in text
    assert "11 more problems." in text
    assert [] == [*(tmp_path / "out/shards").iterdir()]
    path.write_text("path\n" + f"{folder}/a.wav\n" * 2)
    with pytest.raises(SourceError, match=r"line 3: the id '.*a.wav' is given twice: make ids"):
        encode(ENCODER, path, tmp_path / "out")


def test_source_that_changes_is_told(recordings, tmp_path, monkeypatch):
    """A problem that appears while items are encoded ends the run with an error."""
    monkeypatch.setattr(sourcing, "HELD_ITEMS", 0)
    folder, _ = recordings

    class Changing(type(open_source(folder))):
        """A folder with a problem at the second time."""

        calls = 0

        def items(self):
            self.calls += 1
            yield from super().items()
            if self.calls > 1:
                yield Problem("x", "it is gone.")

    with pytest.raises(SourceError, match="x: it is gone"):
        encode(ENCODER, Changing(folder), tmp_path / "out")


def test_notes_are_in_the_report_and_the_error(recordings, tmp_path):
    """Files that are left out are said."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").touch()
    message = r"it has no inputs \(1 file without a suffix of audio .*give a pattern such as 'in/"
    with pytest.raises(SourceError, match=message):
        encode(ENCODER, folder, tmp_path / "out")
    (folder / "b.wav").write_bytes((recordings[0] / "a.wav").read_bytes())
    report = encode(ENCODER, folder, tmp_path / "out")
    assert ("1 file without a suffix of audio left out: 1 .txt",) == report.notes


NAMES = st.text("abcdé 中#@'\",-", min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@SETTINGS
@given(rows=st.lists(st.tuples(NAMES, TEXTS), min_size=1, max_size=5), tab=st.booleans())
def test_texts_of_tables_come_back(rows, tab, tmp_path):
    """CSV, TSV, JSON lines and Parquet give the texts that were written, and the paths as ids."""
    with open(tmp_path / "m.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t" if tab else ",")
        writer.writerows([("path", "text"), *rows])
    with open(tmp_path / "m.jsonl", "w", encoding="utf-8") as file:
        for path, text in rows:
            file.write(json.dumps({"path": path, "text": text}, ensure_ascii=tab) + "\n")
    columns = {"path": [row[0] for row in rows], "text": [row[1] for row in rows]}
    parquet.write_table(pa.table(columns), tmp_path / "m.parquet")
    for name in ("m.csv", "m.jsonl", "m.parquet"):
        found = items(tmp_path / name)
        assert rows == [(item.id, item.columns["text"]) for item in found]
        assert [str(tmp_path / row[0]) for row in rows] == [item.path for item in found]


@SETTINGS
@given(
    start=st.decimals(0, 100, places=5),
    length=st.decimals("0.00001", 100, places=5),
    channel=st.none() | st.integers(0, 9),
    name=NAMES,
)
def test_ids_hold_the_segment(start, length, channel, name, tmp_path):
    """The id is the path with the times as decimal numbers, which are those of the sum."""
    row = {"path": name, "offset": float(start), "duration": float(length), "channel": channel}
    (tmp_path / "m.jsonl").write_text(json.dumps(row))
    (item,) = items(tmp_path / "m.jsonl")
    assert item.id.startswith(f"{name}#")
    times, _, last = item.id.removeprefix(f"{name}#").partition("@")
    begin, end = (Decimal(part) for part in times.split("-"))
    assert (start, start + length) == (begin, end)
    assert ("" if channel is None else str(channel)) == last
    assert (item.start, item.stop) == (float(begin), float(end))
    same = Segment(item.start, item.stop, item.channel)
    assert item.id == name + same.text


@given(st.floats(0, 1e9))
def test_text_of_a_time_is_exact(seconds):
    """The decimal number of a time in an id is that of the float."""
    text = Segment(seconds).text
    assert float(text.removeprefix("#").removesuffix("-")) == seconds
    assert "e" not in text
    assert decimal_seconds(seconds) == Decimal(repr(seconds))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=3))
def test_braces_are_expanded_like_those_of_shells(counts):
    """The number of names is the product."""
    pattern = "-".join(f"{{00..{count:02d}}}" for count in counts)
    names = expanded_braces(pattern)
    assert len(names) == len(set(names)) == np.prod([count + 1 for count in counts])
    assert "-".join(f"{count:02d}" for count in counts) == names[-1]


def manifests():
    """Return a manifest of each kind, as bytes."""
    member = io.BytesIO()
    with tarfile.open(fileobj=member, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("a.wav", "é" * 120 + ".flac", "a.txt"):
            information = tarfile.TarInfo(name)
            information.size = 700
            archive.addfile(information, io.BytesIO(b"x" * 700))
    table = io.BytesIO()
    parquet.write_table(pa.table({"path": ["a.wav", "b.wav"], "n": [1, 2]}), table)
    recording = {
        "id": "r",
        "sources": [{"type": "file", "channels": [0], "source": "a.wav"}],
        "sampling_rate": 16000,
        "num_samples": 16000,
        "duration": 1.0,
        "channel_ids": [0],
    }
    cut = {"id": "c", "start": 0.5, "duration": 0.25, "channel": 0, "supervisions": []}
    cut |= {"recording": recording, "type": "MonoCut"}
    texts = {
        "csv": 'path,start,stop,text\na.wav,0.5,1.5,"x, ""y"""\nb.wav,,,z\n',
        "tsv": "path\toffset\tduration\na.wav\t0.1\t0.2\n",
        "jsonl": '{"audio_filepath": "a.wav", "offset": 0.1, "duration": 0.2, "text": "\\u00e9"}\n',
        "list": "a.wav\nb/c.flac\n",
        "lhotse": json.dumps(cut) + "\n" + json.dumps(cut) + "\n",
    }
    binary = {"webdataset": member.getvalue(), "parquet": table.getvalue()}
    return {kind: text.encode() for kind, text in texts.items()} | binary


def mutated(content, random):
    """Return bytes with a few random changes."""
    changed = bytearray(content)
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(changed) + 1)
        way = random.randrange(4)
        if way == 0 and changed:
            changed[place % len(changed)] = random.choice([0, 9, 10, 34, 44, 92, 123, 255, 57])
        elif way == 1:
            changed[place:place] = random.choice(
                [b'"', b"\n", b"\0", b"{", b"1e999", b"\xff", b"|"]
            )
        elif way == 2:
            del changed[place : place + random.randint(1, 40)]
        else:
            changed = changed[: max(1, place)]
    return bytes(changed)


@pytest.mark.parametrize("kind", manifests())
def test_mutated_manifests_raise_typed_errors(kind, tmp_path):
    """Any bytes give items, problems or a SourceError, also when the kind is forced."""
    content = manifests()[kind]
    for seed in range(400):
        chance = random.Random(seed)
        path = tmp_path / f"manifest{seed}"  # to write a file again takes longer: it is flushed
        path.write_bytes(mutated(content, chance))
        with suppress(SourceError):
            for item in open_source(path, kind=kind if seed % 2 else None).items():
                assert isinstance(item, Item | Problem)
                if isinstance(item, Item):
                    assert item.id.isprintable()
                    assert item.stop is None or item.stop > (item.start or 0)


@pytest.mark.parametrize("name", ["wav.scp", "segments", "text", "utt2spk"])
def test_mutated_folders_of_kaldi_raise_typed_errors(name, tmp_path):
    """Any bytes in a file of a data folder give items or problems."""
    files = {
        "wav.scp": b"r1 a.wav\nr2 b.wav\n",
        "segments": b"u1 r1 0.5 1.5\nu2 r1 2 -1 0\nu3 r2 0 1\n",
        "text": b"u1 hello\nu2 \xc3\xa9\nu3 z\n",
        "utt2spk": b"u1 s\nu2 s\nu3 t\n",
    }
    for each, content in files.items():
        (tmp_path / each).write_bytes(content)
    for seed in range(300):
        (tmp_path / name).unlink()  # to write a file again takes longer: it is flushed
        (tmp_path / name).write_bytes(mutated(files[name], random.Random(seed)))
        for item in open_source(tmp_path).items():
            assert isinstance(item, Item | Problem)
