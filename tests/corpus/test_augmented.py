"""Corpora of augmented arrays: the numbers of a row depend on its id, the seed and the epoch."""

import pickle
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from corpora import make_folder, rows, write

from netencoders import NetEncoder
from netencoders.policies import policies
from netencoders.randomness import INPUT_ID
from netencoders_audio.encoders.audio_encoder import AudioEncoder
from netencoders_corpus import Corpus, arrow, check, encode, open_source, verify
from netencoders_corpus.items import Item
from netencoders_corpus.layout import layout_of
from netencoders_corpus.page_sample import shown_of
from netencoders_corpus.work import Encoding, Options

pa = pytest.importorskip("pyarrow")

KINDS = {"Noise": 0.01, "Volume": [0.5, 2], "TimeShift": [-0.05, 0.05], "VTLP": [0.9, 1.1]}
PLAIN = NetEncoder("AudioMFCC", SampleRate=8000, Augmentation=KINDS)
ENCODER = PLAIN.training(seed=1)

# A run that is killed after some rows; a shard holds a few of them.
KILLED = """
import os, pickle, signal, sys
from netencoders_corpus import encode, shards
encoder, folder, out = pickle.load(sys.stdin.buffer)
shards.SHARD_BYTES = 1 << 13
def progress(report):
    if report.done >= 7:
        os.kill(os.getpid(), signal.SIGKILL)
encode(encoder, folder, out, workers=1, progress=progress)
"""


def expected(folder, encoder=ENCODER):
    """Return the bits of single calls with the ids of the rows."""
    found = {}
    for path in sorted(folder.rglob("*.wav")):
        identity = path.relative_to(folder).as_posix()
        if identity != "broken.wav":
            with policies({INPUT_ID: identity}):
                found[identity] = encoder(path).tobytes()
    return found


def bits(out):
    """Return the bits of the rows of a corpus."""
    return {row.id: row.array.tobytes() for row in Corpus(out) if row.array is not None}


@pytest.mark.parametrize("options", [{"workers": 1}, {"workers": 3}, {"isolate": True}])
def test_rows_have_the_numbers_of_their_ids(tmp_path, options):
    """Any number of workers, and worker processes, give the bits of single calls."""
    folder = make_folder(tmp_path / "in", 8)
    encode(ENCODER, folder, tmp_path / "out", **options)
    assert expected(folder) == bits(tmp_path / "out")


def test_killed_run_is_completed_with_the_same_bits(tmp_path):
    """A run that is killed, and a run that completes it, give the rows of one run."""
    folder, out = make_folder(tmp_path / "in", 20), tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        input=pickle.dumps((ENCODER, folder, out)),
        capture_output=True,
        check=False,
    )
    assert -signal.SIGKILL == done.returncode, done.stderr.decode()
    report = encode(ENCODER, folder, out, workers=2)
    assert report.done < 20
    assert expected(folder) == bits(out)


def test_content_of_a_row_does_not_choose_the_numbers(tmp_path):
    """Two rows of equal files differ, and a row of another content has the same numbers."""
    folder = tmp_path / "in"
    write(folder / "a.wav", seed=1)
    shutil.copy(folder / "a.wav", folder / "b.wav")
    encode(ENCODER, folder, tmp_path / "out")
    found = bits(tmp_path / "out")
    assert expected(folder) == found
    assert found["a.wav"] != found["b.wav"]


def test_renamed_file_is_another_row(tmp_path):
    """The id of a folder is the path, so another path has other numbers; the rest is kept."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out)
    (folder / "a" / "00.wav").rename(folder / "a" / "zz.wav")
    report = encode(ENCODER, folder, out)
    assert (1, 4) == (report.done, report.kept)
    assert expected(folder) == bits(out)


def test_epoch_and_seed_give_other_rows(tmp_path):
    """Another epoch is another encoder, whose rows differ."""
    folder = make_folder(tmp_path / "in", 3)
    found = []
    for number, encoder in enumerate([ENCODER, PLAIN.training(1, epoch=1), PLAIN.training(2)]):
        encode(encoder, folder, tmp_path / str(number))
        found.append(bits(tmp_path / str(number)))
        assert expected(folder, encoder) == found[-1]
    assert 9 == len({array for rows_ in found for array in rows_.values()})


def test_verification_draws_the_same_numbers(tmp_path):
    """A corpus is compared with arrays of the same ids."""
    folder = make_folder(tmp_path / "in", 3)
    encode(ENCODER, folder, tmp_path / "out")
    assert {"equal"} == {result.state for result in verify(tmp_path / "out")}


def test_key_has_the_id_only_if_numbers_are_drawn():
    """Without a seed, the keys of older corpora stay as they are."""
    one, other = Item("1", "a.wav", "a.wav"), Item("2", "a.wav", "a.wav")

    def key(item, encoder):
        return Encoding(encoder, Options(), layout_of(encoder, "float32"), None, limited=False).key(
            item, "content"
        )

    assert key(one, PLAIN) == key(other, PLAIN)
    assert key(one, ENCODER) != key(other, ENCODER)


def test_arrow_takes_the_column_of_ids(tmp_path):
    """A table with ids gives the rows of a corpus; one without has the numbers of the content."""
    folder = make_folder(tmp_path / "in", 4)
    encode(ENCODER, folder, tmp_path / "out")
    names = sorted(rows(tmp_path / "out"))
    paths = [str(folder / name) for name in names]
    wanted = expected(folder)
    for workers in (1, 2):
        table = arrow(ENCODER, workers=workers)(pa.table({"path": paths, "id": names}))
        for name, features in zip(names, table["features"].to_pylist(), strict=True):
            if name in wanted:
                assert wanted[name] == np.array(features, np.float32).tobytes()
    calls = [ENCODER(path).tobytes() for path in paths if "broken" not in path]
    for ids in ({}, {"id": pa.nulls(len(paths), pa.string())}):
        table = arrow(ENCODER)(pa.table({"path": paths, **ids}))
        found = [
            np.array(features, np.float32).tobytes()
            for features in table["features"].to_pylist()
            if features
        ]
        assert calls == found
    numbers = pa.table({"path": paths[:1], "id": [7]})
    with policies({INPUT_ID: "7"}):
        wanted = ENCODER(paths[0]).tobytes()
    features = arrow(ENCODER)(numbers)["features"].to_pylist()[0]
    assert wanted == np.array(features, np.float32).tobytes()


def test_every_task_of_a_corpus_gives_the_ids(tmp_path, monkeypatch):
    """No task reads the content for its hash: each of them has the ids of the rows."""

    def content_id(self, value):
        raise AssertionError("the id of the row is missing")

    monkeypatch.setattr(AudioEncoder, "content_id", content_id)
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    assert 3 == encode(ENCODER, folder, out).done
    assert 3 == check(ENCODER, folder).done
    assert {"equal"} == {result.state for result in verify(out)}
    item = next(item for item in open_source(folder).items() if item.id == "a/00.wav")
    shown = shown_of(item, ENCODER, drawn=True, seconds=1.0)
    assert ("", Corpus(out)["a/00.wav"].array.tobytes()) == (
        shown.problem,
        shown.stage.array.tobytes(),
    )
