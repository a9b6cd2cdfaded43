"""Imported encoders, compared with the classes that their configs are for by ``pytest -m parity``.

For each config: three seconds of speech, an odd length, noise, a clip that is shorter than a
partition, and silence. The error is a share of full scale, the largest magnitude of the library's
array.
"""

import importlib
import math
from pathlib import Path

import numpy as np
import pytest

from netencoders import EncodeError, NetEncoder
from netencoders_audio import Audio

pytestmark = [pytest.mark.parity, pytest.mark.timeout(600)]

RECORDING = Path(__file__).parents[1] / "data" / "speech_16k_mono.wav"
TOLERANCE = 1e-4
SILENT = 1e-5  # the smallest full scale: a smaller one is that of rounding noise

MODULES = {
    "WhisperFeatureExtractor": "whisper",
    "ParakeetFeatureExtractor": "parakeet",
    "Gemma3nAudioFeatureExtractor": "gemma3n",
    "Gemma4AudioFeatureExtractor": "gemma4",
    "Speech2TextFeatureExtractor": "speech_to_text",
    "SeamlessM4TFeatureExtractor": "seamless_m4t",
    "ASTFeatureExtractor": "audio_spectrogram_transformer",
    "Wav2Vec2FeatureExtractor": "wav2vec2",
    "EncodecFeatureExtractor": "encodec",
    "DacFeatureExtractor": "dac",
    "SpeechT5FeatureExtractor": "speecht5",
    "UnivNetFeatureExtractor": "univnet",
    "ClapFeatureExtractor": "clap",
    "Pop2PianoFeatureExtractor": "pop2piano",
    "MusicgenMelodyFeatureExtractor": "musicgen_melody",
}
# The mask of the valid rows, for classes that fill up the rows or zero the last one.
MASKS = {
    "ParakeetFeatureExtractor": "attention_mask",
    "SeamlessM4TFeatureExtractor": "attention_mask",
    "Gemma4AudioFeatureExtractor": "input_features_mask",
}
# Differences of equal values, which the class divides by their deviation: rounding noise or NaN.
NOISE_OF_SILENCE = {"ParakeetFeatureExtractor", "Speech2TextFeatureExtractor"}
NOISE_OF_SILENCE |= {"SeamlessM4TFeatureExtractor"}

CASES = [
    ("WhisperFeatureExtractor", None, {}),
    ("WhisperFeatureExtractor", None, {"feature_size": 128}),
    ("WhisperFeatureExtractor", None, {"chunk_length": 5, "hop_length": 200, "n_fft": 512}),
    (
        "WhisperFeatureExtractor",
        None,
        {"sampling_rate": 24000, "n_fft": 600, "hop_length": 240, "chunk_length": 2},
    ),
    ("ParakeetFeatureExtractor", None, {}),
    ("ParakeetFeatureExtractor", None, {"preemphasis": None, "hop_length": 128}),
    (
        "ParakeetFeatureExtractor",
        None,
        {"win_length": 512, "n_fft": 1024, "hop_length": 256, "feature_size": 128},
    ),
    ("Gemma3nAudioFeatureExtractor", None, {}),
    (
        "Gemma3nAudioFeatureExtractor",
        None,
        {"feature_size": 40, "fft_overdrive": False, "input_scale_factor": 4.0, "mel_floor": 1e-3},
    ),
    ("Gemma4AudioFeatureExtractor", None, {}),
    (
        "Gemma4AudioFeatureExtractor",
        None,
        {"preemphasis": 0.97, "fft_overdrive": True, "input_scale_factor": 2.0},
    ),
    (
        "Gemma4AudioFeatureExtractor",
        None,
        {
            "feature_size": 8,
            "per_bin_mean": list(range(8)),
            "per_bin_stddev": [2.0] * 8,
            "min_frequency": 125.0,
            "max_frequency": 7600.0,
        },
    ),
    ("Speech2TextFeatureExtractor", None, {}),
    (
        "Speech2TextFeatureExtractor",
        None,
        {"num_mel_bins": 40, "feature_size": 40, "normalize_vars": False},
    ),
    ("Speech2TextFeatureExtractor", None, {"normalize_means": False}),
    ("Speech2TextFeatureExtractor", None, {"do_ceptral_normalize": False}),
    ("SeamlessM4TFeatureExtractor", None, {}),
    ("SeamlessM4TFeatureExtractor", None, {"num_mel_bins": 64, "feature_size": 64}),
    ("SeamlessM4TFeatureExtractor", None, {"sampling_rate": 24000, "padding_value": 1}),
    ("ASTFeatureExtractor", None, {}),
    ("ASTFeatureExtractor", None, {"num_mel_bins": 64, "max_length": 99, "mean": 0.5, "std": 2.0}),
    ("ASTFeatureExtractor", None, {"do_normalize": False}),
    ("Wav2Vec2FeatureExtractor", None, {}),
    ("Wav2Vec2FeatureExtractor", None, {"do_normalize": False, "sampling_rate": 8000}),
    ("EncodecFeatureExtractor", None, {}),
    ("EncodecFeatureExtractor", None, {"sampling_rate": 32000, "chunk_length_s": 1.0}),
    ("DacFeatureExtractor", None, {}),
    ("DacFeatureExtractor", None, {"sampling_rate": 44100, "hop_length": 320}),
    ("SpeechT5FeatureExtractor", "Waveform", {}),
    ("SpeechT5FeatureExtractor", "Waveform", {"do_normalize": True}),
    ("SpeechT5FeatureExtractor", "Target", {}),
    (
        "SpeechT5FeatureExtractor",
        "Target",
        {
            "win_length": 50,
            "hop_length": 12,
            "win_function": "hamming_window",
            "fmin": 0,
            "fmax": 8000,
            "num_mel_bins": 40,
            "mel_floor": 1e-5,
        },
    ),
    ("UnivNetFeatureExtractor", None, {}),
    (
        "UnivNetFeatureExtractor",
        None,
        {"do_normalize": True, "compression_factor": 2.0, "num_mel_bins": 80, "fmax": 8000.0},
    ),
    (
        "UnivNetFeatureExtractor",
        None,
        {
            "sampling_rate": 16000,
            "win_length": 512,
            "filter_length": None,
            "hop_length": 128,
            "win_function": "hamming_window",
        },
    ),
    ("ClapFeatureExtractor", None, {}),
    ("ClapFeatureExtractor", None, {"truncation": "rand_trunc", "padding": "pad"}),
    (
        "ClapFeatureExtractor",
        None,
        {"sampling_rate": 32000, "max_length_s": 5, "feature_size": 32, "frequency_min": 50},
    ),
    ("Pop2PianoFeatureExtractor", None, {}),
    (
        "Pop2PianoFeatureExtractor",
        None,
        {"feature_size": 128, "window_size": 2048, "hop_length": 512, "sampling_rate": 16000},
    ),
    ("MusicgenMelodyFeatureExtractor", None, {}),
    (
        "MusicgenMelodyFeatureExtractor",
        None,
        {"sampling_rate": 16000, "n_fft": 4096, "hop_length": 1024},
    ),
]


def signals(rate):
    """Return the recordings at a sample rate, as float32.

    Speech that is resampled to a higher rate has no high frequencies: noise of a ten-thousandth of
    full scale fills them, as in a recording at that rate.
    """
    import soundfile
    from scipy.signal import resample_poly

    random = np.random.default_rng(0)
    recorded, _ = soundfile.read(RECORDING)
    divisor = math.gcd(rate, 16000)
    speech = resample_poly(recorded, rate // divisor, 16000 // divisor)[: 3 * rate]
    if rate > 16000:
        speech = speech + 1e-4 * random.standard_normal(len(speech))
    found = {
        "speech": speech,
        "odd": speech[: rate + 37],
        "noise": 0.1 * random.standard_normal(2 * rate),
        "clip": speech[rate : rate + rate // 80],
        "silence": np.zeros(rate),
    }
    return {name: samples.astype(np.float32) for name, samples in found.items()}


def extractor_class(name):
    """Return a class of transformers; its module does not need the libraries of other classes."""
    module = f"transformers.models.{MODULES[name]}.feature_extraction_{MODULES[name]}"
    return getattr(importlib.import_module(module), name)


def class_array(name, part, extractor, samples):
    """Return the array of the class for one recording, without the axis of the batch."""
    rate = extractor.sampling_rate
    if name == "Pop2PianoFeatureExtractor":
        return extractor.mel_spectrogram(samples[np.newaxis])[0]
    if part == "Target":
        return np.asarray(extractor(audio_target=samples, sampling_rate=rate)["input_values"][0])
    if name.startswith("Gemma"):
        result = extractor([samples])
    else:
        result = extractor(samples, sampling_rate=rate)
    array = np.asarray(
        result["input_features" if "input_features" in result else "input_values"][0]
    )
    if name in MASKS:
        array = array[: int(np.asarray(result[MASKS[name]][0]).sum())]
    return array[:, np.newaxis] if array.ndim == 1 else array


def assert_equal(expected, array, tolerance=TOLERANCE):
    """Check the shape, and the largest error as a share of full scale."""
    assert expected.shape == array.shape
    full_scale = max(np.abs(expected).max(), SILENT)
    assert np.abs(expected - array).max() / full_scale < tolerance


@pytest.mark.parametrize("signal", ["speech", "odd", "noise", "clip", "silence"])
@pytest.mark.parametrize(("name", "part", "fields"), CASES)
def test_imported_encoder_gives_the_array_of_the_class(name, part, fields, signal, tmp_path):
    """The config that the class writes gives an encoder with the arrays of the class."""
    extractor_class(name)(**fields).save_pretrained(tmp_path)
    extractor = extractor_class(name).from_pretrained(tmp_path)
    encoder = NetEncoder.from_config(tmp_path, part=part)
    samples = signals(extractor.sampling_rate)[signal]
    [array] = encoder.map([Audio(samples, extractor.sampling_rate)], on_error="return")
    if isinstance(array, EncodeError):
        # A clip without a whole partition; zeros that are divided by their deviation.
        assert (array.code, signal) in {("too-short", "clip"), ("non-finite", "silence")}
        return
    with np.errstate(all="ignore"):
        expected = class_array(name, part, extractor, samples)
    if signal == "silence" and name in NOISE_OF_SILENCE and fields.get("do_ceptral_normalize", 1):
        assert expected.shape == array.shape
        assert not array.any()
    elif not np.isfinite(expected).all():
        assert signal == "clip"  # the deviation of one partition
        assert expected.shape == array.shape
    else:
        assert_equal(expected, array)


def test_written_config_that_lost_a_field_is_refused(tmp_path):
    """The class writes frame_length, and reads frame_length_ms: the config gives other numbers."""
    extractor_class("Gemma4AudioFeatureExtractor")(frame_length_ms=32.0).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="'frame_length' must be 320"):
        NetEncoder.from_config(tmp_path)


# Options of Kaldi, and the names of kaldi-native-fbank.
NAMES = {
    "sample-frequency": "frame_opts.samp_freq",
    "frame-length": "frame_opts.frame_length_ms",
    "frame-shift": "frame_opts.frame_shift_ms",
    "dither": "frame_opts.dither",
    "window-type": "frame_opts.window_type",
    "snip-edges": "frame_opts.snip_edges",
    "preemphasis-coefficient": "frame_opts.preemph_coeff",
    "remove-dc-offset": "frame_opts.remove_dc_offset",
    "round-to-power-of-two": "frame_opts.round_to_power_of_two",
    "num-mel-bins": "mel_opts.num_bins",
    "low-freq": "mel_opts.low_freq",
    "high-freq": "mel_opts.high_freq",
    "use-energy": "use_energy",
    "use-log-fbank": "use_log_fbank",
    "use-power": "use_power",
    "num-ceps": "num_ceps",
    "cepstral-lifter": "cepstral_lifter",
}
KALDI = [
    ("fbank", {}),
    ("fbank", {"num-mel-bins": 80, "snip-edges": False, "high-freq": -400}),
    ("fbank", {"window-type": "hamming", "num-mel-bins": 40, "use-power": False}),
    ("fbank", {"use-log-fbank": False}),
    ("fbank", {"use-log-fbank": False, "use-power": False}),
    (
        "fbank",
        {"window-type": "hanning", "remove-dc-offset": False, "preemphasis-coefficient": 0.0},
    ),
    ("fbank", {"window-type": "rectangular", "round-to-power-of-two": False}),
    (
        "fbank",
        {"window-type": "blackman", "frame-length": 32, "frame-shift": 8, "low-freq": 100},
    ),
    ("fbank", {"sample-frequency": 8000, "num-mel-bins": 40, "snip-edges": False}),
    ("mfcc", {}),
    ("mfcc", {"num-mel-bins": 40, "num-ceps": 40, "low-freq": 20, "high-freq": -400}),
    ("mfcc", {"cepstral-lifter": 0.0, "snip-edges": False}),
    ("mfcc", {"sample-frequency": 8000, "window-type": "hamming"}),
]


def kaldi_array(part, options, samples):
    """Return the array of kaldi-native-fbank for samples of 16 bits."""
    import kaldi_native_fbank as kaldi

    given = kaldi.FbankOptions() if part == "fbank" else kaldi.MfccOptions()
    for name, value in options.items():
        *owners, attribute = NAMES[name].split(".")
        owner = given
        for each in owners:
            owner = getattr(owner, each)
        setattr(owner, attribute, value)
    computer = (kaldi.OnlineFbank if part == "fbank" else kaldi.OnlineMfcc)(given)
    computer.accept_waveform(given.frame_opts.samp_freq, (samples * 32768).tolist())
    computer.input_finished()
    frames = range(computer.num_frames_ready)
    return np.array([computer.get_frame(number) for number in frames])


@pytest.mark.parametrize("signal", ["speech", "odd", "noise", "clip", "silence"])
@pytest.mark.parametrize(("part", "changes"), KALDI)
def test_imported_options_give_the_array_of_kaldi(part, changes, signal, tmp_path):
    """The options of a file give an encoder with the arrays of kaldi-native-fbank."""
    options = {"dither": 0.0, "use-energy": False, **changes}
    lines = [f"--{name}={str(value).lower()}\n" for name, value in options.items()]
    (tmp_path / f"{part}.conf").write_text("".join(lines))
    rate = options.get("sample-frequency", 16000)
    samples = signals(rate)[signal]
    encoder = NetEncoder.from_config(tmp_path / f"{part}.conf")
    expected = kaldi_array(part, options, samples)
    if len(expected):
        assert_equal(expected, encoder(Audio(samples, rate)))
    else:
        with pytest.raises(EncodeError, match="it is shorter than one partition"):
            encoder(Audio(samples, rate))


NEMO = [
    {},
    {"features": 128, "window": "hamming", "lowfreq": 20, "highfreq": 7600},
    {"normalize": "all_features", "log_zero_guard_type": "clamp", "log_zero_guard_value": 1e-9},
    {"normalize": "NA", "mag_power": 1.0, "preemph": None},
    {"log": False, "mel_norm": None, "window": "bartlett", "normalize": None},
    {"window_size": 0.02, "window_stride": 0.008, "window": "none", "pad_to": 16},
    {"sample_rate": 8000, "n_fft": None, "features": 64, "window": "blackman"},
]


def nemo_array(fields, samples):
    """Return the array that NeMo's documentation defines, from torch's transform."""
    import librosa
    import torch

    rate = fields.get("sample_rate", 16000)
    size = int(fields["window_size"] * rate)
    hop = int(fields.get("window_stride", 0.01) * rate)
    length = fields["n_fft"] or 2 ** math.ceil(math.log2(size))
    emphasis = fields.get("preemph", 0.97) or 0.0
    signal = torch.from_numpy(samples.astype(np.float64))
    signal = torch.cat([signal[:1], signal[1:] - emphasis * signal[:-1]])
    make = {
        "hann": torch.hann_window,
        "hamming": torch.hamming_window,
        "blackman": torch.blackman_window,
        "bartlett": torch.bartlett_window,
    }.get(fields.get("window", "hann"))
    ones = torch.ones(size, dtype=torch.float64)
    window = ones if make is None else make(size, periodic=False, dtype=torch.float64)
    transform = torch.stft(
        signal, length, hop, size, window, pad_mode="constant", return_complex=True
    )
    powers = transform.abs().numpy() ** fields.get("mag_power", 2.0)
    filters = librosa.filters.mel(
        sr=rate,
        n_fft=length,
        n_mels=fields["features"],
        fmin=fields.get("lowfreq", 0),
        fmax=fields.get("highfreq") or rate / 2,
        norm=fields.get("mel_norm", "slaney"),
        dtype=np.float64,
    )
    array = (filters @ powers)[:, : len(samples) // hop]
    guard = fields.get("log_zero_guard_value", 2**-24)
    if fields.get("log", True):
        clamp = fields.get("log_zero_guard_type") == "clamp"
        array = np.log(np.maximum(array, guard) if clamp else array + guard)
    axis = {"per_feature": 1, "all_features": None}.get(fields.get("normalize", "per_feature"), 5)
    if axis == 5:
        return array
    mean, deviation = array.mean(axis, keepdims=True), array.std(axis, ddof=1, keepdims=True)
    return (array - mean) / (deviation + 1e-5)


@pytest.mark.parametrize("signal", ["speech", "odd", "noise", "silence"])
@pytest.mark.parametrize("changes", NEMO)
def test_imported_section_gives_the_array_of_nemo(changes, signal):
    """A section of NeMo gives an encoder with the documented arrays, which are valid rows."""
    fields = {"window_size": 0.025, "n_fft": 512, "features": 80, "dither": 1e-5, **changes}
    target = "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor"
    encoder = NetEncoder.from_config({"_target_": target, **fields})
    rate = fields.get("sample_rate", 16000)
    samples = signals(rate)[signal]
    assert_equal(nemo_array(fields, samples), encoder(Audio(samples, rate)))
