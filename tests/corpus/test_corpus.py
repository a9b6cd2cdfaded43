"""Corpus: rows by id and in order, in both formats; long recordings; columns of the source."""

import pickle
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from corpora import ENCODER, check, make_folder, rows, write

from netencoders import NetEncoder
from netencoders_corpus import Corpus, CorpusError, Item, Source, encode, shards, work
from netencoders_corpus.values import ValueWriter

pa = pytest.importorskip("pyarrow")

FORMATS = pytest.mark.parametrize("form", ["parquet", "npy"])


class Manifest(Source):
    """Items with columns, in memory."""

    columns = None
    name = "manifest"

    def __init__(self, folder, columns, types=None):
        self._folder, self._columns, self.columns = folder, columns, types

    def items(self):
        """Yield an item for each entry of the columns."""
        for name, columns in self._columns.items():
            yield Item(name, name, str(self._folder / name), columns=columns)


@FORMATS
def test_rows_are_found_by_id_and_in_order(tmp_path, form):
    """A corpus gives rows, arrays, ids, failures and columns; groups have at most 256 rows."""
    folder, out = make_folder(tmp_path / "in"), tmp_path / "out"
    encode(ENCODER, folder, out, format=form)
    check(out, folder)
    corpus = Corpus(out)
    names = [row.id for row in corpus]
    assert names == corpus.ids == sorted(names)
    assert 21 == len(corpus)
    assert 20 == len([*corpus.arrays()])
    np.testing.assert_array_equal(ENCODER(folder / "a" / "04.wav"), corpus["a/04.wav"].array)
    assert "a/04.wav" in corpus
    assert "a/05.wav" not in corpus
    [failed] = corpus.failures
    assert ("broken.wav", None) == (failed.id, failed.array)
    assert failed.code == corpus["broken.wav"].code == failed.columns["code"]
    assert ENCODER == corpus.encoder
    assert (21, ["id", "frames"]) == (len(corpus.table("id", "frames")), ["id", "frames"])
    assert "features" not in corpus.table().column_names
    assert not next(corpus.arrays()).flags.writeable


def test_unknown_id_is_a_key_error_with_the_nearest(tmp_path):
    """A wrong id suggests a similar one."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out)
    with pytest.raises(KeyError, match=r"there is no row 'a/00.wva'. Did you mean 'a/00.wav'\?"):
        Corpus(out)["a/00.wva"]
    with pytest.raises(KeyError, match=r"there is no row 'zzzzzzzz'"):
        Corpus(out)["zzzzzzzz"]


def test_folder_without_a_corpus_is_an_error(tmp_path):
    """A folder that is no corpus, or has no rows, is named."""
    with pytest.raises(CorpusError, match=r"it has no corpus.json. Name the folder"):
        Corpus(tmp_path)
    (tmp_path / "corpus.json").write_text("{}")
    with pytest.raises(CorpusError, match=r"it does not have the fields of a corpus. Restore"):
        Corpus(tmp_path)
    (tmp_path / "corpus.json").write_text("{")
    with pytest.raises(CorpusError, match=r"corpus.json: .*Restore the file"):
        Corpus(tmp_path)


@FORMATS
def test_many_shards_and_groups(tmp_path, form, monkeypatch):
    """Shards end before their limit, and rows of all shards and groups are found."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 9_000)
    monkeypatch.setattr(shards, "GROUP_ROWS", 3)
    folder, out = make_folder(tmp_path / "in"), tmp_path / "out"
    encode(ENCODER, folder, out, format=form)
    check(out, folder)
    corpus = Corpus(out)
    sizes = [
        sum(
            array.nbytes
            for n in range(shard.groups)
            for array in shard.arrays(n)
            if array is not None
        )
        for _, shard in corpus.shards()
    ]
    assert len(sizes) > 3
    assert max(sizes) <= 9_000
    assert {2, 3} >= {len([*corpus.rows(*group)]) for group in corpus.groups()} - {1}
    for name in corpus.ids:
        assert name == corpus[name].id
    again = pickle.loads(pickle.dumps(corpus))
    assert corpus.ids == again.ids


@FORMATS
@pytest.mark.parametrize("isolate", [False, True])
def test_long_recordings_are_streamed(tmp_path, form, isolate, monkeypatch):
    """An array that is larger than a thread may hold passes through a file, with the same bits."""
    monkeypatch.setattr(work, "LONG_FILE", 1000)
    monkeypatch.setattr(work, "HELD", 10_000)
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    write(folder / "long.wav", 60, 7)
    report = encode(ENCODER, folder, out, format=form, isolate=isolate, workers=2)
    check(out, folder)
    assert [] == [*(out / "partial").glob("*/*")]
    assert 4 == report.done
    assert 8000 == Corpus(out)["long.wav"].columns["rate"]


def test_a_long_recording_needs_little_memory(tmp_path, monkeypatch):
    """In the format npy, an array of 50 MB needs the memory of the parts that a thread holds."""
    monkeypatch.setattr(work, "HELD", 1 << 20)
    folder, out = tmp_path / "in", tmp_path / "out"
    write(folder / "long.wav", 1040, 7)
    encoder = NetEncoder("AudioSpectrogram", SampleRate=8000)
    encoder.prepare()
    tracemalloc.start()
    try:
        encode(encoder, folder, out, format="npy", workers=1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 50e6 < Corpus(out)["long.wav"].array.nbytes
    assert peak < 16e6


def test_a_recording_that_fails_late_leaves_no_file(tmp_path, monkeypatch):
    """A long recording that is truncated is a failed row; its file is removed."""
    monkeypatch.setattr(work, "LONG_FILE", 1000)
    monkeypatch.setattr(work, "HELD", 10_000)
    folder, out = tmp_path / "in", tmp_path / "out"
    write(folder / "long.flac", 60, 7)
    content = (folder / "long.flac").read_bytes()
    (folder / "long.flac").write_bytes(content[: len(content) // 2])
    assert [1] == [*encode(ENCODER, folder, out).failed.values()]
    assert [] == [*(out / "partial").glob("*/*")]


def test_npy_files_are_documented_ones(tmp_path):
    """The values of a row lie between its offsets, for frames in the first dimension and others."""
    folder = make_folder(tmp_path / "in", 4)
    for encoder in (ENCODER, NetEncoder("Audio", SampleRate=8000), ENCODER.then("Transpose")):
        out = tmp_path / encoder.digest[:8]
        encode(encoder, folder, out, format="npy")
        check(out, folder, encoder) if encoder is ENCODER else None
        [values, offsets] = [
            np.load(next((out / "values").glob(f"*.{name}.npy")), mmap_mode="r")
            for name in ("values", "offsets")
        ]
        for number, row in enumerate(Corpus(out)):
            part = values[offsets[number] : offsets[number + 1]]
            if row.array is None:
                assert 0 == len(part)
            else:
                np.testing.assert_array_equal(row.array.reshape(part.shape), part)
                np.testing.assert_array_equal(encoder(folder / row.id), row.array)
        assert {".parquet"} == {path.suffix for path in (out / "shards").iterdir()}


def test_damaged_values_are_an_error(tmp_path):
    """A file of values that was cut is the damage of its shard, which is repaired."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out, format="npy")
    [path] = (out / "values").glob("*.values.npy")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CorpusError, match=r"the shard is damaged: .*values.npy"):
        Corpus(out)["a/00.wav"]
    [offsets] = (out / "values").glob("*.offsets.npy")
    np.save(offsets, np.arange(3))
    with pytest.raises(CorpusError, match=r"the shard is damaged"):
        len(Corpus(out))
    with pytest.raises(CorpusError, match=r"the shard is damaged"):
        encode(ENCODER, folder, out, format="npy")
    encode(ENCODER, folder, out, format="npy", repair=True)
    check(out, folder)


def test_values_of_no_frames(tmp_path):
    """A row without frames, and one that failed, are empty."""
    from netencoders_corpus.layout import layout_of

    writer = ValueWriter(tmp_path / "a", tmp_path / "b", layout_of(ENCODER))
    writer.add(np.zeros(0, np.float32))
    writer.add(None)
    writer.add(np.ones(26, np.float32))
    writer.close()
    assert (2, 13) == np.load(tmp_path / "a").shape
    assert [0, 0, 0, 2] == np.load(tmp_path / "b").tolist()


@FORMATS
def test_other_columns_of_the_source_are_kept_up_to_date(tmp_path, form):
    """A changed transcript, a new column and another type change rows, and encode none."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    names = ["a/00.wav", "a/02.wav", "broken.wav"]
    columns = {name: {"text": name.upper(), "path": "p"} for name in names}
    encode(ENCODER, Manifest(folder, columns), out, format=form)
    before = rows(out)
    assert {"A/00.WAV", "A/02.WAV", "BROKEN.WAV"} == {row["text"] for row in before.values()}
    columns["a/02.wav"] = {"text": "other", "path": "p"}
    report = encode(ENCODER, Manifest(folder, columns), out, format=form)
    assert (0, 3, 1) == (report.done, report.kept, report.relabelled)
    assert rows(out) == before | {"a/02.wav": before["a/02.wav"] | {"text": "other"}}
    columns = {name: {"text": name, "speaker": n} for n, name in enumerate(names)}
    report = encode(ENCODER, Manifest(folder, columns), out, format=form)
    assert (0, 3, 3) == (report.done, report.kept, report.relabelled)
    assert {"a/00.wav": "0", "a/02.wav": "1", "broken.wav": "2"} == {
        name: row["speaker"] for name, row in rows(out).items()
    }
    typed = Manifest(folder, columns, {"text": pa.string(), "speaker": pa.int64()})
    assert 3 == encode(ENCODER, typed, out, format=form, content="stat").relabelled
    assert 0 == encode(ENCODER, typed, out, format=form).relabelled
    assert {0, 1, 2} == {row["speaker"] for row in rows(out).values()}
    for name in names[:2]:
        np.testing.assert_array_equal(ENCODER(folder / name), Corpus(out)[name].array)


def test_columns_are_kept_up_to_date_with_the_hash(tmp_path):
    """With content="hash", too, a changed column changes its row only."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    columns = {name: {"text": name} for name in ("a/00.wav", "a/02.wav")}
    encode(ENCODER, Manifest(folder, columns), out, content="hash")
    columns["a/00.wav"] = {"text": None}
    report = encode(ENCODER, Manifest(folder, columns), out, content="hash")
    assert (0, 2, 1) == (report.done, report.kept, report.relabelled)
    assert {None, "a/02.wav"} == {row["text"] for row in rows(out).values()}


def test_a_corpus_is_read_while_it_is_written(tmp_path, monkeypatch):
    """While a writer replaces rows, a corpus that is opened has each id once, or says why not."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 20_000)
    folder, out = make_folder(tmp_path / "in"), tmp_path / "out"
    encode(ENCODER, folder, out)
    wrong, done = [], threading.Event()

    def read():
        while not done.is_set():
            try:
                if len(Corpus(out).ids) != 21:
                    wrong.append("rows")
            except CorpusError as problem:
                if "Open it again" not in str(problem):
                    wrong.append(str(problem))

    reader = threading.Thread(target=read)
    reader.start()
    for seed in range(6):
        write(folder / "a" / "00.wav", 0.5, seed)
        write(folder / "b" / "01.wav", 0.5, seed)
        encode(ENCODER, folder, out)
    done.set()
    reader.join()
    assert [] == wrong


def test_a_change_that_ends_while_it_is_read_is_no_error(tmp_path, monkeypatch):
    """A writer may remove the record of a change after a reader has found it."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out)
    record = out / "partial" / "00001-of-00001" / "commit.json"
    record.write_text('{"written": [], "removed": []}')
    read = Path.read_text

    def remove_first(path, *arguments):
        if path == record:
            path.unlink()
        return read(path, *arguments)

    monkeypatch.setattr(Path, "read_text", remove_first)
    assert len(Corpus(out).ids) == 5
    assert not record.exists()


def test_rows_that_change_after_the_opening_are_an_error(tmp_path):
    """A shard that was written again since is named by the remedy."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out)
    corpus = Corpus(out)
    write(folder / "a" / "00.wav", 0.5, 3)
    encode(ENCODER, folder, out)
    with pytest.raises(CorpusError, match=r"has changed rows since .* Open it again"):
        len(corpus)


def test_half_an_update_is_an_error(tmp_path):
    """Rows of two encoders are not mixed in silence."""
    from netencoders_corpus import Part

    folder, out = make_folder(tmp_path / "in", 9), tmp_path / "out"
    for part in (1, 2):
        encode(ENCODER.replace(NumberOfCoefficients=12), folder, out, part=Part(part, 2))
    encode(ENCODER, folder, out, part=Part(1, 2), update=True)
    with pytest.raises(CorpusError, match=r"an update is not complete. Run .*encodes the rest"):
        len(Corpus(out))
    encode(ENCODER, folder, out, part=Part(2, 2))
    check(out, folder)


def test_torch_is_asked_for(tmp_path, monkeypatch):
    """Without torch, `to_torch` says what is missing."""
    import sys

    folder, out = make_folder(tmp_path / "in", 1), tmp_path / "out"
    encode(ENCODER, folder, out)
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "netencoders_corpus.torch_dataset", raising=False)
    with pytest.raises(CorpusError, match=r"to_torch needs torch: .* Install it"):
        Corpus(out).to_torch()
