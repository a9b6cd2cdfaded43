"""Errors of the file system and of shards: named with the path and the remedy; nothing is lost."""

import errno
import os
import shutil
import sqlite3

import pytest
from corpora import ENCODER, check, make_folder, rows, run, write

from netencoders_corpus import Corpus, CorpusError, DamagedShardError, encode, files
from netencoders_corpus import check as check_inputs
from netencoders_corpus.files import Files

parquet = pytest.importorskip("pyarrow.parquet")

LIMITED = """
import resource, sys
from netencoders import NetEncoder
from netencoders_corpus import CorpusError, encode
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
try:
    encode(NetEncoder("AudioMFCC", SampleRate=8000), sys.argv[1], sys.argv[2], format=sys.argv[3])
except CorpusError as problem:
    print(problem)
"""


@pytest.mark.parametrize("form", ["parquet", "npy"])
@pytest.mark.parametrize("limit", [1000, 20_000])
def test_limit_of_file_sizes_is_an_error_and_the_next_run_goes_on(tmp_path, form, limit):
    """A file that may not grow is a CorpusError; nothing half-written is left."""
    folder, out = make_folder(tmp_path / "in"), tmp_path / "out"
    done = run(LIMITED, folder, out, form, limit)
    assert "cannot be written" in done.stdout, done.stderr
    assert "and run the command again" in done.stdout
    assert [] == [*(out / "shards").glob("*")]
    assert [] == [*(out / "partial").glob("*/*.tmp")]
    encode(ENCODER, folder, out, format=form)
    check(out, folder)


def fail_at(monkeypatch, name, count, code, path):
    """Let the `count`-th call of a function of `os` about a path fail; return the calls."""
    original, calls = getattr(os, name), []

    def failing(*arguments, **options):
        calls.append(arguments)
        if len(calls) == count:
            raise OSError(code, os.strerror(code), str(path))
        return original(*arguments, **options)

    monkeypatch.setattr(files.os, name, failing)
    return calls


@pytest.mark.parametrize("name", ["fsync", "replace", "unlink"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_failure_of_any_step_is_an_error_and_the_next_run_goes_on(tmp_path, name, code):
    """Each call of fsync, replace and unlink fails once: the next run has all rows."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out)
    count = 0
    while True:
        count += 1
        write(folder / "a" / "00.wav", 0.5, count)
        with pytest.MonkeyPatch.context() as patch:
            calls = fail_at(patch, name, count, code, out)
            text = None
            try:
                encode(ENCODER, folder, out)
            except CorpusError as problem:
                text = str(problem)
        for part in (os.strerror(code), str(out), "run the command again"):
            assert text is None or part in text
        encode(ENCODER, folder, out)
        check(out, folder)
        if len(calls) < count:
            break
    assert count > (3 if name != "unlink" else 1)


def test_folder_that_cannot_be_created_is_an_error(tmp_path):
    """A file in the place of the folder is a CorpusError."""
    folder = make_folder(tmp_path / "in", 1)
    (tmp_path / "out").write_text("")
    with pytest.raises(CorpusError, match=r"out.*cannot be"):
        encode(ENCODER, folder, tmp_path / "out")


def test_vanished_folder_is_an_error(tmp_path):
    """A folder that is removed during the run is a CorpusError with the remedy."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"

    def remove(report):
        shutil.rmtree(out, ignore_errors=True)

    with pytest.raises(CorpusError, match=r"The folder was removed or renamed: restore it"):
        encode(ENCODER, folder, out, progress=remove, workers=1)


@pytest.mark.parametrize("damage", ["footer", "page", "empty"])
def test_damaged_shard_is_named_and_repaired(tmp_path, damage):
    """A shard that was cut or changed is named with the remedy, which encodes its rows again."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out)
    [path] = (out / "shards").iterdir()
    content = bytearray(path.read_bytes())
    if damage == "footer":
        del content[-100:]
    elif damage == "empty":
        content.clear()
    else:
        start = parquet.ParquetFile(path).metadata.row_group(0).column(0).data_page_offset
        content[start + 60] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedShardError, match=f"{path.name}: the shard is damaged: .*--repair"):
        encode(ENCODER, folder, out)
    with pytest.raises(CorpusError, match=f"{path.name}: the shard is damaged"):
        _ = Corpus(out).ids
    assert 4 == encode(ENCODER, folder, out, repair=True).done
    check(out, folder)


def test_all_damaged_shards_are_listed(tmp_path):
    """Two damaged shards are one error."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out)
    write(folder / "new.wav")
    encode(ENCODER, folder, out)
    for path in (out / "shards").iterdir():
        path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CorpusError, match=r"(?s)2 shards cannot be read:.*00.parquet.*01.parquet"):
        encode(ENCODER, folder, out)
    assert 5 == encode(ENCODER, folder, out, repair=True).done


def test_foreign_files_among_shards_are_refused(tmp_path):
    """A Parquet file of another kind, another file and a copied shard are named."""
    folder, out = make_folder(tmp_path / "in", 2), tmp_path / "out"
    encode(ENCODER, folder, out)
    [path] = (out / "shards").iterdir()
    other = out / "shards" / "notes.txt"
    other.write_text("")
    for action in (lambda: encode(ENCODER, folder, out), lambda: Corpus(out)):
        with pytest.raises(CorpusError, match=r"notes.txt: it is no shard.* Move it to another"):
            action()
    other.unlink()
    table = out / "shards" / "table.parquet"
    import pyarrow as pa

    parquet.write_table(pa.table({"a": [1]}), table)
    for repair in (False, True):
        with pytest.raises(CorpusError, match=r"table.parquet: it is a Parquet file, but no shard"):
            encode(ENCODER, folder, out, repair=repair)
    table.unlink()
    shutil.copy(path, out / "shards" / "copy.parquet")
    with pytest.raises(
        CorpusError, match=r"a shard was copied into the folder. Remove one of them"
    ):
        encode(ENCODER, folder, out)
    with pytest.raises(CorpusError, match=r"is in two shards: a shard was copied"):
        Corpus(out)["broken.wav"]
    (out / "shards" / "copy.parquet").unlink()
    check(out, folder)


@pytest.mark.parametrize("damage", ["removed", "no database", "page", "other version"])
def test_index_is_made_again(tmp_path, damage):
    """An index that was removed or damaged is made again from the shards; no row is encoded."""
    folder, out = make_folder(tmp_path / "in", 4), tmp_path / "out"
    encode(ENCODER, folder, out)
    path = out / "index-00001-of-00001.sqlite"
    if damage == "removed":
        path.unlink()
    elif damage == "no database":
        path.write_bytes(b"no database" * 1000)
    elif damage == "page":
        content = bytearray(path.read_bytes())
        content[4096:] = bytes(len(content) - 4096)
        path.write_bytes(content)
    else:
        with sqlite3.connect(path) as base:
            base.execute("PRAGMA user_version = 99")
    report = encode(ENCODER, folder, out)
    assert (0, 5) == (report.done, report.kept)
    check(out, folder)


@pytest.mark.parametrize("text", ["{", "{}", "[]", "\xff", '{"written": 1, "removed": []}'])
def test_record_that_cannot_be_read_is_an_error(tmp_path, text):
    """A record of a change that is no JSON, or another one, is named with the remedy."""
    folder, out = make_folder(tmp_path / "in", 1), tmp_path / "out"
    encode(ENCODER, folder, out)
    (out / "partial" / "00001-of-00001" / "commit.json").write_text(text, "latin-1")
    with pytest.raises(CorpusError, match=r"record of a change cannot be read. Remove this file"):
        encode(ENCODER, folder, out)


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs Linux")
@pytest.mark.parametrize("form", ["parquet", "npy"])
def test_files_are_synced_before_the_record_and_folders_after(tmp_path, monkeypatch, form):
    """A power failure finds the record only with whole files, and removes it last."""
    out, steps = tmp_path / "out", []
    fsync, replace, unlink = os.fsync, os.replace, os.unlink

    def seen(name, path):
        steps.append((name, os.path.relpath(path, out)))

    def synced(number):
        seen("sync", os.readlink(f"/proc/self/fd/{number}"))
        fsync(number)

    def replaced(old, new):
        seen("rename", new)
        replace(old, new)

    def unlinked(path, **options):
        seen("remove", path)
        unlink(path, **options)

    folder = make_folder(tmp_path / "in", 2)
    for name, function in (("fsync", synced), ("replace", replaced), ("unlink", unlinked)):
        monkeypatch.setattr(os, name, function)
    encode(ENCODER, folder, out, format=form)
    stem, part = "00001-of-00001-000000", "partial/00001-of-00001"
    names = [f"shards/{stem}.parquet"]
    if form == "npy":
        names = [f"values/{stem}.values.npy", f"values/{stem}.offsets.npy", *names]
    expected = [("sync", f"{part}/{os.path.basename(name)}.tmp") for name in names]
    expected += [("sync", part), ("sync", f"{part}/commit.json.tmp")]
    expected += [("rename", f"{part}/commit.json"), ("sync", part)]
    expected += [("rename", name) for name in names]
    expected += [("sync", "shards"), *([("sync", "values")] if form == "npy" else [])]
    expected += [("remove", f"{part}/commit.json"), ("sync", part)]
    first = steps.index(expected[0])
    assert expected == steps[first : first + len(expected)]


def test_names_of_shards_are_not_used_again(tmp_path):
    """A name is new, also after a name was given and not used."""
    made = Files(tmp_path, "00001-of-00001")
    made.make("parquet")
    (made.shards / "00001-of-00001-000007.parquet").touch()
    names = [made.new_name(), made.new_name()]
    assert [f"00001-of-00001-{number:06d}.parquet" for number in (8, 9)] == names


def test_parts_at_once_count_all_rows(tmp_path):
    """Several processes write the parts of a corpus at the same time; the counts are exact."""
    import subprocess
    import sys

    folder, out = make_folder(tmp_path / "in", 30), tmp_path / "out"
    code = (
        "import sys; from netencoders import NetEncoder; from netencoders_corpus import Part, "
        "encode; encode(NetEncoder('AudioMFCC', SampleRate=8000), sys.argv[1], sys.argv[2], "
        "part=Part(int(sys.argv[3]), 3))"
    )
    lines = [[sys.executable, "-c", code, folder, out, str(part)] for part in (1, 2, 3)]
    processes = [subprocess.Popen(line) for line in lines]
    assert [0, 0, 0] == [process.wait() for process in processes]
    check(out, folder)


def test_same_size_and_time_is_seen_by_the_hash_only(tmp_path):
    """An edit that keeps size and time is seen with content="hash", and not with "stat"."""
    folder = make_folder(tmp_path / "in", 2)
    path = folder / "a" / "00.wav"
    for content, done in (("stat", 0), ("hash", 1)):
        out = tmp_path / content
        write(path, 0.3, 1)
        times = os.stat(path)
        encode(ENCODER, folder, out, content=content)
        write(path, 0.3, 2)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert done == encode(ENCODER, folder, out, content=content).done
    before = rows(out)
    os.utime(path, (1, 1))  # a clock that was set back
    assert 0 == encode(ENCODER, folder, out, content="hash").done
    assert before == rows(out)
    assert 1 == encode(ENCODER, folder, tmp_path / "stat").done


def test_raised_revision_is_refused_and_updated(tmp_path, monkeypatch):
    """A raised revision of the encoder is refused with both digests; an update encodes all."""
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    encode(ENCODER, folder, out)
    import netencoders
    from netencoders_audio.encoders.mfcc import AudioMFCC

    monkeypatch.setattr(AudioMFCC, "revision", AudioMFCC.revision + 1)
    raised = netencoders.NetEncoder("AudioMFCC", SampleRate=8000)
    assert raised.digest != ENCODER.digest
    with pytest.raises(CorpusError, match=r"(?s)another revision.*--update") as caught:
        encode(raised, folder, out)
    assert raised.digest in str(caught.value)
    assert 3 == encode(raised, folder, out, update=True).done
    assert raised.digest == Corpus(out).description.digest
    monkeypatch.undo()
    with pytest.raises(
        CorpusError, match=r"were made by the revision of AudioMFCC with the digest"
    ):
        _ = Corpus(out).encoder


def test_arguments_of_other_types_are_errors(tmp_path):
    """The argument, and such a value as is expected, are named; nothing is written."""
    folder = make_folder(tmp_path / "in", 1)
    out = tmp_path / "out"
    with pytest.raises(TypeError, match=r"encoder must be a NetEncoder, .* Got 'AudioMFCC'"):
        encode("AudioMFCC", folder, out)
    for wrong in ((1, 2), "1/2"):
        with pytest.raises(TypeError, match=r"part must be a Part, such as Part\(3, 16\). Got"):
            encode(ENCODER, folder, out, part=wrong)
        with pytest.raises(TypeError, match=r"part must be a Part, such as Part\(3, 16\). Got"):
            check_inputs(ENCODER, folder, part=wrong)
    for wrong in ([str(folder)], bytes(folder)):
        with pytest.raises(TypeError, match=r"Write a list of paths to a file, one a line. Got"):
            encode(ENCODER, wrong, out)
    with pytest.raises(ValueError, match=r"workers must be an integer >= 1. Got 0"):
        encode(ENCODER, folder, out, workers=0)
    assert not out.exists()
    encode(ENCODER, folder, out)
    for wrong in (0, None):
        with pytest.raises(TypeError, match=r"a row is found by its id, a text. Got"):
            Corpus(out)[wrong]


def test_wrong_arguments_are_errors(tmp_path):
    """A mode of content and a format that do not exist are named."""
    folder = make_folder(tmp_path / "in", 1)
    with pytest.raises(CorpusError, match=r"content must be 'stat' or 'hash'. Got 'x'"):
        encode(ENCODER, folder, tmp_path / "out", content="x")
    with pytest.raises(CorpusError, match=r"format must be 'parquet' or 'npy'. Got 'x'"):
        encode(ENCODER, folder, tmp_path / "out", format="x")
    encode(ENCODER, folder, tmp_path / "out")
    with pytest.raises(CorpusError, match=r"made with format='parquet', and format='npy' is asked"):
        encode(ENCODER, folder, tmp_path / "out", format="npy", update=True)
    with pytest.raises(CorpusError, match=r"made with content='stat', and content='hash' is asked"):
        encode(ENCODER, folder, tmp_path / "out", content="hash")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(CorpusError, match=r"the folder holds other files, such as file"):
        encode(ENCODER, folder, tmp_path / "other")
