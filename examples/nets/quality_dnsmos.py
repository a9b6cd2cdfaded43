"""The quality of speech by DNSMOS: four scores from 1 (bad) to 5 (excellent).

    pip install "netencoders[onnx,plot]"
    pip install --no-deps speechmos            # only for its models; MIT license
    python examples/nets/quality_dnsmos.py speech.wav -o scores.png

The net has two input ports: the log-mel spectrogram for the model of P.808, and the waveform for
the model of signal (SIG), background (BAK) and overall quality (OVRL), whose raw scores a
polynomial maps to the scale.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import soundfile

from netencoders import NetGraph

SIGNAL = [0.0052439, 1.22083953, -0.08397278]
BACKGROUND = [-0.39604546, 1.60915514, -0.13166888]
OVERALL = [0.04602535, 1.11546468, -0.06766283]


def make_net():
    """Return the net, of the two models that the installed speechmos contains."""
    models = Path(find_spec("speechmos").origin).parent / "dnsmos_models"
    layers = {
        "p808": models / "model_v8.onnx",
        "raw": models / "sig_bak_ovr.onnx",
        "scale": {"Polynomial": {"Coefficients": [SIGNAL, BACKGROUND, OVERALL]}},
    }
    edges = [("Mel", "p808", "P808"), ("Waveform", "raw", "scale", "SIG_BAK_OVRL")]
    return NetGraph(layers, edges, Mel="DNSMOSInput", Waveform="DNSMOSWaveform")


def segments(path):
    """Return the parts of 9.01 s that speechmos scores: one for each second that begins one.

    A recording of less than 10 s is one part. The presets repeat it up to 9.01 s.
    """
    seconds = int(soundfile.info(path).duration)
    if seconds < 10:
        return [path]
    return [{"path": path, "start": k, "duration": 9.01} for k in range(seconds - 9)]


def scores(net, path):
    """Return the mean of the scores of all parts, by name."""
    inputs = [{"Mel": part, "Waveform": part} for part in segments(path)]
    parts = [(*result["SIG_BAK_OVRL"], *result["P808"]) for result in net.map(inputs)]
    return dict(zip(("SIG", "BAK", "OVRL", "P808"), np.mean(parts, axis=0).tolist(), strict=True))


def draw(found, picture):
    """Draw the scores as bars."""
    figure, axes = plt.subplots(figsize=(5, 2.4), layout="constrained")
    bars = axes.barh(list(found), [value - 1 for value in found.values()], left=1)
    axes.bar_label(bars, [f"{value:.2f}" for value in found.values()], padding=4)
    axes.set(xlim=(1, 5), xlabel="score, 1 is bad and 5 is excellent")
    axes.invert_yaxis()
    figure.savefig(picture, dpi=150)
    plt.close(figure)


def main():
    """Print and draw the scores of a recording."""
    parser = argparse.ArgumentParser(description="The quality of speech by DNSMOS.")
    parser.add_argument("recording")
    parser.add_argument("-o", "--output", help="a picture")
    arguments = parser.parse_args()
    found = scores(make_net(), arguments.recording)
    print("  ".join(f"{name} {value:.3f}" for name, value in found.items()))
    if arguments.output:
        draw(found, arguments.output)


if __name__ == "__main__":
    main()
