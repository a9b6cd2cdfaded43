"""Sources on files that other libraries write: Lhotse, WebDataset, datasets, pandas, polars."""

import json

import numpy as np
import pytest
import soundfile

from netencoders import NetEncoder
from netencoders_audio import Audio
from netencoders_corpus import Corpus, Problem, SourceError, encode, open_source
from netencoders_corpus.items import input_of

# Readers of the libraries leave files open.
pytestmark = [
    pytest.mark.corpora,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

RATE = 16000
ENCODER = NetEncoder("AudioSpectrogram", SampleRate=RATE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, with three recordings of one or two channels."""
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        noise = np.random.default_rng(number).normal(0, 0.1, (RATE, 1 + number % 2))
        soundfile.write(f"{number}.wav", noise, RATE, subtype="PCM_16")
    return tmp_path


def items(path, **options):
    """Return the items of a source; a problem fails."""
    found = list(open_source(path, **options).items())
    assert [] == [item for item in found if isinstance(item, Problem)]
    return found


def recordings():
    """Return the recordings as Lhotse reads them."""
    from lhotse import Recording, RecordingSet

    return RecordingSet.from_recordings(Recording.from_file(f"{number}.wav") for number in range(3))


def supervisions(times):
    """Return a supervision of each recording."""
    from lhotse import SupervisionSegment, SupervisionSet

    return SupervisionSet.from_segments(
        SupervisionSegment(
            f"s{number}", str(number), start, duration, channel=number % 2, text=f"text {number}"
        )
        for number, (start, duration) in enumerate(times)
    )


@pytest.mark.parametrize(
    "times", [[(0.1, 0.2), (0.3, 0.3), (0.7, 0.1)], [(0.00004, 0.50105), (0.12345, 0.23457)]]
)
def test_cuts_of_lhotse_have_its_samples(folder, times):
    """The array of each cut is that of the samples that Lhotse loads."""
    from lhotse import CutSet

    cuts = CutSet.from_manifests(recordings=recordings(), supervisions=supervisions(times))
    whole, parts = cuts.to_eager(), cuts.trim_to_supervisions(keep_all_channels=False).to_eager()
    for number, chosen in enumerate((whole, parts)):
        path = f"cuts{number}.jsonl.gz"
        chosen.to_file(path)
        found = items(path)
        assert [cut.id for cut in chosen] == [item.id for item in found]
        for cut, item in zip(chosen, found, strict=True):
            samples = cut.load_audio()
            expected = ENCODER(Audio(samples.T, RATE, channels=len(samples)))
            np.testing.assert_array_equal(expected, ENCODER(input_of(item, ENCODER)))


def test_manifests_of_lhotse_are_read(folder):
    """Recordings, and supervisions beside them, have their ids and texts."""
    recordings().to_file("x_recordings_dev.jsonl.gz")
    supervisions([(0.1, 0.2)] * 3).to_file("x_supervisions_dev.jsonl.gz")
    assert ["0", "1", "2"] == [item.id for item in items("x_recordings_dev.jsonl.gz")]
    found = items("x_supervisions_dev.jsonl.gz")
    assert [("s0", 0.1, 0.3, "text 0"), ("s1", 0.1, 0.3, "text 1"), ("s2", 0.1, 0.3, "text 2")] == [
        (item.id, item.start, item.stop, item.columns["text"]) for item in found
    ]


def test_other_formats_of_lhotse(folder):
    """A JSON array is read; YAML and shar are refused, and their remedies give the same items."""
    from lhotse import CutSet

    cuts = CutSet.from_manifests(recordings=recordings())
    cuts.to_file("cuts.json")
    expected = [(cut.id, cut.recording.sources[0].source) for cut in cuts]
    assert expected == [(item.id, item.source) for item in items("cuts.json")]
    cuts.to_file("cuts.yaml")
    with pytest.raises(SourceError, match=r"`lhotse copy cuts.yaml cuts.jsonl.gz`\."):
        open_source("cuts.yaml")
    CutSet.from_file("cuts.yaml").to_file("cuts.jsonl.gz")
    assert expected == [(item.id, item.source) for item in items("cuts.jsonl.gz")]
    (folder / "shar").mkdir()
    cuts.to_shar("shar", fields={"recording": "wav"}, shard_size=2)
    with pytest.raises(SourceError, match=r"CutSet.from_shar\(in_dir=...\).save_audios\(FOLDER\)"):
        open_source("shar")
    CutSet.from_shar(in_dir="shar").save_audios("saved")
    assert 3 == len(items("saved"))


def test_changed_cuts_of_lhotse_are_refused(folder):
    """Speed, resampling, padding, mixing and memory are refused with the id of the cut."""
    from lhotse import CutSet

    first, _, third = CutSet.from_manifests(recordings=recordings())
    changed = [
        (first.perturb_speed(1.1), "its recording has transforms (Speed)"),
        (first.resample(8000), "its recording has transforms (Resample)"),
        (first.perturb_volume(2.0), "its recording has transforms (Volume)"),
        (first.pad(3.0), "it is a MixedCut"),
        (first.mix(third), "it is a MixedCut"),
    ]
    for number, (cut, expected) in enumerate(changed):
        path = f"{number}.jsonl"
        CutSet.from_cuts([cut]).to_file(path)
        (problem,) = open_source(path).items()
        assert f"cut {cut.id}: {expected}" in problem.text


def test_shards_of_webdataset_are_read(folder):
    """Keys, texts and audio are those that WebDataset gives."""
    import webdataset

    with webdataset.ShardWriter("train-%06d.tar", maxcount=2, verbose=0) as writer:
        for number in range(3):
            with open(f"{number}.wav", "rb") as file:
                sample = {"__key__": f"a/{number}", "wav": file.read(), "cls": number}
            writer.write({**sample, "json": {"n": number}, "txt": f"text {number}"})
    found = items("train-{000000..000001}.tar")
    theirs = list(webdataset.WebDataset("train-{000000..000001}.tar", shardshuffle=False))
    assert [sample["__key__"] for sample in theirs] == [item.id for item in found]
    for number, (sample, item) in enumerate(zip(theirs, found, strict=True)):
        assert sample["wav"] == input_of(item, None)
        assert str(number) == item.columns["cls"] == sample["cls"].decode()
        assert f"text {number}" == item.columns["txt"]
        assert {"n": number} == json.loads(item.columns["json"])


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_audio_folders_are_read_like_datasets(folder, kind):
    """Files and columns are those of the builder audiofolder."""
    import datasets
    import pandas

    table = pandas.DataFrame(
        {"file_name": [f"{number}.wav" for number in range(3)], "text": ["a, b", 'c "d"', "é"]}
    )
    if kind == "csv":
        table.to_csv("metadata.csv", index=False)
    elif kind == "jsonl":
        table.to_json("metadata.jsonl", orient="records", lines=True)
    else:
        table.to_parquet("metadata.parquet", index=False)
    # Its examples before it encodes them, which needs torchcodec.
    builder = datasets.load_dataset_builder("audiofolder", data_dir=str(folder))
    (split,) = builder._split_generators(datasets.StreamingDownloadManager())
    theirs = [example for _, example in builder._generate_examples(**split.gen_kwargs)]
    assert [(row["audio"], row["text"]) for row in theirs] == [
        (item.path, item.columns["text"]) for item in items(folder)
    ]


@pytest.mark.parametrize("name", ["m.csv", "m.tsv", "m.jsonl", "m.parquet"])
def test_tables_of_pandas_are_read(folder, name):
    """Quotes, line ends, numbers and missing values come back."""
    import pandas

    texts = ['a "b", c', "two\nlines", "tab\there"]
    table = pandas.DataFrame({"path": ["0.wav", "1.wav", "2.wav"], "text": texts})
    if name.endswith("sv"):
        table.to_csv(name, index=False, sep="\t" if name == "m.tsv" else ",")
    elif name == "m.jsonl":
        table.to_json(name, orient="records", lines=True)
    else:
        table.to_parquet(name)
    assert texts == [item.columns["text"] for item in items(name)]
    assert ["0.wav", "1.wav", "2.wav"] == [item.id for item in items(name)]


def test_exports_of_datasets_are_read(folder):
    """A dataset with paths is read from JSON lines and Parquet."""
    import datasets

    made = datasets.Dataset.from_dict({"file": ["0.wav", "1.wav"], "n": [1, None]})
    made.to_json("d.jsonl")
    made.to_parquet("d.parquet")
    for name in ("d.jsonl", "d.parquet"):
        assert [("0.wav", 1), ("1.wav", None)] == [
            (item.id, item.columns["n"]) for item in items(name)
        ]


def test_bytes_of_datasets_are_read(folder):
    """Parquet that datasets writes with the bytes of files, of several shards, and with paths."""
    import datasets

    audio = datasets.Audio(decode=False)
    content = [(folder / f"{number}.wav").read_bytes() for number in range(3)]
    stored = [{"bytes": data, "path": f"{number}.wav"} for number, data in enumerate(content)]
    made = datasets.Dataset.from_dict({"audio": stored, "n": [0, 1, 2]})
    for shard in range(2):
        part = made.cast_column("audio", audio).shard(2, shard)
        part.to_parquet(f"train-{shard}-of-2.parquet", batch_size=1)
    found = items("train-*-of-2.parquet")
    assert [(f"{n}.wav", n) for n in range(3)] == [(item.id, item.columns["n"]) for item in found]
    assert content == [input_of(item, ENCODER) for item in found]
    report = encode(ENCODER, "train-*-of-2.parquet", "out")
    assert (3, {}) == (report.done, report.failed)
    for number, row in enumerate(Corpus("out")):
        np.testing.assert_array_equal(ENCODER(f"{number}.wav"), row.array)
    paths = datasets.Dataset.from_dict({"audio": [f"{folder}/0.wav", f"{folder}/1.wav"]})
    paths.cast_column("audio", audio).to_parquet("paths.parquet")
    assert [("0.wav", None), ("1.wav", None)] == [
        (item.id, item.embedded) for item in items("paths.parquet")
    ]


def test_manifest_like_that_of_nemo_is_read(folder):
    """Scripts of NeMo write JSON lines by json.dump, with the duration of each file."""
    with open("train_manifest.json", "w", encoding="utf-8") as file:
        for number in range(3):
            path = f"{folder}/{number}.wav"
            row = {"audio_filepath": path, "duration": soundfile.info(path).duration, "text": "é"}
            json.dump(row, file)
            file.write("\n")
    found = items("train_manifest.json")
    assert [("0.wav", 1.0), ("1.wav", 1.0), ("2.wav", 1.0)] == [
        (item.id, item.columns["stated_duration"]) for item in found
    ]
