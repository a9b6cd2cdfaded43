"""Races: readers of a corpus while its writer moves files, or the current folder changes."""

import json
import os
import pickle

import pytest
from corpora import ENCODER, check, make_folder, write

from netencoders_corpus import Corpus, CorpusError, encode, locks, page_numbers
from netencoders_corpus.files import Files, value_names

pytest.importorskip("pyarrow")


def begin(out):
    """Put a corpus into the state of a change that is recorded and not completed."""
    partial = out / "partial" / "00001-of-00001"
    (shard,) = (out / "shards").iterdir()
    (partial / "commit.json").write_text(json.dumps({"written": [shard.name], "removed": []}))
    for name in value_names(shard.name):
        if (out / "values" / name).exists():
            (out / "values" / name).rename(partial / f"{name}.tmp")
    shard.rename(partial / f"{shard.name}.tmp")
    return Files(out, "00001-of-00001")


@pytest.mark.parametrize("form", ["parquet", "npy"])
@pytest.mark.parametrize("moved", [0, 1, 2, 3])
def test_files_that_a_writer_moves_are_found(tmp_path, form, moved):
    """A shard that becomes live after the opening is read at its new place."""
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    encode(ENCODER, folder, out, format=form)
    files = begin(out)
    corpus = Corpus(out)
    names = sorted(
        (path.name for path in files.partial.glob("*.tmp")), key=lambda name: ".npy" not in name
    )
    for name in names[:moved]:
        (files.partial / name).rename(files.target(name.removesuffix(".tmp")))
    assert 4 == len([*corpus])
    files.recover()
    check(out, folder)


def test_file_that_moves_while_a_shard_is_opened_is_found(tmp_path, monkeypatch):
    """It is looked for again, once for each file of a shard."""
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    encode(ENCODER, folder, out, format="npy")
    files = begin(out)
    corpus, present = Corpus(out), Corpus._present

    def moving(self, paths):
        found = present(self, paths)
        moved = sorted(files.partial.glob("*.tmp"), key=lambda path: ".npy" not in path.name)
        for path in moved[:1]:
            path.rename(files.target(path.name.removesuffix(".tmp")))
        return found

    monkeypatch.setattr(Corpus, "_present", moving)
    assert 4 == len([*corpus])


def test_page_of_a_corpus_that_changes(tmp_path):
    """A recorded change counts as made; a shard that vanishes is no damage of the disk."""
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    encode(ENCODER, folder, out)
    files = begin(out)
    assert 4 == page_numbers.read_numbers(out, 0, 0).rows
    files.recover()
    rows = page_numbers._rows(out, page_numbers.read_numbers(out, 0, 0))
    write(folder / "a" / "00.wav", 0.5, 9)
    with pytest.MonkeyPatch.context() as patch:
        found = page_numbers.snapshot(out)
        patch.setattr(page_numbers, "snapshot", lambda folder: found)
        encode(ENCODER, folder, out)
        with pytest.raises(CorpusError, match=r"another process has changed rows since the page"):
            next(rows)


def test_status_does_not_take_the_lock_of_a_writer(tmp_path, monkeypatch):
    """The locks are tried while the guard is held, for which a writer waits."""
    folder, out = make_folder(tmp_path / "in", 1), tmp_path / "out"
    encode(ENCODER, folder, out)
    lock, names = locks._lock, []

    def watched(file, **options):
        names.append(os.path.basename(file.name))
        return lock(file, **options)

    monkeypatch.setattr(locks, "_lock", watched)
    assert [] == locks.writers(out)
    assert ["guard", "00001-of-00001.lock"] == names
    with locks.writer(out, locks.Part()):
        assert ["00001-of-00001"] == locks.writers(out)


def test_relative_folder_and_another_current_folder(tmp_path, monkeypatch):
    """The folder is that of the opening, also in another process and in the middle of a run."""
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    encode(ENCODER, folder, "out", workers=1, progress=lambda report: monkeypatch.chdir("/"))
    check(out, folder)
    monkeypatch.chdir(tmp_path)
    corpus = Corpus("out")
    monkeypatch.chdir(tmp_path / "other")
    assert 4 == len([*corpus]) == len([*pickle.loads(pickle.dumps(corpus))])
    assert "Corpus('out')" == repr(corpus)
