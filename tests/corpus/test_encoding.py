"""encode: rows are exact, resumed, replaced and removed; no crash loses or doubles one."""

import os
import shutil

import numpy as np
import pytest
import soundfile

from netencoders import NetEncoder
from netencoders_corpus import CorpusError, SourceError, encode
from netencoders_corpus.layout import layout_of

parquet = pytest.importorskip("pyarrow.parquet")

ENCODER = NetEncoder("AudioMFCC", SampleRate=8000)


def write(path, seconds=0.3, seed=0):
    """Write noise as a WAV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, 0.1, int(8000 * seconds))
    soundfile.write(path, noise, 8000)


@pytest.fixture
def folder(tmp_path):
    """Return a folder of 20 recordings, of which one is broken."""
    for number in range(20):
        write(tmp_path / "in" / "ab"[number % 2] / f"{number:02d}.wav", 0.2 + number / 50, number)
    (tmp_path / "in" / "broken.wav").write_bytes(b"RIFF\x04\x00\x00\x00WAVE")
    return tmp_path / "in"


def rows(out):
    """Return the rows of all shards by id; an id that is given twice fails."""
    found = {}
    for path in sorted((out / "shards").iterdir()):
        assert ".parquet" == path.suffix
        for row in parquet.read_table(path).to_pylist():
            assert row["id"] not in found
            found[row["id"]] = row
    return found


def check(out, folder):
    """Check that a corpus has exactly the rows of a folder, with the bits of single calls."""
    found, layout = rows(out), layout_of(ENCODER)
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.wav")}
    assert paths.keys() == found.keys()
    for name, row in found.items():
        if name == "broken.wav":
            assert (None, None) == (row["frames"], row["features"])
            assert row["code"]
        else:
            array = layout.restored(np.array(row["features"], np.float32))
            np.testing.assert_array_equal(ENCODER(paths[name]), array)
            assert (len(array), None, 8000) == (row["frames"], row["code"], row["rate"])


def test_rows_are_those_of_single_calls(folder, tmp_path):
    """Each file is one row with the array of a call; a broken file has its code and message."""
    report = encode(ENCODER, folder, tmp_path / "out", workers=2)
    check(tmp_path / "out", folder)
    assert (20, 0, 1, 21) == (report.done, report.kept, sum(report.failed.values()), report.total)


def test_isolated_rows_are_equal(folder, tmp_path):
    """Worker processes give the same rows, also the length and the rate of a file that fails."""
    soundfile.write(folder / "nan.wav", np.full(8000, np.nan), 8000, subtype="FLOAT")
    encode(ENCODER, folder, tmp_path / "out")
    encode(ENCODER, folder, tmp_path / "isolated", isolate=True, workers=2)
    left, right = rows(tmp_path / "out"), rows(tmp_path / "isolated")
    for name, row in left.items():
        assert row == right[name]
    assert ("non-finite", 8000) == (left["nan.wav"]["code"], left["nan.wav"]["rate"])
    assert 0.2 == left["a/00.wav"]["duration"]


@pytest.mark.parametrize("content", ["stat", "hash"])
def test_only_changed_rows_change(folder, tmp_path, content):
    """One file is edited, one added, one removed, one renamed: exactly these rows change."""
    out = tmp_path / "out"
    encode(ENCODER, folder, out, content=content)
    before = rows(out)
    write(folder / "a" / "00.wav", 0.5, 99)
    write(folder / "new.wav", 0.5, 98)
    (folder / "b" / "01.wav").unlink()
    (folder / "a" / "02.wav").rename(folder / "a" / "renamed.wav")
    report = encode(ENCODER, folder, out, content=content)
    check(out, folder)
    assert (3, 18, 2) == (report.done, report.kept, report.removed)
    after = rows(out)
    changed = {name for name in after if before.get(name) != after[name]}
    assert {"a/00.wav", "new.wav", "a/renamed.wav"} == changed
    assert (0, 21) == ((last := encode(ENCODER, folder, out, content=content)).done, last.kept)


def test_failed_rows_are_retried_by_code(folder, tmp_path):
    """A failed row is kept, unless its code is one that is retried."""
    out = tmp_path / "out"
    (code,) = encode(ENCODER, folder, out).failed
    assert 21 == encode(ENCODER, folder, out).kept
    assert 21 == encode(ENCODER, folder, out, retry=["other"]).kept
    assert 20 == encode(ENCODER, folder, out, retry=[code]).kept
    assert 20 == encode(ENCODER, folder, out, retry=["all"]).kept
    check(out, folder)


def test_changed_encoder_is_refused(folder, tmp_path):
    """Another encoder is refused with both digests and the difference; update encodes all again."""
    out = tmp_path / "out"
    encode(ENCODER, folder, out)
    other = ENCODER.replace(NumberOfCoefficients=12)
    with pytest.raises(CorpusError) as caught:
        encode(other, folder, out)
    for text in (ENCODER.digest, other.digest, "NumberOfCoefficients", "--update"):
        assert text in str(caught.value)
    report = encode(other, folder, out, update=True)
    assert (20, 0) == (report.done, report.kept)
    assert {12} == {
        len(row["features"]) // row["frames"] for row in rows(out).values() if row["frames"]
    }


def test_source_without_inputs_is_refused(tmp_path):
    """An empty folder, and a path that does not exist, are errors with a remedy."""
    (tmp_path / "in").mkdir()
    with pytest.raises(SourceError, match="it has no inputs: check the path"):
        encode(ENCODER, tmp_path / "in", tmp_path / "out")
    with pytest.raises(SourceError, match="there is no such file or folder"):
        encode(ENCODER, tmp_path / "missing", tmp_path / "out")


def test_second_writer_is_refused(folder, tmp_path):
    """A second writer of a part is refused, with the process that holds it."""
    from netencoders_corpus.locks import Part, writer

    with writer(tmp_path / "out", Part()):
        with pytest.raises(CorpusError, match=f"process {os.getpid()} on .* writes the part"):
            encode(ENCODER, folder, tmp_path / "out")
        with pytest.raises(CorpusError, match="writes the part 00001-of-00001"):
            encode(ENCODER, folder, tmp_path / "out", part=Part(1, 2))


def test_another_number_of_parts_is_refused(folder, tmp_path):
    """The shards of a division name its number of parts; a run without parts takes them."""
    from netencoders_corpus.locks import Part

    out = tmp_path / "out"
    encode(ENCODER, folder, out, part=Part(1, 2))
    with pytest.raises(CorpusError, match=r"00001-of-00002-000000.* belongs to another .* 1/3"):
        encode(ENCODER, folder, out, part=Part(1, 3))
    encode(ENCODER, folder, out)
    check(out, folder)


def test_parts_are_written_side_by_side(folder, tmp_path):
    """The parts of a source have each row once, and a later run of one part takes all of them."""
    from netencoders_corpus.locks import Part

    out = tmp_path / "out"
    done = [encode(ENCODER, folder, out, part=Part(number, 3)).done for number in (2, 1, 3)]
    assert (20, 3) == (sum(done), len([count for count in done if count]))
    check(out, folder)
    assert 21 == encode(ENCODER, folder, out).kept
    shutil.rmtree(out / "partial")
    check(out, folder)
