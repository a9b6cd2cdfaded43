"""Sources of other tools: data folders of Kaldi, manifests of Lhotse, shards of WebDataset."""

import gzip
import io
import json
import tarfile

import pytest

from netencoders_corpus import Problem, SourceError, open_source
from netencoders_corpus.items import input_of

pytest.importorskip("pyarrow")


def items(path, **options):
    """Return the items of a source; a problem fails."""
    found = list(open_source(path, **options).items())
    assert [] == [item for item in found if isinstance(item, Problem)]
    return found


def parts(path, **options):
    """Return id, source, start, stop and channel of each item."""
    return [
        (item.id, item.source, item.start, item.stop, item.channel)
        for item in items(path, **options)
    ]


def problems(path, **options):
    """Return the problems of a source, with their places."""
    found = open_source(path, **options).items()
    return [f"{item.place}: {item.text}" for item in found if isinstance(item, Problem)]


def refused(path, message, **options):
    """Check that a source is refused with a message."""
    with pytest.raises(SourceError) as caught:
        list(open_source(path, **options).items())
    assert message in str(caught.value)


# Kaldi


@pytest.fixture
def kaldi(tmp_path):
    """Return a function that writes the files of a data folder."""

    def write(**files):
        folder = tmp_path / "train"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name.replace("_", ".")).write_text(text)
        return folder

    return write


def test_recordings_of_kaldi_are_read(kaldi):
    """Without segments, each recording is an utterance; a path may have spaces."""
    folder = kaldi(wav_scp="rec1 /data/a b.wav\nrec2 c.wav\n")
    assert [
        ("rec1", "/data/a b.wav", None, None, None),
        ("rec2", "c.wav", None, None, None),
    ] == parts(folder)
    assert str(folder / "c.wav") == items(folder)[1].path
    assert {} == open_source(folder).columns


def test_segments_of_kaldi_are_read(kaldi):
    """Times are in s; -1 is the end of the recording; channels count from 0."""
    folder = kaldi(
        wav_scp="call-A a.wav\ncall-B b.wav\n",
        segments="s1-u1 call-B 0.0 1.55\ns1-u2 call-A 5.0 -1\ns2-u1 call-A 1e-1 6.5 1\n",
        utt2spk="s1-u1 s1\ns1-u2 s1\ns2-u1 s2\n",
        text="s1-u1 hello  world\ns2-u1\n",
        spk2utt="s1 s1-u1 s1-u2\n",
    )
    assert [
        ("s1-u1", "b.wav", 0.0, 1.55, None),
        ("s1-u2", "a.wav", 5.0, None, None),
        ("s2-u1", "a.wav", 0.1, 6.5, 1),
    ] == parts(folder)
    assert ["speaker", "text", "recording"] == list(open_source(folder).columns)
    assert [
        {"recording": "call-B", "speaker": "s1", "text": "hello  world"},
        {"recording": "call-A", "speaker": "s1", "text": None},
        {"recording": "call-A", "speaker": "s2", "text": ""},
    ] == [item.columns for item in items(folder)]
    assert ["segments line 1"] == [item.place for item in items(folder)][:1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("sph2pipe -f wav a.sph |", "'sph2pipe -f wav a.sph |' is a command, which is never run"),
        ("raw.ark:123", "'raw.ark:123' is a place in an archive of Kaldi: write WAV files by wav"),
        ("raw.ark:9[0:5]", "'raw.ark:9[0:5]' is a place in an archive of Kaldi"),
        ("-", "'-' is standard input: name a file."),
        ("http://x/a.wav", "'http://x/a.wav' is a URL: copy the file to a disk, and name it."),
    ],
)
@pytest.mark.parametrize("has_segments", [False, True])
def test_other_values_of_kaldi_are_refused(kaldi, value, expected, has_segments):
    """Commands and archives are refused by name, and never run or opened."""
    folder = kaldi(wav_scp=f"r1 {value}\n")
    if has_segments:
        kaldi(segments="u1 r1 0 1\n")
    (problem,) = problems(folder)
    assert f"wav.scp line 1: {expected}" in problem


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"segments": "u r9 0 1\n"},
            "segments line 1: the recording 'r9' is not in wav.scp: add it",
        ),
        ({"segments": "u r1 1\n"}, "segments line 1: there are 3 fields: write utterance, record"),
        ({"segments": "u r1 1 2 0 0\n"}, "segments line 1: there are 6 fields"),
        ({"segments": "u r1 a 2\n"}, "segments line 1: a 2 are no times: write them in seconds."),
        ({"segments": "u r1 2 1\n"}, "segments line 1: the segment from 2 s to 1 s stops before"),
        ({"segments": "u r1 -2 1\n"}, "segments line 1: the segment starts at -2 s, before the"),
        ({"segments": "u r1 1 2 A\n"}, "segments line 1: the channel 'A' is no index: the first"),
        ({"segments": "u\n"}, "segments line 1: 'u' has no value: complete the line."),
        ({"wav_scp": "r1\n"}, "wav.scp line 1: 'r1' has no value: complete the line."),
        ({"wav_scp": "r\x01 a.wav\n"}, "wav.scp line 1: 'r\\x01' is not printable: rename it."),
        ({"wav_scp": "\n"}, "wav.scp: it is empty: write one recording a line."),
        ({"text": "r1 a\nr2 b\n"}, "text line 2: 'r2' has no audio: remove the line, as utils/fix"),
        ({"text": "r0 a\nr1 b\n"}, "text line 1: 'r0' has no audio: remove the line"),
        ({"text": "r1 a\nr1 b\n"}, "text line 2: 'r1' is given twice: keep one line."),
        ({"text": "r1 a\nb b\n"}, "text line 2: 'b' is behind a greater key: sort the file by LC"),
        ({"utt2spk": "r1\n"}, "utt2spk line 1: 'r1' has no value: complete the line."),
        ({"wav_scp": "r2 a\nr1 b\n", "text": ""}, "wav.scp line 2: 'r1' is behind a greater key"),
        (
            {"wav_scp": "r1 a\nr1 b\n", "segments": "u r1 0 1"},
            "wav.scp line 2: 'r1' is given twice",
        ),
    ],
)
def test_bad_data_folders_are_told(kaldi, files, expected):
    """Each problem has its file, its line, the rule and the remedy."""
    folder = kaldi(**{"wav_scp": "r1 a.wav\n", **files})
    (problem,) = problems(folder)
    assert expected in problem


def test_other_encodings_of_kaldi_are_told(kaldi):
    """A text that is not UTF-8 is told with its line."""
    folder = kaldi(wav_scp="r1 a.wav\n")
    (folder / "text").write_bytes(b"r1 \xe9\n")
    (problem,) = problems(folder)
    assert "text line 1: the byte 0xe9 at position 3 of the line is not UTF-8" in problem


# Lhotse


def recording(name="rec", channels=1, samples=16000, rate=16000, **fields):
    """Return a recording as Lhotse writes it."""
    numbers = list(range(channels))
    source = {"type": "file", "channels": numbers, "source": f"{name}.wav"}
    return {
        "id": name,
        "sources": [source],
        "sampling_rate": rate,
        "num_samples": samples,
        "duration": samples / rate,
        "channel_ids": numbers,
        **fields,
    }


def cut(name="cut", start=0.1, duration=0.2, channel=0, **fields):
    """Return a cut as Lhotse writes it."""
    kind = "MonoCut" if type(channel) is int else "MultiCut"
    return {
        "id": name,
        "start": start,
        "duration": duration,
        "channel": channel,
        "supervisions": [],
        "recording": recording(),
        "type": kind,
        **fields,
    }


@pytest.fixture
def write(tmp_path):
    """Return a function that writes JSON lines."""

    def write(*rows, name="cuts.jsonl"):
        path = tmp_path / name
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write


@pytest.mark.parametrize("name", ["recordings.jsonl", "recordings.jsonl.gz"])
def test_recordings_of_lhotse_are_read(write, name):
    """A recording is a file, of one or more channels."""
    path = write(recording("a"), recording("b", channels=2), name=name)
    assert [("a", "a.wav", None, None, None), ("b", "b.wav", None, None, None)] == parts(path)


def test_cuts_of_lhotse_are_read(write):
    """Start and duration are decimal numbers; a cut of a whole recording has no segment."""
    supervision = {"id": "s", "recording_id": "rec", "start": 0, "duration": 0.2, "text": "hi"}
    stereo = recording(channels=2)
    path = write(
        cut("a"),
        cut("b", 0.3, 0.3, custom={"snr": 3}),
        cut("whole", 0, 1.0, supervisions=[supervision]),
        cut("left", 0.5, 0.25, recording=stereo),
        cut("right", 0.5, 0.25, 1, recording=stereo),
        cut("both", 0.5, 0.25, [0, 1], recording=stereo, supervisions=[supervision] * 2),
        cut("one", 0.5, 0.25, [1], recording=stereo),
    )
    assert [
        ("a", "rec.wav", 0.1, 0.3, None),
        ("b", "rec.wav", 0.3, 0.6, None),
        ("whole", "rec.wav", None, None, None),
        ("left", "rec.wav", 0.5, 0.75, 0),
        ("right", "rec.wav", 0.5, 0.75, 1),
        ("both", "rec.wav", 0.5, 0.75, None),
        ("one", "rec.wav", 0.5, 0.75, 1),
    ] == parts(path)
    columns = [item.columns for item in items(path)]
    assert {"recording_id": "rec"} == columns[0]
    assert {"recording_id": "rec", "custom": {"snr": 3}} == columns[1]
    assert {"recording_id": "rec", "text": "hi", "supervisions": [supervision]} == columns[2]
    assert {"recording_id": "rec", "supervisions": [supervision] * 2} == columns[5]


def test_cut_of_several_files_chooses_one(write):
    """A channel is looked up in the files of a recording."""
    sources = [
        {"type": "file", "channels": [0], "source": "near.wav"},
        {"type": "file", "channels": [1, 2], "source": "far.wav"},
    ]
    many = recording(sources=sources)
    path = write(*(cut(str(channel), channel=channel, recording=many) for channel in range(3)))
    assert [
        ("0", "near.wav", 0.1, 0.3, None),
        ("1", "far.wav", 0.1, 0.3, 0),
        ("2", "far.wav", 0.1, 0.3, 1),
    ] == parts(path)
    (problem,) = problems(write(many, name="r.jsonl"))
    assert (
        "line 1: recording rec: its channels are in 2 files: make cuts of one channel." == problem
    )


def test_cut_off_the_grid_has_the_samples_of_lhotse(write):
    """Lhotse rounds start and duration, so that its stop may differ from that of the sum."""
    from netencoders_audio.positions import exact_seconds, frame_at

    path = write(cut("x", 0.00004, 0.00105), cut("y", 0.00002, 0.00104), cut("z", 0.1, 0.2))
    frames = [
        tuple(frame_at(exact_seconds(time), 16000) for time in (item.start, item.stop))
        for item in items(path)
    ]
    assert [(1, 1 + 17), (0, 17), (1600, 4800)] == frames
    assert 1 + 17 != frame_at(exact_seconds(0.00109), 16000)


def test_supervisions_of_lhotse_need_their_recordings(write):
    """Recordings are beside the supervisions, as Lhotse names them."""
    row = {"id": "s", "recording_id": "a", "start": 0.1, "duration": 0.2, "channel": 0}
    row |= {"text": "hi", "speaker": "x", "custom": {"y": 1}}
    path = write(row, name="set_supervisions_dev.jsonl.gz")
    hint = "put them beside it as set_recordings_dev.jsonl.gz, or make cuts."
    refused(path, f"supervisions have no files, and their recordings are not found: {hint}")
    write(recording("a"), name="set_recordings_dev.jsonl.gz")
    assert [("s", "a.wav", 0.1, 0.3, None)] == parts(path)
    columns = {"recording_id": "a", "text": "hi", "speaker": "x", "custom": {"y": 1}}
    assert [columns] == [item.columns for item in items(path)]
    write(recording("b"), name="set_recordings_dev.jsonl.gz")
    (problem,) = problems(path)
    assert (
        "line 1: supervision s: its recording 'a' is not in set_recordings_dev.jsonl.gz" in problem
    )
    write(recording("a"), recording("a"), name="set_recordings_dev.jsonl.gz")
    assert (
        ": the recording 'a' is twice in set_recordings_dev.jsonl.gz: make ids unique."
        == (problems(path)[0])
    )
    refused(write(row), "are not found: name it ..._supervisions_....jsonl, or make cuts.")


def test_bad_recordings_of_supervisions_are_told(write, tmp_path):
    """A line of the recordings that is not valid is told."""
    row = {"id": "s", "recording_id": "a", "start": 0.1, "duration": 0.2}
    path = write(row, name="supervisions.jsonl")
    (tmp_path / "recordings.jsonl").write_text("{bad\n")
    refused(path, "recordings.jsonl: line 1: it is not JSON")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            cut("m", type="MixedCut"),
            "cut m: it is a MixedCut: it mixes tracks, so no part of one file has its samples. W",
        ),
        (cut("p", type="PaddingCut"), "cut p: it is a PaddingCut: it has no recording. Write its"),
        (cut(recording=None), "cut cut: it has no recording, only features perhaps: add the recor"),
        (
            cut(recording=recording(transforms=[{"name": "Speed", "kwargs": {}}, "x"])),
            "its recording has transforms (Speed, of an unknown name), which change its samples",
        ),
        (
            cut(recording=recording(sources=[{"type": "url", "channels": [0], "source": "x"}])),
            "its recording is of the type 'url', not a file: save the audio to files.",
        ),
        (
            cut(recording=recording(sources=[{"type": "file", "channels": [0], "source": "a |"}])),
            "'a |' is a command, which is never run",
        ),
        (
            cut(recording=recording(sources=[{"type": "file", "channels": ["x"], "source": "a"}])),
            "its channels are ['x']: write a list of integers.",
        ),
        (cut(recording=recording(sources=[])), "its recording has no sources: name a file."),
        (cut(recording=recording(sources=[3])), "one of its sources is 3: write an object."),
        (cut(recording=recording(sources=3)), "its sources is 3: write a list."),
        (cut(recording=recording(sampling_rate=0)), "its sampling_rate is 0: write an integer in"),
        (cut(recording=recording(num_samples=-1)), "its num_samples is -1: write an integer."),
        (cut(start="x"), "its start is 'x': write a number of seconds."),
        (cut(start=-1), "the segment starts at -1 s, before the file: correct it."),
        (cut(duration=None), "its duration is None: write a number of seconds."),
        (cut(duration=0), "its duration is 0 s: it must be more than 0."),
        (cut(duration=1e-5), "its duration of 0.00001 s is less than half a sample: correct it."),
        (cut(channel=3), "its channel 3 is not one of [0]."),
        (cut(channel="x"), "its channel is 'x': write a list."),
        (
            cut(channel=[0, 2], recording=recording(channels=3)),
            "it has the channels [0, 2] of [0, 1, 2]: choose one channel, or all channels.",
        ),
        (cut(""), "line 2: the id must be a text of printable characters: write one."),
        (cut(7), "cut 7: the id must be a text of printable characters: write one."),
    ],
)
def test_cuts_that_are_no_part_of_a_file_are_told(write, row, expected):
    """Mixed and augmented cuts, and recordings that are no files, have the reason and the id."""
    (problem,) = problems(write(cut(), row))
    assert expected in problem


def test_kind_of_lhotse_is_checked(write):
    """A manifest of another tool is refused, and so is an empty one."""
    path = write({"path": "a.wav"})
    refused(path, "it is no manifest of recordings, supervisions or cuts", kind="lhotse")
    (path.parent / "bad").write_text("{bad")
    refused(path.parent / "bad", "line 1: it is not JSON", kind="lhotse")
    assert ["a.wav"] == [item.id for item in items(path)]


# WebDataset


@pytest.fixture
def shard(tmp_path):
    """Return a function that writes a tar archive."""

    def write(members, name="shard-000000.tar", kind=tarfile.USTAR_FORMAT):
        with tarfile.open(tmp_path / name, "w", format=kind) as archive:
            for member, content in members:
                information = tarfile.TarInfo(member)
                information.size = len(content)
                archive.addfile(information, io.BytesIO(content))
        return tmp_path / name

    return write


SAMPLES = [
    ("000.flac", b"first audio"),
    ("000.json", b'{"text": "one"}'),
    ("000.cls", b"3"),
    ("a/001.txt", "é".encode()),
    ("a/001.wav", b"second"),
    ("a/001.npy", b"x"),
]


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_shard_is_read(shard, kind):
    """Members with the same key are a sample; its audio is read at its offset."""
    path = shard(SAMPLES, kind=kind)
    source = open_source(path)
    first, second = source.items()
    assert ("000", "shard-000000.tar/000.flac") == (first.id, first.source)
    assert ("a/001", "shard-000000.tar/a/001.wav") == (second.id, second.source)
    assert {"json": '{"text": "one"}', "cls": "3"} == first.columns
    assert {"txt": "é"} == second.columns
    assert [b"first audio", b"second"] == [
        path.read_bytes()[offset : offset + size] for offset, size in (first.member, second.member)
    ]
    assert [b"first audio", b"second"] == [input_of(each, None) for each in (first, second)]
    assert ("1 member without audio or text left out: 1 npy",) == source.notes


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_dangerous_names_are_only_ids(shard, kind):
    """Long names, absolute names and dots are ids; no file of such a name is opened."""
    names = ["/etc/passwd", "../up", "d" * 300, "é" * 60]
    path = shard([(f"{name}.wav", name.encode()) for name in names], kind=kind)
    found = items(path)
    assert names == [item.id for item in found]
    assert {str(path)} == {item.path for item in found}
    assert [name.encode() for name in names] == [input_of(item, None) for item in found]


def test_shards_are_found_by_braces_and_patterns(shard, tmp_path):
    """Several shards are one source."""
    for number in range(3):
        shard([(f"{number}.wav", b"x")], f"s-{number:03d}.tar")
    shard([("t.wav", b"x")], "t.tar")
    for pattern in ("s-{000..002}.tar", "s-*.tar", "{s-00[0-1],s-002}.tar"):
        found = items(f"{tmp_path}/{pattern}")
        assert ["0", "1", "2"] == [item.id for item in found]
        assert "s-002.tar/2.wav" == found[2].source
    refused(f"{tmp_path}/s-{{000..003}}.tar", "s-003.tar: there is no such archive: check the nam")
    refused(f"{tmp_path}/u*.tar", "no archive has such a name: check the pattern.")
    refused(f"{tmp_path}/{{3..1}}.tar", "the range 3..1 is not valid: write it as 000..009")
    refused(f"{tmp_path}/{{1..999}}{{1..999}}.tar", "it means more than 100000 names: use fewer.")
    refused(f"{tmp_path}/none/*.tar", "there is no such folder: check the pattern.")
    (tmp_path / "z.tar").write_bytes(gzip.compress((tmp_path / "t.tar").read_bytes()))
    refused(f"{tmp_path}/{{t,z}}.tar", "z.tar: it is a compressed tar archive: decompress it first")


def test_several_audio_members_need_a_choice(shard):
    """The extension of the audio is chosen as a column."""
    path = shard([("a.near.wav", b"1"), ("a.far.wav", b"2"), ("b.near.wav", b"3")])
    assert ["shard-000000.tar/a: there are several files of audio, near.wav, far.wav: choose"] == [
        problem[:79] for problem in problems(path)
    ]
    (problem,) = problems(path, column="far.wav")
    assert "shard-000000.tar/b: there is no member .far.wav, only near.wav: add it, or" in problem
    assert "shard-000000.tar/a.near.wav" == items(path, column="near.wav")[0].source


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            [("a.txt", b"x")],
            "shard-000000.tar/a: there is no audio, only txt: add it, or leave the",
        ),
        ([("a.wav", b"x"), ("a.wav", b"y")], "the member a.wav is given twice: write the shard ag"),
        ([("a.wav", b"x"), ("a.txt", b"\xe9")], "a.txt: the byte 0xe9 is not UTF-8: write the te"),
        ([("a\n.wav", b"x")], "shard-000000.tar/a\\n: the key is not printable: rename the member"),
        ([("README", b"x")], "shard-000000.tar: the shard has no samples: leave it out."),
        ([], "the shard has no samples: leave it out."),
    ],
)
def test_bad_samples_are_told(shard, members, expected):
    """Each problem names the shard and the key."""
    (problem,) = problems(shard(members), kind="webdataset")
    assert expected in problem


def test_texts_and_samples_are_limited(shard, monkeypatch):
    """A text and the members of a key are held in memory."""
    monkeypatch.setattr("netencoders_corpus.sources.webdataset.MAX_LINE", 3)
    (problem,) = problems(shard([("a.wav", b"xxxxx"), ("a.txt", b"xxxx")]))
    assert "a.txt: the text has more than 3 bytes: leave it out of the shard." in problem
    (problem,) = problems(shard([(f"a.{number}", b"") for number in range(1002)]))
    assert "the key a has more than 1000 members: divide it." in problem


def test_shard_that_vanishes_is_told(shard):
    """A shard that cannot be read is named."""
    path = shard(SAMPLES)
    source = open_source(path)
    path.unlink()
    (problem,) = source.items()
    assert (
        "shard-000000.tar",
        "it cannot be read: No such file or directory: check the path.",
    ) == (problem)


def damaged(content, place, value):
    """Return an archive with other bytes at a place."""
    return content[:place] + value + content[place + len(value) :]


def header(member, kind=tarfile.REGTYPE, size=0, content=b""):
    """Return the header of a member, and its content."""
    information = tarfile.TarInfo(member)
    information.type, information.size = kind, size
    return information.tobuf(tarfile.GNU_FORMAT) + content.ljust(
        -(-len(content) // 512) * 512, b"\0"
    )


END = bytes(1024)
PAX = tarfile.XHDTYPE


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (header("a.wav"), "it ends at byte 512 without the mark of its end: copy the archive ag"),
        (header("a.wav") + b"x" * 512, "the header at byte 512 is damaged: invalid header: copy t"),
        (header("a.wav", size=2000) + END, "the member at byte 0 has 2000 bytes, and the archive"),
        (header("a.wav") + END + b"x", "there are bytes behind its end at byte 512, perhaps a sec"),
        (header("a.wav", tarfile.SYMTYPE) + END, "the member at byte 0 is a link or a device: wri"),
        (header("a.wav", tarfile.GNUTYPE_SPARSE) + END, "is sparse: write the archive without"),
        (header("p", PAX, 5, b"x y=z") + END, "an extended header is damaged: copy the archive"),
        (header("p", PAX, 12, b"99 path=abc\n") + END, "an extended header is damaged"),
        (header("p", PAX, 10, b"10 size=x\n") + END, "an extended header has the size 'x': copy"),
        (header("g", tarfile.XGLTYPE, 9, b"9 size=9\n") + END, "a header for all members names"),
        (header("p", PAX, 22, b"22 GNU.sparse.major=1\n") + END, "is sparse: write the archive"),
        (header("p", PAX, 10, b"10 size=9\n") + header("a.wav") + END, "has 9 bytes"),
        (header("p", PAX, 2 << 20) + bytes(2 << 20) + END, "the extended header at byte 0 is too"),
    ],
)
def test_damaged_archives_are_told(tmp_path, content, expected):
    """Damage is an error with its place: no member is left out in silence."""
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    found = problems(path)
    if "has 9 bytes" in expected:
        assert 9 == items(path)[0].member[1]
    else:
        assert expected in found[0]


def test_folders_and_shared_headers_are_skipped(tmp_path):
    """Folders are no members; a header for all members may have a comment."""
    path = tmp_path / "a.tar"
    shared = header("g", tarfile.XGLTYPE, 14, b"14 comment=ab\n")
    folder = header("d", tarfile.DIRTYPE)
    link = header("l", tarfile.GNUTYPE_LONGLINK, 3, b"abc")
    path.write_bytes(shared + folder + link + header("d/a.wav", size=2, content=b"hi") + END)
    (item,) = items(path)
    assert ("d/a", b"hi") == (item.id, input_of(item, None))
