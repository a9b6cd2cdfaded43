"""The presets, compared with the installed libraries by ``pytest -m parity``; all must be there."""

import numpy as np
import pytest
from models.golden import encode, error, kind_of, load, outcome, picked
from models.libraries import evaluate, vocos
from models.signals import KINDS, signal
from models.table import BAR, MODELS

from netencoders import EncodeError, NetEncoder
from netencoders_audio import Audio

# At their first use, numba compiles functions of librosa, which takes time.
pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]


def name(row):
    """Return the name of a row's test."""
    return row.name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", MODELS, ids=name)
def test_presets_give_the_arrays_of_libraries(row, kind):
    """The preset and the golden array agree with the installed library, or as the table states."""
    array = outcome(row, kind)
    encoder = NetEncoder(row.preset)
    if kind not in row.edges:
        largest = float(np.abs(array).max(initial=0))
        assert array.shape == encode(encoder, row, kind).shape
        assert error(encode(encoder, row, kind), array, largest) <= BAR
        values = load()[f"{row.name} {kind} values"]
        assert error(picked(array, kind), values, largest) <= BAR
        return
    edge = row.edges[kind]
    assert edge.theirs == ("error" if isinstance(array, str) else kind_of(array))
    if edge.ours == "refused":
        with pytest.raises(EncodeError, match="shorter than one partition"):
            encode(encoder, row, kind)
    elif edge.ours == "zeros":
        assert array.shape == encode(encoder, row, kind).shape
        assert not encode(encoder, row, kind).any()
    else:
        assert np.isfinite(encode(encoder, row, kind)).all()


def test_vocos_has_rounding_noise_in_float32():
    """In float32, Vocos differs from itself in float64 where resampled speech has no sound."""
    speech = signal("speech", 24000)
    exact = vocos(speech).numpy()
    assert error(vocos(speech, "float32").numpy(), exact, np.abs(exact).max()) > 100 * BAR


# Their libraries cut long recordings.
CUT = ("Whisper", "WhisperLargeV3", "AST", "Gemma4", "UnivNet", "MusicGenChroma")


@pytest.mark.parametrize(
    "row",
    [row for row in MODELS if row.preset in CUT and row.label != "Qwen3ASR"],
    ids=name,
)
def test_longer_recordings_are_cut_as_by_the_library(row):
    """Recordings longer than the array of a preset are cut at the place where the library cuts.

    Qwen3ASRFeatureExtractor does not cut: docs/models.md says so.
    """
    encoder = NetEncoder(row.preset)
    rate = encoder.resolved["SampleRate"]
    samples = np.tile(signal("speech", rate), 14)
    array = evaluate(row, samples)
    ours = encoder(Audio(samples, rate))
    assert array.shape == ours.shape
    assert error(ours, array, np.abs(array).max()) <= BAR


# For these numbers of samples, their classes fill up the rows of one recording.
FILLED = {"SeamlessM4T": (720, 2479, 16160), "Gemma4": (257, 1600, 16160)}


@pytest.mark.parametrize("row", [row for row in MODELS if row.preset in FILLED], ids=name)
def test_rows_that_are_filled_up_are_left_out(row):
    """The preset gives the rows that the mask of the library keeps."""
    encoder = NetEncoder(row.preset)
    for length in FILLED[row.preset]:
        samples = signal("noise", 16000)[:length]
        array = evaluate(row, samples)
        ours = encoder(Audio(samples, 16000))
        assert array.shape == ours.shape
        assert error(ours, array, np.abs(array).max()) <= BAR
