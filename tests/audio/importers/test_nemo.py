"""The section preprocessor of NeMo's model_config.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import ConfigError, NetEncoder

TARGET = "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor"

# The section of a model as it is published: parakeet-ctc-0.6b.
PUBLISHED = f"""
sample_rate: 16000
preprocessor:
  _target_: {TARGET}
  sample_rate: 16000
  normalize: per_feature
  window_size: 0.025
  window_stride: 0.01
  window: hann
  features: 80
  n_fft: 512
  log: true
  frame_splicing: 1
  dither: 1.0e-05
  pad_to: 0
  pad_value: 0.0
encoder:
  _target_: nemo.collections.asr.modules.ConformerEncoder
  feat_in: 80
"""


def expected(**changes: Any) -> NetEncoder:
    """Return the encoder of the published section, with other parameters."""
    parameters = {
        "SignalPreEmphasis": 0.97,
        "WindowSize": 400,
        "Offset": 160,
        "FFTLength": 512,
        "WindowPlacement": "Center",
        "WindowFunction": "hann_symmetric",
        "PartitionPadding": [256, 96, "Zero"],
        "NumberOfFilters": 80,
        "MelScale": "Slaney",
        "FilterNormalization": "Slaney",
        "EmptyFilters": "Zero",
        **changes,
    }
    return (
        NetEncoder("AudioMelSpectrogram", **parameters)
        .then("Log", Floor=0, Offset=2**-24)
        .then("Standardize", Ddof=1, Epsilon=1e-5)
        .then("Transpose")
    )


def imported(**changes: Any) -> NetEncoder:
    """Return the encoder of a section with the window and the transform of most models."""
    section = {"_target_": TARGET, "window_size": 0.025, "n_fft": 512, "features": 80}
    return NetEncoder.from_config({"preprocessor": {**section, **changes}})


def test_published_section_gives_the_declared_encoder(tmp_path: Path) -> None:
    """The file, its folder, the section alone and a training config give the same encoder."""
    (tmp_path / "model_config.yaml").write_text(PUBLISHED)
    assert expected().digest == NetEncoder.from_config(tmp_path).digest
    assert expected().digest == NetEncoder.from_config(tmp_path / "model_config.yaml").digest
    (tmp_path / "train.yaml").write_text("model:" + PUBLISHED.replace("\n", "\n  "))
    assert expected().digest == NetEncoder.from_config(tmp_path / "train.yaml").digest
    section = {"_target_": TARGET, "window_size": 0.025, "n_fft": 512, "features": 80}
    assert expected().digest == NetEncoder.from_config(section).digest


def test_defaults_are_those_of_the_class() -> None:
    """The class has a window of 20 ms, a transform of 512 samples, and 64 features."""
    encoder = NetEncoder.from_config({"_target_": TARGET})
    assert expected(WindowSize=320, NumberOfFilters=64).digest == encoder.digest


VALUES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"sample_rate": 8000, "n_fft": None}, {"SampleRate": 8000, "FFTLength": 256}),
    ({"window_size": None, "n_window_size": 320}, {"WindowSize": 320}),
    (
        {"window_stride": None, "n_window_stride": 128},
        {"Offset": 128, "PartitionPadding": (256, 128, "Zero")},
    ),
    ({"window": "hamming"}, {"WindowFunction": "hamming_symmetric"}),
    ({"window": "none"}, {"WindowFunction": "boxcar"}),
    ({"preemph": None}, {"SignalPreEmphasis": 0.0}),
    (
        {"lowfreq": 20, "highfreq": 7600},
        {"MinimumFrequency": 20.0, "MaximumFrequency": 7600.0},
    ),
    ({"mag_power": 1.0}, {"Power": 1}),
    ({"mel_norm": None}, {"FilterNormalization": None}),
]


@pytest.mark.parametrize(("changes", "values"), VALUES)
def test_field_sets_its_parameters(changes: dict[str, Any], values: dict[str, Any]) -> None:
    """Another value of a field sets the parameters that declare it."""
    found = imported(**changes).resolved
    assert values == {name: found[name] for name in values}


EPS = float(np.finfo(np.float32).eps)
LAYERS: list[tuple[dict[str, Any], int, str]] = [
    (
        {"log_zero_guard_type": "clamp", "log_zero_guard_value": 1e-9},
        0,
        'NetLayer("Log", Floor=1e-09)',
    ),
    ({"log_zero_guard_value": "eps"}, 0, f'NetLayer("Log", Floor=0.0, Offset={EPS})'),
    ({"normalize": "all_features"}, 1, 'NetLayer("Standardize", Axis=None, Ddof=1)'),
    ({"normalize": "NA"}, 1, 'NetLayer("Transpose")'),
    ({"normalize": None}, 1, 'NetLayer("Transpose")'),
    ({"log": False}, 0, 'NetLayer("Standardize", Ddof=1)'),
]


@pytest.mark.parametrize(("changes", "place", "layer"), LAYERS)
def test_field_sets_its_layer(changes: dict[str, Any], place: int, layer: str) -> None:
    """Another value of a field changes a layer, or leaves it out."""
    assert layer == repr(imported(**changes).layers[place])


@pytest.mark.parametrize(
    "changes",
    [
        {"dither": 1e-5, "rng": None},
        {"pad_to": 16, "pad_value": 1.0},
        {"nb_augmentation_prob": 0.1, "nb_max_freq": 4000},
        {"stft_conv": True},
    ],
)
def test_fields_of_training_and_of_batches_have_no_effect(changes: dict[str, Any]) -> None:
    """Noise of training, and rows after the valid ones, do not change the encoder."""
    assert expected().digest == imported(**changes).digest


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"_target_": f"{TARGET[:-33]}AudioToMFCCPreprocessor"}, r"'_target_' must be 'nemo\.coll"),
    ({"_target_": "mine.AudioToMelSpectrogramPreprocessor"}, r"'_target_' must be .* Got 'mine\.A"),
    ({"features": "${feat}"}, r"'features' must be a value\. Got '\$\{feat\}': write the value"),
    ({"exact_pad": True}, r"'exact_pad' must be False\. Got True\. Versions of NeMo differ"),
    ({"stft_exact_pad": True}, r"'stft_exact_pad' must be False\. Got True"),
    ({"use_torchaudio": True}, r"'use_torchaudio' must be False\. Got True\. It is another class"),
    ({"frame_splicing": 3}, r"'frame_splicing' must be 1\. Got 3\. Frames that are joined"),
    ({"normalize": {"fixed_mean": [1]}}, r"'normalize' must be 'per_feature', .* Fixed means are"),
    ({"mag_power": 3}, r"'mag_power' must be 2 or 1\. Got 3"),
    ({"log_zero_guard_value": "tiny"}, r"'log_zero_guard_value' must be 'eps' or .* too small"),
    ({"n_window_size": 400}, r"one of 'window_size' and 'n_window_size' must be set, .* 0\.025 an"),
    ({"window_stride": None}, r"one of 'window_stride' and 'n_window_stride' must be set, and the"),
    ({"window_size": 1e-6}, r"'window_size' must give at least 1 sample\. Got 1e-06 s"),
    ({"n_fft": 511}, r"'n_fft' must be even: the library rounds its half\. Got 511"),
    ({"sample_rate": 11025}, r"'sample_rate' must be even: the library rounds its half"),
    ({"n_fft": 256}, r"the encoder that the config declares is refused\. .*FFTLength"),
    ({"hop": 160}, r"unknown field 'hop' of AudioToMelSpectrogramPreprocessor\."),
]


@pytest.mark.parametrize(("changes", "message"), WRONG)
def test_field_that_cannot_be_honoured_is_refused(changes: dict[str, Any], message: str) -> None:
    """An unknown field, a wrong type, a reference and a value without an encoder are refused."""
    with pytest.raises(ConfigError, match=message):
        imported(**changes)


def test_references_are_listed_with_the_other_problems() -> None:
    """One error names the references, and the other fields that are refused."""
    with pytest.raises(ConfigError, match="2 problems") as caught:
        imported(features="${model.features}", exact_pad=True)
    assert ["features", "exact_pad"] == [field for field, _ in caught.value.problems]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"preprocessor": {"features": 80}},
            r"'preprocessor' has no '_target_', the name of the c",
        ),
        (
            {"preprocessor": {"_target_": "os.system"}},
            r"the class 'os\.system' of '_target_' is not",
        ),
    ],
)
def test_other_classes_are_refused_by_name(config: dict[str, Any], message: str) -> None:
    """A section without a class, or of another class, is refused with the reason."""
    with pytest.raises(ConfigError, match=message):
        NetEncoder.from_config(config)
