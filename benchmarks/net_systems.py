"""Net systems: from files to the four scores of DNSMOS, with the models that speechmos contains.

Recordings of 10 s are one segment of 9.01 s. The scores are compared before the measurement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.systems import RATE
from benchmarks.tasks import Array, Prepared, System, Task

__all__ = ["MODELS_ALONE", "OURS", "P808_OURS", "P808_SPEECHMOS", "SPEECHMOS"]

SAMPLES = 144160  # 9.01 s
# Of the scores of signal, background and all, from the power 0 on.
POLYNOMIALS = [
    [0.0052439, 1.22083953, -0.08397278],
    [-0.39604546, 1.60915514, -0.13166888],
    [0.04602535, 1.11546468, -0.06766283],
]


def net(task: Task) -> Prepared:
    """Prepare the net of two models and two ports, in as many worker threads."""
    from netencoders import NetGraph

    p808, others = _models()
    layers = {"p808": p808, "raw": others, "scale": {"Polynomial": {"Coefficients": POLYNOMIALS}}}
    edges = [("Mel", "p808", "P808"), ("Waveform", "raw", "scale", "Others")]
    graph = NetGraph(layers, edges, Mel="DNSMOSInput", Waveform="DNSMOSWaveform")
    inputs = [{"Mel": path, "Waveform": path} for path in task.inputs]
    return Prepared(
        lambda: graph.map(inputs, workers=task.threads),
        lambda result: np.concatenate([result["Others"], result["P808"]])[None],
    )


def speechmos(task: Task) -> Prepared:
    """Prepare speechmos: one recording at a time, or a list for several threads."""
    from speechmos import dnsmos

    def scores() -> Iterator[Mapping[str, Any]]:
        if task.threads > 1:
            yield from dnsmos.run(list(task.inputs), RATE, return_df=False)
        else:
            for path in task.inputs:
                yield dnsmos.run(path, RATE)

    names = ("sig_mos", "bak_mos", "ovrl_mos", "p808_mos")
    return Prepared(scores, lambda result: np.array([[result[name] for name in names]], np.float32))


def p808_net(task: Task) -> Prepared:
    """Prepare the net of one model, which is a path and a preset."""
    from netencoders import NetChain

    chain = NetChain([_models()[0]], Input="DNSMOSInput")
    return Prepared(
        lambda: chain.map(task.inputs, workers=task.threads),
        lambda result: np.asarray(result)[None],
    )


def p808_speechmos(task: Task) -> Prepared:
    """Prepare the features and the session of speechmos for its first model alone."""
    import librosa
    from speechmos.dnsmos import DNSMOS

    scorer = DNSMOS(*reversed(_models()))

    def scores() -> Iterator[Any]:
        for path in task.inputs:
            samples = librosa.load(path, sr=RATE)[0][:SAMPLES]
            features = scorer.audio_melspec(samples[:-160]).astype("float32")
            yield scorer.p808_onnx_sess.run(None, {"input_1": features[None]})[0]

    return Prepared(scores)


def models_alone(task: Task) -> Prepared:
    """Prepare the two models on their inputs in memory, with the threads of onnxruntime."""
    import onnxruntime

    from netencoders import NetEncoder

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    p808, others = (onnxruntime.InferenceSession(path, options) for path in _models())
    encoder = NetEncoder("DNSMOSInput")
    inputs = [(encoder(path)[None], _waveform(path)) for path in task.inputs]

    def scores() -> Iterator[tuple[Any, Any]]:
        for mel, waveform in inputs:
            yield p808.run(None, {"input_1": mel}), others.run(None, {"input_1": waveform})

    return Prepared(scores)


def _models() -> tuple[str, str]:
    spec = find_spec("speechmos")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("No module named 'speechmos'", name="speechmos")
    folder = Path(spec.origin).parent / "dnsmos_models"
    return str(folder / "model_v8.onnx"), str(folder / "sig_bak_ovr.onnx")


def _waveform(path: str) -> Array:
    return np.asarray(soundfile.read(path, dtype="float32")[0])[None, :SAMPLES]


OURS = System("netencoders", net, requires=("speechmos", "onnxruntime"))
SPEECHMOS = System("speechmos", speechmos, requires=("speechmos", "librosa", "onnxruntime"))
P808_OURS = System("netencoders", p808_net, requires=("speechmos", "onnxruntime"))
P808_SPEECHMOS = System(
    "speechmos, its features and its session",
    p808_speechmos,
    requires=("speechmos", "librosa", "onnxruntime"),
)
MODELS_ALONE = System(
    "the two models alone",
    models_alone,
    requires=("speechmos", "onnxruntime"),
    comparable=False,
    floor=True,
)
