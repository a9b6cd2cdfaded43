"""Sources with columns: CSV, TSV, JSON lines, NeMo, Parquet, audio folders of Hugging Face."""

import datetime
import decimal
import gzip
import json

import pytest

from netencoders_corpus import Problem, SourceError, open_source
from netencoders_corpus.sources import csv_table, tables, text_lines

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a manifest, and returns its path."""

    def write(text, name="manifest"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def rows(path, **options):
    """Return id, start, stop, channel and columns of each item; a problem fails."""
    items = list(open_source(path, **options).items())
    assert [] == [item for item in items if isinstance(item, Problem)]
    return [(item.id, item.start, item.stop, item.channel, dict(item.columns)) for item in items]


def problems(path, **options):
    """Return the problems of a source, with their places."""
    items = open_source(path, **options).items()
    return [f"{item.place}: {item.text}" for item in items if isinstance(item, Problem)]


def refused(path, message, **options):
    """Check that a source is refused with a message."""
    with pytest.raises(SourceError) as caught:
        open_source(path, **options)
    assert message in str(caught.value)


CSV = """\ufeffid,path,start,stop,channel,text
one,a/x.wav,0.25,1.50,,"he said ""no"", twice
on two lines\r
3"
two,./b.wav,,,1,
3,c.wav,,2,0,plain
"""


def test_csv_is_read(write):
    """A byte order mark, quotes and line ends in a field; other columns are texts."""
    path = write(CSV)
    expected = [
        ("one", 0.25, 1.5, None, {"text": 'he said "no", twice\non two lines\r\n3'}),
        ("two", None, None, 1, {"text": ""}),
        ("3", None, 2.0, 0, {"text": "plain"}),
    ]
    assert expected == rows(path)
    source = open_source(path)
    assert {"text": pa.string()} == source.columns
    items = list(source.items())
    assert ["line 2", "line 5", "line 6"] == [item.place for item in items]
    assert f"{path.parent}/./b.wav" == items[1].path
    assert ["a/x.wav", "b.wav", "c.wav"] == [item.source for item in items]


def test_tsv_is_read(write):
    """Tabs separate, and line ends may be those of Windows."""
    path = write('file\ttext\r\na, b.wav\t"x\ty"\r\n\r\nc.wav\tz\r\n')
    assert [
        ("a, b.wav", None, None, None, {"text": "x\ty"}),
        ("c.wav", None, None, None, {"text": "z"}),
    ] == rows(path)


@pytest.mark.parametrize("name", ["path", "audio", "file", "file_name", "audio_filepath"])
def test_column_of_files_is_found(write, name):
    """Five names are known, also as the only column."""
    assert [("a.wav", None, None, None, {})] == rows(write(f"{name}\na.wav\n"))


def test_column_of_files_is_chosen(write):
    """With several such columns, one is named; the others are passed through."""
    path = write("path,audio,clip\na.wav,b.wav,c.wav\n")
    refused(
        path,
        "manifest: 'path', 'audio' are all columns of files: choose one with --column, or "
        "column='path'.",
    )
    assert [("b.wav", None, None, None, {"path": "a.wav", "clip": "c.wav"})] == rows(
        path, column="audio"
    )
    assert "c.wav" == rows(path, column="clip")[0][0]
    refused(path, "there is no column 'x': there are 'path', 'audio', 'clip'.", column="x")
    path = write("clip,text\na.wav,x\n", "clips.csv")
    refused(path, "there is no column of files: 'path', 'audio', 'file', 'file_name', 'audio_file")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path,text\na.wav\n", "line 2: there are 1 fields, and 2 in the header: quote a field"),
        ("path,text\na.wav,x,y\n", "line 2: there are 3 fields, and 2 in the header"),
        ('path\n"a.wav"x\n', "line 2: the row that begins here is not valid: ',' expected after"),
        (
            'path\na.wav\n"b.wav\n\n',
            "line 3: the row that begins here is not valid: unexpected end",
        ),
        (
            b"path,text\na.wav,\xe9\n",
            "line 2: the byte 0xe9 at position 6 of the line is not UTF-8",
        ),
        ("path\n\n", "it has no rows: write one for each input."),
        ("path,x\n,y\n", "line 2: 'path' is empty: name a file."),
        ("path,id\na.wav,\n", "line 2: the id is empty: write a text of printable characters."),
        ("path,id\na.wav,a\tb\n", "line 2: the id is 'a\\tb': write a text of printable"),
        ("path,start\na,x\n", "line 2: 'start' is 'x', not a number of seconds: write it as 1.5."),
        ("path,start\na,1_0\n", "line 2: 'start' is '1_0', not a number of seconds"),
        ("path,start\na,nan\n", "line 2: 'start' is 'nan', not a number of seconds"),
        ("path,start\na,-1\n", "line 2: the segment starts at -1 s, before the file: correct it."),
        ("path,start,stop\na,2,2\n", "line 2: the segment from 2 s to 2 s is empty: correct it."),
        ("path,stop\na,0\n", "line 2: the segment from 0 s to 0 s is empty: correct it."),
        ("path,start,end\na,2,1\n", "line 2: the segment from 2 s to 1 s stops before it starts"),
        ("path,offset,duration\na,2,-1\n", "the segment from 2 s to 1 s stops before it starts"),
        ("path,start\na,1e10\n", "line 2: the segment reaches beyond 1000000000 s: times are in"),
        ("path,start,offset\na,1,1\n", "line 2: 'start' and 'offset' are both given: give one"),
        ("path,stop,end\na,1,1\n", "line 2: 'stop' and 'end' are both given: give one of the two."),
        ("path,channel\na,-1\n", "line 2: 'channel' is '-1', not an index: the first channel is 0"),
        ("path,channel\na,Left\n", "line 2: 'channel' is 'Left', not an index: the first channel"),
        ("path,channel\na,0.5\n", "line 2: 'channel' is '0.5', not an index: the first channel"),
    ],
)
def test_bad_rows_of_csv_are_told(write, text, expected):
    """Each problem has its line, the rule and the remedy."""
    (problem,) = problems(write(text), kind="csv")
    assert expected in problem


def test_all_problems_of_a_row_are_told(write):
    """A row can have several problems, and later rows are still read."""
    path = write("path,start,id\n\xe9|,x,\nb.wav,1,b\n,2,c\n")
    assert 4 == len(problems(path))
    assert 1 == len([item for item in open_source(path).items() if not isinstance(item, Problem)])


def test_problems_before_a_broken_row_are_told(write):
    """A row that ends the reading does not hide the problems before it."""
    first, second = problems(write(b'path\n\xff.wav\n"a"b\n'))
    assert "line 2: the byte 0xff" in first
    assert "line 3: the row that begins here is not valid" in second


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,path\na,b\n", "line 1: the column 'path' is given twice: rename one."),
        (",path\n0,a\n", "line 1: column 1 has no name: name it (to_csv of pandas has index=Fals"),
        ('path,"x\n', "line 1: the row that begins here is not valid: unexpected end of data"),
        ("\n\n", "it is empty: write a header and rows."),
        ("path,a,b\n", "line 1: there are 3 columns, more than 2: remove some."),
    ],
)
def test_bad_headers_are_refused(write, monkeypatch, text, message):
    """A header that is not valid is an error at once."""
    monkeypatch.setattr(csv_table, "MAX_COLUMNS", 2)
    refused(write(text), message, kind="csv")


def test_long_lines_are_refused(write, monkeypatch):
    """A line needs bounded memory."""
    monkeypatch.setattr(text_lines, "MAX_LINE", 50)
    (problem,) = problems(write("path\na.wav\n" + "b" * 60 + "\nc.wav\n"))
    assert "line 3: the line has more than 50 bytes, and lines behind it are not read" in problem


NEMO = """\
{"audio_filepath": "a.wav", "offset": 0.1, "duration": 0.2, "text": "yes"}
{"audio_filepath": "a.wav", "offset": 1.1, "duration": 2.2, "text": "no", "speaker": 7}

{"audio_filepath": "/data/b.wav", "duration": 3.25, "text": null, "tags": ["x", {"y": 1}]}
{"audio_filepath": "c.wav", "offset": null, "duration": 1, "offsets": "é"}
{"audio_filepath": "d.wav", "offset": 0, "duration": 2}
{"audio_filepath": "d.wav", "offset": 0}
"""


def test_manifest_of_nemo_is_read(write):
    """A segment is offset and duration, as decimal numbers; a duration alone is a length."""
    path = write(NEMO, "train.json")
    assert [
        ("a.wav#0.1-0.3", 0.1, 0.3, None, {"text": "yes"}),
        ("a.wav#1.1-3.3", 1.1, 3.3, None, {"text": "no", "speaker": 7}),
        (
            "/data/b.wav",
            *[None] * 3,
            {"text": None, "tags": ["x", {"y": 1}], "stated_duration": 3.25},
        ),
        ("c.wav", None, None, None, {"offsets": "é", "stated_duration": 1}),
        ("d.wav#0.0-2.0", 0.0, 2.0, None, {}),
        ("d.wav#0.0-", 0.0, None, None, {}),
    ] == rows(path)
    assert open_source(path).columns is None


def test_compressed_json_lines_are_read(write):
    """A gzip file of JSON lines is read as it is, and a damaged one is refused."""
    content = gzip.compress(NEMO.encode())
    assert 6 == len(rows(write(content)))
    long = gzip.compress(NEMO.encode() * 1000, 0)
    source = open_source(write(long[:-8], "damaged"))
    with pytest.raises(SourceError, match=r"the gzip file is damaged: .*: copy it again"):
        list(source.items())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{bad", "line 1: it is not JSON: Expecting property name enclosed in double quotes at"),
        ("7", "line 1: it is 7, not an object: write one JSON object a line."),
        ('{"path": "a", "path": "b"}', "line 1: the key 'path' is given twice: give it once."),
        ('{"path": "a", "x": "\\ud800"}', "line 1: a text has half of a surrogate pair: write the"),
        ('{"path": "a", "x": [{"\\udfff": 1}]}', "line 1: a text has half of a surrogate pair"),
        ('{"path": ' + "[" * 100_000, "line 1: the JSON value is nested too deeply: write a flat"),
        ('{"path": "a", "x": ' + "1" * 5000 + "}", "line 1: it is not JSON: Exceeds the limit"),
        ('{"path": 3}', "line 1: 'path' is 3, not a path: name a file."),
        ('{"path": null}', "line 1: 'path' is missing: name a file."),
        ('{"path": ["a", "b"]}', "line 1: 'path' is a list, not the path of one file: name one"),
        ('{"path": {"a": 1}}', "line 1: 'path' is an object, not the path of one file: name one"),
        ('{"text": "a"}', "line 1: there is no column of files: 'path', 'audio', 'file', "),
        ('{"path": "a", "file": "b"}', "line 1: 'path', 'file' are all columns of files: choose"),
        (
            '{"path": "a", "id": 1.5}',
            "line 1: the id is 1.5: write a text of printable characters.",
        ),
        ('{"path": "a", "id": null}', "line 1: the id is empty: write a text of printable"),
        ('{"path": "a", "start": true}', "line 1: 'start' is True, not a number of seconds"),
        ('{"path": "a", "start": NaN}', "line 1: 'start' is nan, not a number of seconds"),
        (
            '{"path": "a", "start": ' + "9" * 99 + "}",
            "line 1: 'start' is an integer of 329 bits, not a number",
        ),
        ('{"path": "a", "channel": [0, 1]}', "line 1: 'channel' is [0, 1], not an index: the fir"),
        (b'{"path": "\xff"}', "line 1: the byte 0xff at position 10 of the line is not UTF-8"),
    ],
)
def test_bad_lines_of_json_are_told(write, line, expected):
    """Each problem has its line, the rule and the remedy."""
    (problem,) = problems(write(line), kind="jsonl")
    assert expected in problem


def test_object_of_several_lines_is_told(write):
    """An object of several lines is not JSON lines."""
    assert "line 1: it is not JSON" in problems(write('{\n"path": "a"\n}\n'))[0]


def test_negative_zero_is_zero(write):
    """The id and the time have no sign."""
    path = write('{"path": "a", "start": -0.0, "stop": 1}')
    ((name, start, *_),) = rows(path)
    assert ("a#0.0-1.0", "0.0") == (name, repr(start))


def test_ids_may_be_integers(write):
    """An integer is written as a text."""
    assert ["7"] == [row[0] for row in rows(write('{"id": 7, "path": "a"}'))]


def test_number_of_keys_is_limited(write, monkeypatch):
    """The names of columns are held in memory."""
    monkeypatch.setattr("netencoders_corpus.sources.json_lines.MAX_COLUMNS", 3)
    lines = [json.dumps({"path": "a", f"x{number}": 1}) for number in range(9)]
    assert ["line 3: there are more than 3 different keys: put them in one."] == problems(
        write("\n".join(lines))
    )


def test_parquet_keeps_types(tmp_path):
    """Other columns keep their types and values, also nanoseconds, decimals and lists."""
    table = pa.table(
        {
            "path": ["a.wav", "b.wav"],
            "start": pa.array([0.5, None], pa.float32()),
            "id": pa.array([1, 2], pa.int16()),
            "small": pa.array([1, None], pa.int8()),
            "when": pa.array([1, None], pa.timestamp("ns", "UTC")),
            "day": pa.array([datetime.date(2020, 1, 2), None]),
            "time": pa.array([3, None], pa.time32("ms")),
            "price": pa.array([decimal.Decimal("1.50"), None]),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "list": pa.array([[1], None], pa.list_(pa.int32())),
            "raw": pa.array([b"\0", None]),
            "struct": pa.array([{"a": 1}, None]),
        }
    )
    parquet.write_table(table, tmp_path / "m", row_group_size=1)
    source = open_source(tmp_path / "m")
    items = list(source.items())
    assert ["1", "2"] == [item.id for item in items]
    assert [(0.5, "row 1"), (None, "row 2")] == [(item.start, item.place) for item in items]
    expected = table.drop(["path", "start", "id"]).cast(
        pa.schema(
            field.with_type(pa.string()) if field.name == "kind" else field
            for field in table.drop(["path", "start", "id"]).schema
        )
    )
    made = pa.table(
        {
            name: pa.array([item.columns[name] for item in items], kind)
            for name, kind in source.columns.items()
        }
    )
    assert expected.equals(made)


def test_json_holds_no_bytes(write):
    """A struct of Hugging Face datasets names a path; text in the place of bytes is refused."""
    path = write(
        '{"audio": {"bytes": null, "path": "a.wav"}}\n{"audio": {"bytes": "UklG", "path": "b"}}\n'
        '{"audio": {"bytes": null, "path": null}}\n'
    )
    first, *_ = open_source(path).items()
    assert "a.wav" == first.id
    assert [
        "line 2: 'audio' holds the bytes of a file, which JSON cannot: write Parquet, or files.",
        "line 3: 'audio' is missing: name a file.",
    ] == problems(path)


def test_bad_parquet_is_refused(tmp_path, write, monkeypatch):
    """A damaged file, equal names of columns and too many columns are errors."""
    refused(write(b"PAR1xxxxPAR1"), "manifest: it cannot be read as Parquet: ")
    refused(tmp_path / "none", "there is no such file: check the path.", kind="parquet")
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["path", "path"])
    parquet.write_table(table, tmp_path / "twice")
    refused(tmp_path / "twice", "the column 'path' is given twice: rename one.")
    parquet.write_table(pa.table({"path": pa.array([], pa.string())}), tmp_path / "empty")
    assert [": it has no rows: write one for each input."] == problems(tmp_path / "empty")
    parquet.write_table(pa.table({"path": ["a"], "x": [1]}), tmp_path / "wide")
    monkeypatch.setattr("netencoders_corpus.sources.parquet_table.MAX_COLUMNS", 1)
    refused(tmp_path / "wide", "there are 2 columns, more than 1: remove some.")


def test_damage_behind_the_header_of_parquet_is_told(tmp_path):
    """Pages that are damaged are an error when they are read."""
    table = pa.table({"path": [f"{number}.wav" for number in range(1000)]})
    parquet.write_table(table, tmp_path / "m", use_dictionary=False, compression="gzip")
    content = bytearray((tmp_path / "m").read_bytes())
    content[60:200] = bytes(140)
    (tmp_path / "m").write_bytes(content)
    with pytest.raises(SourceError, match=r"it cannot be read as Parquet: .*: write it again"):
        list(open_source(tmp_path / "m").items())


METADATA = {
    "metadata.csv": "file_name,text\na.wav,x\nsub/b.wav,y\n",
    "metadata.jsonl": '{"file_name": "a.wav", "text": "x"}\n'
    '{"file_name": "sub/b.wav", "text": "y"}',
}


@pytest.mark.parametrize("name", METADATA)
def test_audio_folder_of_hugging_face_is_read(write, tmp_path, name):
    """Metadata beside the files gives the columns; files without a row are counted."""
    write(METADATA[name], f"in/{name}")
    write("", "in/sub/b.wav")
    write("", "in/c.wav")
    source = open_source(tmp_path / "in")
    assert [
        ("a.wav", None, None, None, {"text": "x"}),
        ("sub/b.wav", None, None, None, {"text": "y"}),
    ] == rows(tmp_path / "in")
    list(source.items())
    assert () == source.notes
    write("", "in/.hidden.wav")
    write("", "in/d.wav")
    assert ("1 of 3 audio files without a row in the metadata left out",) == source.notes


def test_metadata_of_splits_is_joined(write, tmp_path):
    """Paths are relative to their metadata, and ids to the folder; columns are joined."""
    write("file_name,text\na.wav,x\n", "in/train/metadata.csv")
    write("file_name,speaker\na.wav,s\nb.wav\n", "in/test/metadata.csv")
    source = open_source(tmp_path / "in")
    assert {"speaker": pa.string(), "text": pa.string()} == source.columns
    first, problem, second = source.items()
    assert [("test/a.wav", {"speaker": "s"}), ("train/a.wav", {"text": "x"})] == [
        (item.id, item.columns) for item in (first, second)
    ]
    assert ("test/metadata.csv line 3", "there are 1 fields") == (problem.place, problem.text[:18])
    assert str(tmp_path / "in/train/a.wav") == second.path


def test_parquet_metadata_of_two_types_is_refused(tmp_path):
    """A column has one type in all metadata files."""
    for split, values in (("a", [1]), ("b", ["x"])):
        (tmp_path / split).mkdir()
        table = pa.table({"file_name": ["a.wav"], "n": values})
        parquet.write_table(table, tmp_path / split / "metadata.parquet")
    refused(
        tmp_path, "b/metadata.parquet: the column 'n' has the type string, and int64 in another"
    )


def test_other_files_named_metadata_are_no_metadata(write, tmp_path):
    """A metadata.csv without the column file_name, as that of LJSpeech, is left out and said."""
    write("LJ001-0001|Printing|Printing\n", "in/metadata.csv")
    write("", "in/wavs/a.wav")
    source = open_source(tmp_path / "in")
    assert ["wavs/a.wav"] == [item.id for item in source.items()]
    assert ("1 file without a suffix of audio left out: 1 .csv",) == source.notes


def test_two_kinds_of_metadata_are_refused(write, tmp_path, monkeypatch):
    """Which of them is right is not guessed; their number is limited."""
    for name, text in METADATA.items():
        write(text, f"in/{name}")
    refused(
        tmp_path / "in",
        "there are metadata.csv and metadata.jsonl: keep metadata files of one kind.",
    )
    monkeypatch.setattr("netencoders_corpus.sources.hugging_face.MAX_FILES", 1)
    refused(tmp_path / "in", "there are more than 1 metadata files: write one manifest.")


def test_names_of_corpora_are_refused(write, tmp_path):
    """Columns named like those of a corpus are all told, before any work."""
    from netencoders import NetEncoder
    from netencoders_corpus import encode

    path = write("path,code,features,ok\na.wav,1,2,3\n")
    with pytest.raises(SourceError) as caught:
        encode(NetEncoder("AudioMFCC"), path, tmp_path / "out")
    for name in ("code", "features"):
        assert f"the column '{name}' has the name of a column of corpora: rename it." in str(
            caught.value
        )


def test_limit_of_columns_is_one():
    """The modules share the limit."""
    assert tables.MAX_COLUMNS == csv_table.MAX_COLUMNS
