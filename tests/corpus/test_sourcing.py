"""Sourcing: a small source is read once, a larger one twice, and the rows are the same."""

import hashlib
import os

import pytest

pytest.importorskip("pyarrow")
from corpora import ENCODER, check, make_folder, rows, write

from netencoders import EncodeError, NetEncoder
from netencoders_corpus import Corpus, Item, Source, encode, index, items, sourcing, work
from netencoders_corpus import check as check_source
from netencoders_corpus.locks import Part
from netencoders_corpus.sources.walk import is_audio_name


class Counted(Source):
    """Files of a folder, with a column; it counts its readings."""

    columns = None

    def __init__(self, folder, value="x"):
        self.name, self.folder, self.value, self.readings = str(folder), folder, value, 0

    def items(self):
        """Yield the files."""
        self.readings += 1
        for path in sorted(self.folder.rglob("*.wav")):
            name = path.relative_to(self.folder).as_posix()
            yield Item(name, name, str(path), columns={"value": self.value})


@pytest.fixture
def folder(tmp_path):
    """Return a folder of five recordings and a broken file."""
    return make_folder(tmp_path / "in", 5)


def held(source, tmp_path, part=None):
    """Return the items that are held of a source."""
    with index.Index(tmp_path / "index.sqlite") as base:
        return sourcing.read_source(source, part or Part(), base).held


def test_small_source_is_read_once(folder, tmp_path):
    """All rows come from the reading that checks the source."""
    source = Counted(folder)
    report = encode(ENCODER, source, tmp_path / "out")
    assert (1, 5, {"malformed": 1}) == (source.readings, report.done, report.failed)
    check(tmp_path / "out", folder)
    assert {"x"} == {row["value"] for row in rows(tmp_path / "out").values()}
    assert 6 == encode(ENCODER, source, tmp_path / "out").kept
    assert 2 == source.readings
    assert 5 == check_source(ENCODER, source).done
    assert 3 == source.readings


@pytest.mark.parametrize(("limit", "value"), [("HELD_ITEMS", 5), ("HELD_TEXT", 100)])
def test_larger_source_is_read_twice_and_not_held(folder, tmp_path, monkeypatch, limit, value):
    """Beyond the limits of items and of characters nothing is held, and the rows are the same."""
    encode(ENCODER, Counted(folder), tmp_path / "once")
    monkeypatch.setattr(sourcing, limit, value)
    source = Counted(folder)
    assert held(source, tmp_path) is None
    encode(ENCODER, source, tmp_path / "out")
    assert 3 == source.readings
    assert rows(tmp_path / "once") == rows(tmp_path / "out")
    source.readings = 0
    assert 5 == check_source(ENCODER, source).done
    assert 2 == source.readings


def test_values_of_unknown_size_are_not_held(folder, tmp_path):
    """A list in a column may be large, a long text is; numbers are small."""
    assert 6 == len(held(Counted(folder, 1.5), tmp_path))
    assert held(Counted(folder, [1]), tmp_path) is None
    assert held(Counted(folder, "x" * (1 << 24)), tmp_path) is None


def test_part_of_a_large_source_is_held(folder, tmp_path, monkeypatch):
    """The limit counts the items of the part."""
    monkeypatch.setattr(sourcing, "HELD_ITEMS", 5)
    parts = [held(Counted(folder), tmp_path / str(part.number), part) for part in two(tmp_path)]
    assert 6 == sum(map(len, parts))
    assert all(parts)


def two(tmp_path):
    """Return both parts of two, with folders for their indexes."""
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
    return Part(1, 2), Part(2, 2)


def test_file_that_changes_before_it_is_read_is_encoded_again(folder, tmp_path, monkeypatch):
    """Its key has the content before the reading, so that the next run sees the change."""
    before = work.input_of
    first = folder / "a" / "00.wav"
    changed = (folder / "a" / "04.wav").read_bytes()

    def change(item, encoder, *stored):
        if item.path == str(first) and first.read_bytes() != changed:
            first.write_bytes(changed)
            os.utime(first, ns=(1, 1))
        return before(item, encoder, *stored)

    monkeypatch.setattr(work, "input_of", change)
    assert 5 == encode(ENCODER, folder, tmp_path / "out").done
    report = encode(ENCODER, folder, tmp_path / "out")
    assert (1, 5) == (report.done, report.kept)
    check(tmp_path / "out", folder)


@pytest.mark.parametrize("code", ["not-found", "permission", "unreadable"])
def test_file_that_could_not_be_opened_is_tried_again(folder, tmp_path, monkeypatch, code):
    """It has its size and time, such as on a network file system; the next run finds it."""
    out, call = tmp_path / "out", NetEncoder._encode

    def failing(encoder, value):
        if str(value).endswith("01.wav"):
            raise EncodeError("no", code=code)
        return call(encoder, value)

    with monkeypatch.context() as patch:
        patch.setattr(NetEncoder, "_encode", failing)
        assert 1 == encode(ENCODER, folder, out).failed[code]
        names = [path.name for path in (out / "shards").iterdir()]
        again = encode(ENCODER, folder, out)
        assert (1, 0, 6) == (again.failed[code], again.done, again.kept)
        assert names == [path.name for path in (out / "shards").iterdir()]
    assert 1 == encode(ENCODER, folder, out).done
    check(out, folder)


def test_columns_of_a_file_that_cannot_be_opened_are_kept_up_to_date(tmp_path, monkeypatch):
    """Its row is kept by a worker, and gets the other columns."""
    write(tmp_path / "a.wav")
    manifest, out = tmp_path / "list.csv", tmp_path / "out"

    def failing(encoder, value):
        raise EncodeError("no", code="permission")

    monkeypatch.setattr(NetEncoder, "_encode", failing)
    for text in ("one", "two"):
        manifest.write_text(f"path,text\na.wav,{text}\n")
        encode(ENCODER, manifest, out)
        assert text == Corpus(out)["a.wav"].columns["text"]


def test_audio_names_have_a_suffix_as_of_the_standard_library():
    """A name of dots and a suffix alone, and a suffix of a folder, are none."""
    audio = ["a.wav", "a.WAV", "a.b.wav", "x/a.wav", "a..wav", ".a.wav", "a\\.wav", "a/..b.wav"]
    others = ["wav", ".wav", "..wav", "x/.wav", "x/..wav", "a.wav/b", "a.wav.", "a.txt", "", "."]
    assert audio == [name for name in [*audio, *others] if is_audio_name(name)]
    for name in [*audio, *others]:
        assert is_audio_name(name) == (os.path.splitext(name)[1].lower() == ".wav")


def test_run_with_nothing_to_do_starts_no_thread(folder, tmp_path, monkeypatch):
    """The workers are made for the first job; their number is checked in any case."""
    encode(ENCODER, folder, tmp_path / "out")

    def refuse(*arguments, **options):
        raise AssertionError("there is no job")

    monkeypatch.setattr(work, "ordered_map", refuse)
    assert 6 == encode(ENCODER, folder, tmp_path / "out").kept
    with pytest.raises(ValueError, match="workers must be an integer >= 1"):
        encode(ENCODER, folder, tmp_path / "out", workers=0)


@pytest.mark.parametrize("part", [{}, {"start": 0.5, "stop": 1.25}, {"channel": 1}])
def test_key_is_the_hash_of_all_that_makes_an_array(part):
    """The keys of corpora that exist stay the same."""
    item = Item("a", "a", "/a", **part)
    whole = ("d'1", "float32", "3:4", item.start, item.stop, item.channel)
    expected = hashlib.sha256(repr(whole).encode()).hexdigest()
    assert expected == items.RowKeys("d'1", "float32").of(item, "3:4")
