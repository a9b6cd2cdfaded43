"""The names for the calls of the table: libraries, imported on request, and functions."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
from libraries import NAMES
from models.table import Model

__all__ = ["evaluate", "versions"]


def evaluate(row: Model, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the library's array for the samples x, in float32.

    The call may use x, np, the functions below, and modules by their names.
    """
    names = _Names({"np": np, "x": x.copy(), **NAMES["kaldi-native-fbank"](x)})
    names.update({function.__name__: function for function in FUNCTIONS})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a library's own
        array = eval(row.call, {}, names)
    return np.asarray(array.detach() if hasattr(array, "detach") else array, np.float32)


def versions(row: Model) -> str:
    """Return the installed versions of a row's packages, as text."""
    return ", ".join(f"{name} {version(name)}" for name in row.packages)


class _Names(dict[str, Any]):
    """Names of which the missing ones are modules."""

    def __missing__(self, name: str) -> Any:
        try:
            return import_module(name)
        except ModuleNotFoundError:
            raise KeyError(name) from None


def module(name: str) -> ModuleType:
    """Import a module of a package without running the package, which imports unused libraries."""
    if name in sys.modules:
        return sys.modules[name]
    parts = name.split(".")
    spec = find_spec(parts[0])
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"No module named {parts[0]!r}", name=parts[0])
    folder = Path(spec.submodule_search_locations[0])
    for depth in range(1, len(parts)):
        package = ModuleType(".".join(parts[:depth]))
        package.__path__ = [str(folder.joinpath(*parts[1:depth]))]
        sys.modules.setdefault(package.__name__, package)
    return import_module(name)


def run(extractor: Any, *samples: Any, **keywords: Any) -> Any:
    """Run a feature extractor of transformers."""
    rate = extractor.sampling_rate
    return extractor(*samples, sampling_rate=rate, return_tensors="np", **keywords)


def valid(features: Any, mask: str = "attention_mask") -> Any:
    """Return the rows of the first recording that the mask keeps."""
    return features["input_features"][0][np.asarray(features[mask][0], bool)]


def whisper(x: Any, bands: int) -> Any:
    """Run openai-whisper's own functions."""
    code = module("whisper.audio")
    return code.log_mel_spectrogram(code.pad_or_trim(x), bands)


def twin(family: str, name: str, x: Any) -> Any:
    """Run numpy code of onnx-asr; return the valid part."""
    numpy_code = import_module("onnx_asr.preprocessors.numpy_preprocessor")
    features, lengths = getattr(numpy_code, f"{family}PreprocessorNumpy")(name)(
        x[None], np.array([len(x)])
    )
    return features[0, : lengths[0]] if family == "Kaldi" else features[0, :, : lengths[0]]


def funasr(x: Any, **options: int) -> Any:
    """Run the front end of FunASR, without its mean and variance."""
    frontend = module("funasr_onnx.utils.frontend").WavFrontend(dither=0, **options)
    return frontend.lfr_cmvn(frontend.fbank(x)[0])[0]


def beats(x: Any) -> Any:
    """Run BEATs' own method of a model without blocks."""
    torch = import_module("torch")
    code = module("avex.models.beats.beats")
    model = code.BEATs(code.BEATsConfig(encoder_layers=1))
    return model.preprocess(torch.tensor(x)[None])[0]


def panns(x: Any) -> Any:
    """Run the first layers of CNN14, with the sizes of panns-inference."""
    torch = import_module("torch")
    net = module("panns_inference.models").Cnn14(32000, 1024, 320, 64, 50, 14000, 527)
    return net.logmel_extractor(net.spectrogram_extractor(torch.tensor(x)[None]))[0, 0]


def bigvgan(x: Any) -> Any:
    """Run the function of BigVGAN with the sizes of bigvgan_24khz_100band."""
    code, torch = module("bigvgan.meldataset"), import_module("torch")
    return code.mel_spectrogram(torch.tensor(x)[None], 1024, 100, 24000, 256, 1024, 0, None)[0]


def vocos(x: Any, precision: str = "float64") -> Any:
    """Run the class of Vocos with numbers of one type."""
    torch = import_module("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, precision))
    try:
        features = module("vocos.feature_extractors").MelSpectrogramFeatures()
        return features(torch.tensor(x, dtype=torch.get_default_dtype())[None])[0]
    finally:
        torch.set_default_dtype(before)


def pop2piano(x: Any) -> Any:
    """Return the spectrogram of a segment, before it is transposed into rows."""
    code = import_module("transformers.models.pop2piano.feature_extraction_pop2piano")
    return code.Pop2PianoFeatureExtractor().mel_spectrogram(x[None])[0]


class _Recorder:
    """A session of onnxruntime that keeps its inputs, and answers with zeros."""

    def __init__(self, name: str, *answers: tuple[int, ...]) -> None:
        self.name, self.answers = name, answers
        self.inputs: list[npt.NDArray[Any]] = []

    def run(self, names: Any, feed: Any) -> list[npt.NDArray[Any]]:
        """Keep one input."""
        self.inputs.append(feed[self.name][0])
        return [np.zeros(shape, np.float32) for shape in self.answers]


def dnsmos(x: Any, model: str) -> Any:
    """Return the input of a model of DNSMOS for the first segment."""
    code = module("speechmos.dnsmos").DNSMOS
    scorer, recorder = code.__new__(code), _Recorder("input_1", (1, 3))
    scorer.onnx_sess = scorer.p808_onnx_sess = _Recorder("input_1", (1, 3))
    setattr(scorer, model, recorder)
    scorer(x, 16000, False)
    return recorder.inputs[0]


def silero(x: Any) -> Any:
    """Return the inputs of Silero VAD for all windows."""
    code, torch = module("silero_vad.utils_vad"), import_module("torch")
    code.np = np  # type: ignore[attr-defined] # its constructor imports it
    wrapper = code.OnnxWrapper.__new__(code.OnnxWrapper)
    wrapper.session = _Recorder("input", (1, 1), (2, 1, 128))
    wrapper.sample_rates = [16000]
    code.get_speech_timestamps(torch.tensor(x), wrapper)
    return np.stack(wrapper.session.inputs)


def basic_pitch_windows(x: Any) -> Any:
    """Return the inputs of Basic Pitch for all windows of a file of float32."""
    code, soundfile = import_module("basic_pitch.inference"), import_module("soundfile")
    with NamedTemporaryFile(suffix=".wav") as file:
        soundfile.write(file.name, x, 22050, "FLOAT")
        return np.concatenate([each[0] for each in code.get_audio_input(file.name, 7680, 36164)])


FUNCTIONS = (
    module,
    run,
    valid,
    whisper,
    twin,
    funasr,
    beats,
    panns,
    bigvgan,
    vocos,
    pop2piano,
    dnsmos,
    silero,
    basic_pitch_windows,
)
