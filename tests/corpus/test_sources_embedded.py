"""Parquet files whose rows hold the bytes of recordings."""

import io
import os

import numpy as np
import pytest
import soundfile
from corpora import ENCODER, rows

from netencoders import EncodeError, NetEncoder
from netencoders_corpus import (
    Corpus,
    Problem,
    SourceError,
    check,
    embedded,
    encode,
    open_source,
    verify,
)
from netencoders_corpus.items import input_of

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def wav(number):
    """Return the bytes of a WAV file of noise."""
    file = io.BytesIO()
    noise = np.random.default_rng(number).normal(0, 0.1, (2000 + 100 * number, 1 + number % 2))
    soundfile.write(file, noise, 8000, format="WAV")
    return file.getvalue()


def table(numbers, **columns):
    """Return a table as Hugging Face datasets makes it."""
    values = [{"bytes": wav(number), "path": f"{number}.wav"} for number in numbers]
    return pa.table({"audio": pa.array(values, AUDIO), **columns})


def write(path, made, group=3, **options):
    """Write a Parquet file with small row groups."""
    parquet.write_table(made, path, row_group_size=group, **options)
    return path


def problems(path, **options):
    """Return the problems of a source, with their places."""
    items = open_source(path, **options).items()
    return [f"{item.place}: {item.text}" for item in items if isinstance(item, Problem)]


def same(corpus, numbers, encoder=ENCODER):
    """Check that the rows of a corpus are those of recordings, by their ids."""
    found = {row.id: row.array for row in corpus}
    assert {f"{number}.wav" for number in numbers} == found.keys()
    for number in numbers:
        np.testing.assert_array_equal(encoder(wav(number)), found[f"{number}.wav"])


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("content", ["stat", "hash"])
def test_bytes_in_rows_are_encoded(tmp_path, content, isolate):
    """The rows have the bits of single calls, and the other columns; a second run keeps all."""
    path = write(tmp_path / "train.parquet", table(range(10), text=[str(n) for n in range(10)]))
    for state in ((10, 0), (0, 10)):
        report = encode(ENCODER, path, tmp_path / "out", content=content, isolate=isolate)
        assert state == (report.done, report.kept)
    same(Corpus(tmp_path / "out"), range(10))
    row = rows(tmp_path / "out")["7.wav"]
    assert ("7", "train.parquet/7.wav") == (row["text"], row["source"])
    assert {"equal"} == {each.state for each in verify(tmp_path / "out")}
    assert 10 == check(NetEncoder("Audio"), path).done


def test_bytes_of_unchanged_files_are_not_read_again(tmp_path, monkeypatch):
    """A resume by size and time lists the rows, and reads no bytes; a partial one reads few."""
    path = write(tmp_path / "train.parquet", table(range(9)))
    read = []
    original = embedded.EmbeddedReader.read

    def count(self, path, place, source):
        read.append(place.row)
        return original(self, path, place, source)

    monkeypatch.setattr(embedded.EmbeddedReader, "read", count)
    encode(ENCODER, path, tmp_path / "out")
    assert [*range(9)] == read
    read.clear()
    assert 9 == encode(ENCODER, path, tmp_path / "out").kept
    assert [] == read


def test_rows_of_a_changed_file(tmp_path):
    """By size and time, all rows of a file change with it; by the hash, exactly those that did."""
    path = tmp_path / "train.parquet"
    for content, expected in (("stat", (6, 0)), ("hash", (2, 4))):
        write(path, table([0, 1, 2, 3, 4, 5]))
        encode(ENCODER, path, tmp_path / content, content=content)
        made = table([0, 1, 9, 3, 4, 6]).to_pylist()
        made[2]["audio"]["path"] = "2.wav"
        write(path, pa.table({"audio": pa.array([row["audio"] for row in made], AUDIO)}))
        report = encode(ENCODER, path, tmp_path / content, content=content)
        assert (*expected, 1) == (report.done, report.kept, report.removed)
        corpus = Corpus(tmp_path / content)
        np.testing.assert_array_equal(ENCODER(wav(9)), corpus["2.wav"].array)
        assert ["0.wav", "1.wav", "2.wav", "3.wav", "4.wav", "6.wav"] == sorted(corpus.ids)


def test_another_column_of_bytes_is_another_content(tmp_path):
    """The same row of two columns has two keys."""
    made = {name: [wav(place + n) for n in range(2)] for place, name in enumerate(("x", "y"))}
    path = write(tmp_path / "m", pa.table({"id": ["a", "b"], **made}).drop_columns([]))
    for column, number in (("x", 0), ("y", 1)):
        source = open_source(path, column=column)
        other = "y" if column == "x" else "x"
        assert {other: pa.binary()} == source.columns
        assert 2 == encode(ENCODER, source, tmp_path / "out").done
        array = Corpus(tmp_path / "out")["a"].array
        np.testing.assert_array_equal(ENCODER(wav(number)), array)


@pytest.mark.parametrize("statistics", [True, False])
def test_rows_without_bytes_are_read_from_their_files(tmp_path, statistics):
    """Bytes that are null mean the file at the path, in any row group."""
    values = [{"bytes": wav(number), "path": f"{number}.wav"} for number in range(9)]
    for number in (1, 3, 4, 5):
        (tmp_path / f"{number}.wav").write_bytes(wav(number))
        values[number]["bytes"] = None
    made = pa.table({"audio": pa.array(values, AUDIO)})
    path = write(tmp_path / "m.parquet", made, write_statistics=statistics)
    items = [*open_source(path).items()]
    assert [number not in (1, 3, 4, 5) for number in range(9)] == [
        item.embedded is not None for item in items
    ]
    assert ["m.parquet/0.wav", "1.wav"] == [item.source for item in items[:2]]
    encode(ENCODER, path, tmp_path / "out")
    same(Corpus(tmp_path / "out"), range(9))


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.dictionary("int8", "binary")])
def test_column_of_bytes(tmp_path, kind):
    """A column of bytes has its ids in another column; segments and channels are parts of it."""
    made = pa.table(
        {
            "id": ["a", "b", "c"],
            "audio": pa.array([wav(1), wav(1), wav(2)], pa.binary()).cast(kind),
            "start": [None, 0.1, None],
            "channel": [1, None, None],
        }
    )
    path = write(tmp_path / "m.parquet", made)
    items = [*open_source(path).items()]
    assert [("a", 1), ("b", None), ("c", None)] == [(item.id, item.channel) for item in items]
    assert "m.parquet/row 3" == items[2].source
    expected = [{"bytes": wav(1), "channel": 1}, {"bytes": wav(1), "start": 0.1}, wav(2)]
    assert expected == [input_of(item, ENCODER) for item in items]
    encode(ENCODER, path, tmp_path / "out")
    corpus = Corpus(tmp_path / "out")
    for identity, value in zip("abc", expected, strict=True):
        np.testing.assert_array_equal(ENCODER(value), corpus[identity].array)


def test_ids_of_bytes_are_told(tmp_path):
    """Ids that are missing or given twice, and names that are no texts, are listed."""
    values = [
        {"bytes": wav(0), "path": None},
        {"bytes": wav(0), "path": "a\tb"},
        {"bytes": None, "path": None},
        None,
        {"bytes": wav(0), "path": "x.wav"},
        {"bytes": wav(0), "path": "x.wav"},
    ]
    path = write(tmp_path / "m", pa.table({"audio": pa.array(values, AUDIO)}), group=2)
    expected = [
        "row 1: 'audio' holds bytes without a path: add the column 'id'.",
        "row 2: the path beside the bytes is 'a\\tb': write a printable text.",
        "row 3: 'audio' is missing: name a file.",
        "row 4: 'audio' is missing: name a file.",
    ]
    assert expected == problems(path)
    with pytest.raises(SourceError, match=r"row 6: the id 'x.wav' is given twice: make ids uni"):
        encode(ENCODER, path, tmp_path / "out")
    write(path, pa.table({"audio": [b"x"]}))
    message = r"the column 'audio' holds bytes without paths: add the column 'id'\."
    with pytest.raises(SourceError, match=message):
        open_source(path)
    write(path, pa.table({"audio": [b"x"], "id": [b"y"]}))
    with pytest.raises(SourceError, match=r"the column 'id' holds bytes without paths"):
        open_source(path, column="id")


def test_bytes_of_several_files(tmp_path):
    """A pattern means all of its files; ids are those of the rows, and sources name the file."""
    for part in range(2):
        numbers = range(3 * part, 3 * part + 3)
        write(tmp_path / f"train-{part}.parquet", table(numbers))
    for pattern in ("train-*.parquet", "train-{0..1}.parquet"):
        encode(ENCODER, tmp_path / pattern, tmp_path / "out")
        same(Corpus(tmp_path / "out"), range(6))
    assert "train-1.parquet/4.wav" == rows(tmp_path / "out")["4.wav"]["source"]
    write(tmp_path / "train-1.parquet", table(range(3)))
    with pytest.raises(SourceError, match=r"the id '0.wav' is given twice"):
        encode(ENCODER, tmp_path / "train-*.parquet", tmp_path / "out")
    with pytest.raises(SourceError, match=r"no file has such a name: check the pattern\."):
        open_source(tmp_path / "valid-*.parquet")
    with pytest.raises(SourceError, match=r"train-2.parquet: there is no such file: check the na"):
        open_source(tmp_path / "train-{1..2}.parquet")


def test_broken_bytes_are_a_failed_row(tmp_path):
    """Bytes that are no recording fail alone, with the name of the row."""
    values = [{"bytes": data, "path": f"{n}.wav"} for n, data in enumerate((wav(0), b"", b"x"))]
    path = write(tmp_path / "m.parquet", pa.table({"audio": pa.array(values, AUDIO)}))
    assert 2 == sum(encode(ENCODER, path, tmp_path / "out").failed.values())
    assert ["m.parquet/1.wav", "m.parquet/2.wav"] == [
        row.columns["message"].partition(":")[0] for row in Corpus(tmp_path / "out").failures
    ]


def test_damaged_row_group_is_failed_rows(tmp_path):
    """A page that cannot be read fails the rows of its group; a new file is read again."""
    made = table(range(9))
    path = write(tmp_path / "m.parquet", made, compression="gzip", use_dictionary=False)
    content = bytearray(path.read_bytes())
    place = parquet.read_metadata(path).row_group(1).column(0)
    assert "audio.bytes" == place.path_in_schema
    for offset in range(place.data_page_offset + 100, place.data_page_offset + 200):
        content[offset] ^= 0xFF
    path.write_bytes(content)
    assert {"unreadable": 3} == encode(ENCODER, path, tmp_path / "out").failed
    (first, *_) = Corpus(tmp_path / "out").failures
    assert "the row group of these bytes cannot be read: " in first.columns["message"]
    assert "write the Parquet file again" in first.columns["message"]
    items = [*open_source(path).items()]
    with pytest.raises(EncodeError, match=r"m.parquet/4.wav: the row group of these bytes"):
        input_of(items[4], ENCODER)
    write(path, made)
    assert {} == encode(ENCODER, path, tmp_path / "out").failed
    same(Corpus(tmp_path / "out"), range(9))


@pytest.mark.parametrize("change", ["replace", "remove", "damage"])
def test_file_that_changes_during_the_run_is_an_error(tmp_path, change):
    """A row of another file is never taken for a listed one; the next run goes on."""
    path, other = tmp_path / "m.parquet", tmp_path / "other"
    write(path, table(range(6)))
    write(other, table(reversed(range(6))))

    class Changing(embedded.EmbeddedReader):
        def read(self, *arguments):
            if arguments[1].row == 0:
                if change == "remove":
                    path.unlink()
                elif change == "damage":
                    path.write_bytes(b"PAR1")
                else:
                    os.replace(other, path)
            return super().read(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("netencoders_corpus.encoding.EmbeddedReader", Changing)
        with pytest.raises(SourceError, match=r"it was changed while its rows were read: run the"):
            encode(ENCODER, path, tmp_path / "out")
    write(path, table(reversed(range(6))))
    encode(ENCODER, path, tmp_path / "out")
    same(Corpus(tmp_path / "out"), range(6))


def test_file_that_is_replaced_while_it_is_opened_is_an_error(tmp_path, monkeypatch):
    """The time is compared after the opening, too."""
    path, other = write(tmp_path / "m", table([0])), write(tmp_path / "other", table([1]))
    (item,) = open_source(path).items()
    original = embedded.file_stamp
    monkeypatch.setattr(
        embedded, "file_stamp", lambda name: (original(name), other.rename(path))[0]
    )
    with pytest.raises(SourceError, match=r"it was changed while its rows were read"):
        input_of(item, ENCODER)


def test_bytes_are_read_in_any_order(tmp_path):
    """A reader finds rows of later groups, of earlier ones, and of the same one."""
    path = write(tmp_path / "m", table(range(30)), group=12)
    items = [*open_source(path).items()]
    order = [0, 1, 29, 13, 12, 11, 23, 0, 24, 10]
    with embedded.EmbeddedReader() as reader:
        for number in order:
            item = items[number]
            assert wav(number) == reader.read(item.path, item.embedded, item.source)


def test_large_files_need_little_memory(tmp_path):
    """A row group and a few rows are held: pyarrow writes a page of up to 1024 rows."""
    path = tmp_path / "m"
    noise = np.random.default_rng(0).bytes(1 << 21)
    values = [{"bytes": noise, "path": f"{number}"} for number in range(32)]
    write(path, pa.table({"audio": pa.array(values, AUDIO)}), group=4, use_dictionary=False)
    del values
    before, most = pa.total_allocated_bytes(), 0
    with embedded.EmbeddedReader() as reader:
        for item in open_source(path).items():
            assert noise == reader.read(item.path, item.embedded, item.source)
            most = max(most, pa.total_allocated_bytes() - before)
    assert most < 3 * (8 << 20) + (16 << 20)
