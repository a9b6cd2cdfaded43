"""Sources of files: folders, globs and lists."""

import io
import os
import sys

import pytest

from netencoders_corpus import Item, Problem, SourceError, open_source
from netencoders_corpus.sources import lookup, text_lines
from netencoders_corpus.sources.lookup import Lookup, sorted_names


def touch(root, *names):
    """Create empty files."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def ids(source):
    """Return the ids of a source without problems."""
    items = list(source.items())
    assert [] == [item for item in items if isinstance(item, Problem)]
    return [item.id for item in items]


def problems(source):
    """Return the texts of the problems of a source."""
    found = [item for item in source.items() if isinstance(item, Problem)]
    return [f"{place}: {text}" if place else text for place, text in found]


def refused(path, message, **options):
    """Check that a source is refused with a message."""
    with pytest.raises(SourceError) as caught:
        list(open_source(path, **options).items())
    assert message in str(caught.value)


def test_folder_is_walked_in_sorted_order(tmp_path):
    """Files are found at any depth, in any case of their suffix, and equal names do not collide."""
    touch(tmp_path, "b.wav", "a/x.WAV", "a/z/x.Flac", "a.wav", "Z.mp3")
    source = open_source(tmp_path)
    assert ["Z.mp3", "a/x.WAV", "a/z/x.Flac", "a.wav", "b.wav"] == ids(source)
    assert ids(source) == ids(source)
    item = list(source.items())[1]
    assert ("a/x.WAV", str(tmp_path / "a/x.WAV")) == (item.source, item.path)
    assert () == source.notes


def test_other_files_are_counted_and_said(tmp_path):
    """Other suffixes and hidden names are left out, and counted."""
    touch(tmp_path, "a.wav", "a.txt", "b/b.TXT", "c", "._a.wav", ".git/x.wav")
    source = open_source(tmp_path)
    assert ["a.wav"] == ids(source)
    first, second = source.notes
    assert "3 files without a suffix of audio left out: 2 .txt, 1 no suffix" == first
    assert "2 hidden names left out, beginning with a dot" == second


def test_many_kinds_of_other_files_are_summed(tmp_path, monkeypatch):
    """The counts of suffixes need bounded memory."""
    monkeypatch.setattr("netencoders_corpus.sources.walk.COUNTED", 5)
    touch(tmp_path, *[f"a.x{number}" for number in range(9)])
    source = open_source(tmp_path)
    list(source.items())
    assert "9 files without a suffix of audio left out: 4 other suffixes, " in source.notes[0]
    assert source.notes[0].endswith(", ...")


def test_links_are_followed_except_loops(tmp_path):
    """A link to a folder is followed; one to a folder that contains it is left out and said."""
    touch(tmp_path, "in/a/x.wav", "elsewhere/y.wav")
    (tmp_path / "in/link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/a/loop").symlink_to(tmp_path / "in")
    source = open_source(tmp_path / "in")
    assert ["a/x.wav", "link/y.wav"] == ids(source)
    assert ("1 link to a folder that contains the link left out",) == source.notes


def test_broken_link_is_an_item(tmp_path):
    """A link without a file is not lost: it becomes a row with an error."""
    (tmp_path / "a.wav").symlink_to("nowhere")
    assert ["a.wav"] == ids(open_source(tmp_path))


@pytest.mark.parametrize("vanished", [False, True])
def test_folder_that_cannot_be_read_is_a_problem(tmp_path, monkeypatch, vanished):
    """A folder without permission, or one that vanishes, is named."""
    touch(tmp_path, "a/x.wav", "b/y.wav")
    scandir = os.scandir

    def refuse(path):
        if os.path.basename(path) == "a":
            raise FileNotFoundError(2, "gone") if vanished else PermissionError(13, "denied")
        return scandir(path)

    source = open_source(tmp_path)
    monkeypatch.setattr(os, "scandir", refuse)
    reason = "gone" if vanished else "denied"
    expected = f"a: the folder cannot be read: {reason}: allow it, or move the folder away."
    assert [expected] == problems(source)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (b"a\nb.wav", "a\\nb.wav: the name is not printable: rename the file."),
        (b"\xff.wav", "\\udcff.wav: the name is not UTF-8: rename the file."),
    ],
)
def test_names_that_are_no_text_are_problems(tmp_path, name, message):
    """A name that is not printable, or not UTF-8, cannot be an id."""
    try:
        (tmp_path / os.fsdecode(name)).touch()
    except OSError:
        pytest.skip("the file system refuses the name")
    assert [message] == problems(open_source(tmp_path))


def test_deep_folders_need_no_recursion(tmp_path):
    """A path of many folders is walked."""
    current = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=current)
        following = os.open("d", os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = following
    os.close(os.open("a.wav", os.O_CREAT | os.O_WRONLY, dir_fd=current))
    os.close(current)
    assert [f"{'d/' * 1200}a.wav"] == ids(open_source(tmp_path))
    (tmp_path / ("d/" * 1200) / "a.wav").unlink()
    for depth in range(1200, 0, -1):  # shutil.rmtree of pytest is recursive
        os.rmdir(f"{tmp_path}/{'d/' * depth}")


def test_names_of_a_large_folder_are_sorted_on_disk(monkeypatch):
    """More names than the limit come in the same order."""
    texts = [f"{number * 7919 % 1000}é" for number in range(1000)] + ["\udcff"]
    names = [(text, text[0] == "7") for text in texts]
    expected = list(sorted_names(iter(names)))
    monkeypatch.setattr(lookup, "IN_MEMORY", 10)
    assert expected == list(sorted_names(iter(names)))
    assert sorted(names, key=lambda pair: os.fsencode(pair[0])) == expected


def test_lookup_tells_a_key_that_is_given_twice():
    """The first value is kept, and the key is named."""
    found = Lookup([("a", "1"), ("b", "2"), ("a", "3")])
    assert ("1", "2", None, "a") == (*map(found.get, "abc"), found.twice)
    found.close()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/**/*.wav", ["a/b/x.wav", "a/x.wav", "x.wav"]),
        ("in/*.wav", ["x.wav"]),
        ("in/*/*.wav", ["a/x.wav"]),
        ("in/**/b/**/*.wav", ["a/b/x.wav"]),
        ("in/*/**", ["a/b/x.wav", "a/x.wav"]),
        ("in/**/**/x.wav", ["a/b/x.wav", "a/x.wav", "x.wav"]),
        ("in/**", ["a/b/x.wav", "a/x.wav", "x.wav"]),
        ("in/*", ["x.wav"]),
        ("in/**/*.txt", ["a/x.txt"]),
        ("in/**/.*/*.wav", [".h/x.wav"]),
        ("in/[!y].w?v", ["x.wav"]),
        ("*/a/*.wav", ["in/a/x.wav"]),
        ("./*/x.wav", ["in/x.wav"]),
        ("in/**/none", []),
        ("in/a/x.wav", ["x.wav"]),  # a name without a pattern is that of one file
        ("in/a/none", []),
        ("in/a/", []),
        ("in/a", []),
    ],
)
def test_globs_match_like_those_of_python(tmp_path, monkeypatch, pattern, expected):
    """The files are those of `glob`, sorted; ids are relative to the folder before the pattern."""
    import glob

    touch(tmp_path, "in/x.wav", "in/a/x.wav", "in/a/b/x.wav", "in/a/x.txt", "in/.h/x.wav")
    monkeypatch.chdir(tmp_path)
    source = open_source(pattern, kind="glob")
    assert expected == ids(source)
    found = {item.path for item in source.items()}
    theirs = {path for path in glob.glob(pattern, recursive=True) if os.path.isfile(path)}
    assert found == {path for path in theirs if pattern.endswith(".txt") or ".txt" not in path}


def test_glob_is_found_by_its_characters(tmp_path):
    """A path that exists is never a pattern."""
    touch(tmp_path, "a[1]/x.wav", "a1/y.wav")
    assert ["x.wav"] == ids(open_source(tmp_path / "a[1]"))
    assert ["a1/y.wav"] == ids(open_source(f"{tmp_path}/a[1]/*.wav"))
    source = open_source(f"{tmp_path}/a1/*")
    touch(tmp_path, "a1/z.txt")
    assert ["y.wav"] == ids(source)
    assert ("1 file without a suffix of audio left out: 1 .txt",) == source.notes


def test_bad_globs_are_refused(tmp_path):
    """A folder that does not exist, and dots behind a pattern, are errors."""
    refused(f"{tmp_path}/none/*.wav", "there is no such folder: check the pattern.")
    refused(f"{tmp_path}/*/../a.wav", "'..' cannot follow a pattern: write the folder first.")


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\0"])
def test_lists_are_read(tmp_path, ending):
    """One path a line, or paths that end with NUL bytes; the last end may be missing."""
    names = [b"b/x.wav", b"./a y.wav", b"", b"../z.wav", b"/abs/w.wav", str(tmp_path).encode()]
    names[-1] += b"/in.wav"
    path = tmp_path / "list"
    for last in (ending, b""):
        path.write_bytes(ending.join(names) + last)
        source = open_source(path)
        assert ["b/x.wav", "a y.wav", "../z.wav", "/abs/w.wav", "in.wav"][2:] == ids(source)[2:]
        assert ["b/x.wav", "a y.wav"] == ids(source)[:2]
        first, second, *_ = source.items()
        assert str(tmp_path / "b/x.wav") == first.path
        assert f"{tmp_path}/./a y.wav" == second.path


def test_bad_lines_of_lists_are_problems(tmp_path):
    """Other encodings, commands, URLs and unprintable names are told with their lines."""
    path = tmp_path / "list.txt"
    path.write_bytes(
        b"a.wav\n\xe9.wav\nsox a.wav - |\nhttps://x/a.wav\ns3://b/a.wav\na\tb.wav\n|x\n"
    )
    expected = [
        "line 2: the byte 0xe9 at position 0 of the line is not UTF-8: save the file as UTF-8.",
        "line 3: 'sox a.wav - |' is a command, which is never run: write its output to a file.",
        "line 4: 'https://x/a.wav' is a URL: copy the file to a disk, and name it.",
        "line 5: 's3://b/a.wav' is a URL: copy the file to a disk, and name it.",
        "line 6: 'a\\tb.wav' has characters that are not printable: rename the file.",
        "line 7: '|x' is a command, which is never run: write its output to a file.",
    ]
    assert expected == problems(open_source(path))


@pytest.mark.parametrize("content", [b"\n\n", b"\0"])
def test_empty_list_is_a_problem(tmp_path, content):
    """A list without paths is told."""
    path = tmp_path / "list"
    path.write_bytes(content)
    assert ["the list is empty: write one path a line."] == problems(open_source(path, kind="list"))


@pytest.mark.parametrize("end", [b"\n", b"\0"])
def test_line_that_is_too_long_ends_the_list(tmp_path, monkeypatch, end):
    """A line needs bounded memory."""
    monkeypatch.setattr(text_lines, "MAX_LINE", 100)
    monkeypatch.setattr(text_lines, "PIECE", 50)
    path = tmp_path / "list"
    path.write_bytes(b"a.wav" + end + b"b" * 101 + b".wav" + (end if end == b"\n" else b""))
    (text,) = problems(open_source(path, kind="list"))
    assert "2: the " in text
    assert "has more than 100 bytes" in text


class Input(io.BytesIO):
    """Standard input of a test."""

    @property
    def buffer(self):
        """Return the bytes."""
        return self


def test_standard_input_is_a_list(tmp_path, monkeypatch):
    """Standard input is copied, so that it can be read twice; paths are relative to the folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", Input(b"a.wav\0b/c.wav\0"))
    source = open_source("-")
    assert ["a.wav", "b/c.wav"] == ids(source) == ids(source)
    assert "standard input" == source.name
    copy = source._path
    assert os.path.exists(copy)
    del source
    assert not os.path.exists(copy)


def test_standard_input_that_cannot_be_read_is_refused(monkeypatch, tmp_path):
    """A terminal, a closed input and a full disk are errors with a remedy."""
    monkeypatch.setattr(sys, "stdin", None)
    refused("-", "standard input: it is closed: redirect a file or a pipe to it.")
    terminal = Input()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    refused("-", "standard input: it is a terminal: redirect a file or a pipe to it.")
    refused("-", "standard input: it is a list of paths: leave kind out.", kind="csv")
    full = Input()

    def fail(count):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(full, "read", fail)
    monkeypatch.setattr(sys, "stdin", full)
    refused("-", "it cannot be copied to a temporary file: No space left on device: make room, or")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty: write one row for each input."),
        (b"BZh9", "it is compressed by bzip2: decompress it first."),
        (b"\xfd7zXZ\x00", "it is compressed by xz: decompress it first."),
        (b"\x28\xb5\x2f\xfd", "it is compressed by zstd: decompress it first."),
        (b"PK\x03\x04", "it is a zip archive: unpack it, and name the folder or the manifest."),
        (b"\xff\xfep\x00", "it is UTF-16: save it as UTF-8."),
        (b"ARROW1\x00\x00", "it is an Arrow file: write it as Parquet."),
        (b"RIFF....WAVE", "it is an audio file, not a manifest: name its folder, or a list of"),
        (b"\x1f\x8b\x08zzz", "the gzip file is damaged: copy it again."),
        (b"hello\n", "the kind of the file is not known: name its kind, one of folder, glob"),
    ],
)
def test_files_that_are_no_manifest_are_refused(tmp_path, content, message):
    """The content of a file is named, with the remedy."""
    path = tmp_path / "manifest.csv"
    path.write_bytes(content)
    refused(path, message)


def test_compressed_archives_are_refused(tmp_path):
    """A compressed tar archive has no offsets; a compressed CSV file is refused by name."""
    import gzip
    import tarfile

    (tmp_path / "a.wav").write_bytes(b"x")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "a.wav", "a.wav")
    refused(tmp_path / "a.tar.gz", "it is a compressed tar archive: decompress it first: members")
    with gzip.open(tmp_path / "a.csv.gz", "wb") as file:
        file.write(b"path\na.wav\n")
    refused(tmp_path / "a.csv.gz", "it is compressed by gzip, and no JSON: decompress it first.")


def test_other_arguments_are_checked(tmp_path):
    """A kind or a column that does not exist, and a pipe, are errors."""
    touch(tmp_path, "a.wav")
    refused(tmp_path, "the kind 'x' is not known: choose one of folder, glob, list, csv", kind="x")
    refused(tmp_path, "a source of the kind folder has no column: leave it out.", column="x")
    refused(tmp_path / "missing", "there is no such file or folder: check the path.")
    refused(tmp_path / "missing", "it cannot be read: No such file or directory", kind="list")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "it is no regular file: name a file, or - for a pipe.")
    (tmp_path / "wav.scp").write_text("a a.wav\n")
    refused(tmp_path / "wav.scp", "it is a file of Kaldi: name its folder.")


def test_file_that_cannot_be_opened_is_refused(tmp_path, monkeypatch):
    """A manifest without permission is named."""
    path = tmp_path / "a.csv"
    path.write_text("path\na.wav\n")

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("netencoders_corpus.sources.content.open", refuse, raising=False)
    refused(path, "it cannot be read: Permission denied: check the path.")


def test_items_have_no_part():
    """A whole file has no segment and no other columns."""
    item = Item("a", "a", "a")
    assert not item.is_part
