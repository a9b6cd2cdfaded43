"""Statistics: the moments of all frames, equal for any number of workers and shards' format."""

import numpy as np
import pytest
from corpora import ENCODER, make_folder

from netencoders import NetEncoder
from netencoders_corpus import Corpus, CorpusError, encode, shards, statistics

pytest.importorskip("pyarrow")


def test_moments_are_those_of_all_frames(tmp_path, monkeypatch):
    """Mean and deviation are those of numpy over all frames, joined over several shards."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 9_000)
    folder, out = make_folder(tmp_path / "in"), tmp_path / "out"
    encode(ENCODER, folder, out)
    found = statistics(out)
    rows = np.concatenate([*Corpus(out).arrays()]).astype(np.float64)
    assert len(rows) == found.count
    np.testing.assert_allclose(found.mean, rows.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.deviation, rows.std(axis=0), rtol=1e-12)


def test_bits_do_not_depend_on_workers_or_the_format(tmp_path):
    """Workers and formats give the same bits."""
    folder = make_folder(tmp_path / "in")
    found = []
    for name, options in (("a", {"workers": 1}), ("b", {"workers": 2}), ("c", {"format": "npy"})):
        encode(ENCODER, folder, tmp_path / name, **options)
        found.append(statistics(tmp_path / name))
    assert 1 == len({each.mean.tobytes() + each.squares.tobytes() for each in found})


@pytest.mark.parametrize("name", ["Audio", "AudioMelSpectrogram"])
def test_statistics_of_other_forms(tmp_path, name):
    """A waveform has one mean; the arrays are written as .npz."""
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    encoder = NetEncoder(name, SampleRate=8000)
    encode(encoder, folder, out, workers=1)
    found = statistics(out)
    found.write(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as arrays:
        assert ["count", "deviation", "mean", "squares"] == sorted(arrays)
        np.testing.assert_array_equal(found.mean, arrays["mean"])
    rows = np.concatenate([found.encoder()(path) for path in folder.glob("?/*.wav")])
    np.testing.assert_allclose(rows.astype(np.float64).mean(axis=0), 0, atol=1e-4)


def test_constant_features_have_the_factor_1(tmp_path):
    """A feature without deviation is only shifted."""
    folder, out = make_folder(tmp_path / "in", 3), tmp_path / "out"
    encode(ENCODER.then("Affine", Factor=[0.0] + [1.0] * 12), folder, out)
    found = statistics(out)
    assert 0 == found.deviation[0]
    assert 1 == found.encoder().layers[-1].resolved["Factor"][0]


def test_file_of_statistics_is_not_replaced(tmp_path):
    """An existing file is an error with the path; with `force` it is replaced."""
    encode(ENCODER, make_folder(tmp_path / "in", 1), tmp_path / "out")
    path = tmp_path / "made.npz"
    statistics(tmp_path / "out").write(path)
    with pytest.raises(FileExistsError, match=r"made.npz: it exists already. .* force=True"):
        statistics(tmp_path / "out").write(path)
    statistics(tmp_path / "out").write(path, force=True)


def test_statistics_that_do_not_exist_are_errors(tmp_path):
    """Features first, no rows and no frames are named."""
    folder = make_folder(tmp_path / "in", 3)
    encode(ENCODER.then("Transpose"), folder, tmp_path / "a")
    with pytest.raises(CorpusError, match="the frames are not the first dimension"):
        statistics(tmp_path / "a")
    for path in folder.glob("?/*.wav"):
        path.unlink()
    encode(ENCODER, folder, tmp_path / "b")
    with pytest.raises(CorpusError, match="it has no frames, so there is nothing to measure"):
        statistics(tmp_path / "b")
    (folder / "broken.wav").unlink()
    (folder / "x.txt").touch()
    from netencoders_corpus import Part

    encode(ENCODER, make_folder(tmp_path / "c", 1), tmp_path / "d", part=Part(2, 9))
    with pytest.raises(CorpusError, match="it has no rows yet"):
        statistics(tmp_path / "d")
