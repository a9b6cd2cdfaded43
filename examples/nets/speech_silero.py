"""Speech by Silero VAD, a recurrent model that runs once for each window of 32 ms.

    pip install "netencoders[onnx,plot]"
    pip install --no-deps silero-vad           # only for its model; MIT license
    python examples/nets/speech_silero.py speech.wav -o speech.png

The preset SileroVAD gives a window of 576 samples in each row. NetFold runs the model for one row
after the other, and passes its state on. The sample rate is a constant input of the model.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from netencoders import NetChain, NetEncoder, NetFold
from netencoders_onnx import OnnxNet

WINDOW = 0.032  # s


def make_net():
    """Return the net, of the model that the installed silero-vad contains."""
    path = Path(find_spec("silero_vad").origin).parent / "data" / "silero_vad.onnx"
    window = OnnxNet(path, constants={"sr": 16000}, batch={"state": 1})
    fold = NetFold(window, over="input", state={"state": "stateN"})
    return NetChain([("silero", fold), {"Reshape": {"Shape": []}}], Input="SileroVAD")


def segments(speech, *, threshold=0.5, end_threshold=0.35, pause=0.1, shortest=0.25):
    """Return the start and the end in s of each segment of speech.

    A segment begins with a window above `threshold`, and ends with one below `end_threshold` that
    a pause follows: these are the rules of `get_speech_timestamps` without its margins of 30 ms.
    """
    found, start, silence = [], None, None
    for place, probability in enumerate(speech):
        time = place * WINDOW
        if probability >= threshold:
            start, silence = time if start is None else start, None
        elif start is not None and (probability < end_threshold or silence is not None):
            silence = time if silence is None else silence
            if probability < end_threshold and time - silence >= pause:
                found.append((start, silence))
                start = silence = None
    if start is not None:
        found.append((start, len(speech) * WINDOW))
    return [(start, end) for start, end in found if end - start > shortest]


def draw(recording, speech, found, picture):
    """Draw the waveform, the probabilities and the segments."""
    samples = NetEncoder("Audio")(recording)[:, 0]
    figure, axes = plt.subplots(figsize=(9, 2.6), layout="constrained")
    axes.plot(np.arange(len(samples)) / 16000, samples, linewidth=0.3, color="gray")
    axes.step(np.arange(len(speech)) * WINDOW, speech, where="post")
    for start, end in found:
        axes.axvspan(start, end, alpha=0.2)
    axes.set(ylim=(-1, 1.05), xlabel="s", ylabel="probability of speech")
    figure.savefig(picture, dpi=150)
    plt.close(figure)


def main():
    """Print and draw the segments of a recording."""
    parser = argparse.ArgumentParser(description="Speech by Silero VAD.")
    parser.add_argument("recording")
    parser.add_argument("-o", "--output", help="a picture")
    arguments = parser.parse_args()
    speech = make_net()(arguments.recording)
    found = segments(speech)
    for start, end in found:
        print(f"{start:.2f} s to {end:.2f} s")
    if arguments.output:
        draw(arguments.recording, speech, found, arguments.output)


if __name__ == "__main__":
    main()
