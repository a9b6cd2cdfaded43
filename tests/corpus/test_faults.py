"""Faults: the system refuses one operation after the other; nothing half-written is left.

`/dev/full` takes no byte: a file that is a link to it fails at its first write, also in a compiled
library, as on a full disk.
"""

import builtins
import errno
import io
import os
import sqlite3

import pytest
from corpora import ENCODER, check, make_folder, write

from netencoders_corpus import CorpusError, encode, files, index, locks, values, work
from netencoders_corpus.files import Files

pytest.importorskip("pyarrow")

FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
AGAIN = "and run the command again: it goes on from the rows that are complete."


def left(out):
    """Return temporary files, and files among the shards that are none."""
    found = [*(out / "partial").glob("*/*")] if not [*out.glob("partial/*/commit.json")] else []
    return found + [path for path in (out / "shards").glob("*") if path.suffix != ".parquet"]


def fill(patch, name):
    """Let the disk be full for temporary files with a part of a name; return their number."""
    temporary, filled = Files.temporary, []

    def full(self, given):
        path = temporary(self, given)
        if name in given and not os.path.lexists(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to("/dev/full")
            filled.append(path)
        return path

    def opened(path, mode="r", **options):
        return builtins.open(path, mode.replace("x", "w"), **options)

    patch.setattr(Files, "temporary", full)
    for module in (files, values, work):
        patch.setattr(module, "open", opened, raising=False)
    return filled


@FULL
@pytest.mark.parametrize("change", [False, True], ids=["new", "change"])
@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("parquet", ".parquet"),
        ("npy", ".parquet"),
        ("npy", ".values.npy"),
        ("npy", ".offsets.npy"),
        ("parquet", "long-"),
        ("parquet", "commit.json"),
        ("parquet", "corpus.json"),
    ],
)
def test_full_disk_at_a_write_is_an_error_and_the_next_run_goes_on(
    tmp_path, monkeypatch, form, name, change
):
    """Each kind of file fails when it is written: it is named, and the next run has all rows."""
    monkeypatch.setattr(work, "LONG_FILE", 1000)
    monkeypatch.setattr(work, "HELD", 10_000)
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    if change:
        encode(ENCODER, folder, out, format=form)
        (folder / "a" / "02.wav").unlink()
    write(folder / "new.wav", 30, 7)
    for _ in range(2):
        with pytest.MonkeyPatch.context() as patch:
            filled = fill(patch, name)
            with pytest.raises(CorpusError, match=r"No space left on device. Free space") as caught:
                encode(ENCODER, folder, out, format=form, workers=1)
        assert filled
        assert name in str(caught.value)
        assert AGAIN in str(caught.value)
        assert [] == left(out)
    encode(ENCODER, folder, out, format=form)
    check(out, folder)


def test_full_disk_of_the_index_is_an_error_and_the_next_run_goes_on(tmp_path, monkeypatch):
    """SQLite finds no space for one page after the other; the next run has all rows."""
    monkeypatch.setattr(index, "AT_ONCE", 3)
    folder, out = make_folder(tmp_path / "in", 40), tmp_path / "out"
    connect, pages, messages = sqlite3.connect, 1, set()
    for schema in ("main", "temp"):
        while True:
            with pytest.MonkeyPatch.context() as patch:

                def limited(*arguments, schema=schema, pages=pages, **options):
                    base = connect(*arguments, **options)
                    if schema == "temp":
                        base.execute("PRAGMA temp_store = FILE")
                        base.execute("CREATE TEMP TABLE first (x)")
                    base.execute(f"PRAGMA {schema}.max_page_count = {pages}")
                    return base

                patch.setattr(index.sqlite3, "connect", limited)
                try:
                    encode(ENCODER, folder, out)
                    break
                except CorpusError as problem:
                    messages.add(str(problem))
            assert [] == left(out)
            pages += 1
        assert pages > 2
        encode(ENCODER, folder, out)
        check(out, folder)
        (out / "index-00001-of-00001.sqlite").unlink()
        pages = 1
    (message,) = messages
    assert (
        "index-00001-of-00001.sqlite: the index cannot be written: database or disk is full. F"
        in (message)
    )


def test_damaged_index_of_a_run_is_removed(tmp_path, monkeypatch):
    """Damage that is found late is an error; the next run makes a new index."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    find = index.Index.gone

    def damaged(self):
        self._base.close()
        return find(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.Index, "gone", damaged)
        message = (
            r"sqlite: the index was damaged: .*\. It is removed\. Run the command again: it ma"
        )
        with pytest.raises(CorpusError, match=message):
            encode(ENCODER, folder, out)
    assert not (out / "index-00001-of-00001.sqlite").exists()
    encode(ENCODER, folder, out)
    check(out, folder)


class FullFile(io.FileIO):
    """A file on a full disk; a lock of /dev/full would be that of all processes."""

    def write(self, data):
        """Fail."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_lock_on_a_full_disk_is_held(tmp_path, monkeypatch):
    """The text about the writer is lost, and the lock is not."""
    folder, out = make_folder(tmp_path / "in", 1), tmp_path / "out"
    encode(ENCODER, folder, out)
    lock = out / "locks" / "00001-of-00001.lock"

    def opened(path, mode, **options):
        return FullFile(path, "a+") if path == lock else builtins.open(path, mode, **options)

    monkeypatch.setattr(locks, "open", opened, raising=False)
    assert 2 == encode(ENCODER, folder, out).kept
    with locks.writer(out, locks.Part()):
        message = r"another process writes the part 00001-of-00001 of this corpus"
        with pytest.raises(CorpusError, match=message):
            encode(ENCODER, folder, out)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("place", ["", "locks", "shards", "values", "partial"])
@pytest.mark.parametrize("name", ["mkdir", "listdir"])
def test_folder_that_the_system_refuses_is_an_error(tmp_path, place, name, code):
    """Each folder cannot be made or listed: it is named, and the next run has all rows."""
    folder, out = make_folder(tmp_path / "in", 2), tmp_path / "out"
    if name == "listdir":
        encode(ENCODER, folder, out, format="npy")
    original, refused = getattr(os, name), []

    def failing(path, *arguments, **options):
        if os.path.relpath(path, out).partition(os.sep)[0] == (place or "."):
            refused.append(path)
            raise OSError(code, os.strerror(code), str(path))
        return original(path, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, name, failing)
        if name == "listdir" and place in ("", "values"):  # never listed in a corpus
            assert 3 == encode(ENCODER, folder, out, format="npy").kept
            return
        with pytest.raises(CorpusError, match=os.strerror(code)) as caught:
            encode(ENCODER, folder, out, format="npy")
    assert refused
    assert str(out / place) in str(caught.value)
    assert AGAIN in str(caught.value)
    encode(ENCODER, folder, out, format="npy")
    check(out, folder)
