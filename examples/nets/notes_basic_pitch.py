"""The notes of a recording by Basic Pitch of Spotify, as a piano roll.

    pip install "netencoders[onnx,plot]"
    pip install --no-deps basic-pitch          # only for its model; Apache license 2.0
    python examples/nets/notes_basic_pitch.py song.wav -o notes.png

The preset BasicPitch gives overlapping windows of two seconds. NetMap runs the model for them, and
each window gives 172 frames of 88 notes; those at the edges of a window are left out.
"""

import argparse
from importlib.util import find_spec
from math import ceil
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import soundfile

from netencoders import NetGraph, NetMap
from netencoders_onnx import OnnxNet

RATE, FRAMES = 22050, 86  # samples and frames a second
OUTPUTS = {  # the names in the model
    "note": "StatefulPartitionedCall:1",
    "onset": "StatefulPartitionedCall:2",
    "contour": "StatefulPartitionedCall:0",
}
PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def make_net():
    """Return the net, of the model that the installed basic-pitch contains."""
    folder = Path(find_spec("basic_pitch").origin).parent / "saved_models" / "icassp_2022"
    windows = NetMap(OnnxNet(folder / "nmp.onnx", outputs=list(OUTPUTS.values())))
    edges = [(f"pitch.{port}", name) for name, port in OUTPUTS.items()]
    return NetGraph({"pitch": windows}, [("Input", "pitch"), *edges], Input="BasicPitch")


def frames(net, recording):
    """Return the probabilities of notes and onsets, and the contours, for each frame."""
    count = int(ceil(soundfile.info(recording).duration * RATE) * (FRAMES / RATE))
    rows = {}
    for name, windows in net(recording).items():
        middle = windows[:, 15:-15]  # the windows overlap by 30 frames
        rows[name] = middle.reshape(-1, middle.shape[-1])[:count]
    return rows


def notes(rows, *, threshold=0.5, shortest=0.06):
    """Return start and end in s, and the name, of each note: of frames above a threshold."""
    found = []
    for key in range(rows.shape[1]):
        above = np.concatenate([[0], rows[:, key] >= threshold, [0]])
        edges = np.flatnonzero(np.diff(above)).reshape(-1, 2) / FRAMES
        name = f"{PITCHES[(key + 21) % 12]}{(key + 21) // 12 - 1}"
        found += [(start, end, name) for start, end in edges.tolist() if end - start >= shortest]
    return sorted(found)


def draw(rows, picture):
    """Draw the probabilities of the notes over time."""
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    image = axes.imshow(
        rows.T, origin="lower", aspect="auto", vmin=0, vmax=1, extent=(0, len(rows) / FRAMES, 0, 88)
    )
    octaves = range(3, 88, 12)
    axes.set_yticks(octaves, [f"C{number}" for number in range(1, 9)])
    axes.set(xlabel="s", ylabel="note")
    figure.colorbar(image, label="probability")
    figure.savefig(picture, dpi=150)
    plt.close(figure)


def main():
    """Print and draw the notes of a recording."""
    parser = argparse.ArgumentParser(description="The notes of a recording by Basic Pitch.")
    parser.add_argument("recording")
    parser.add_argument("-o", "--output", help="a picture")
    arguments = parser.parse_args()
    rows = frames(make_net(), arguments.recording)["note"]
    for start, end, name in notes(rows):
        print(f"{start:.2f} s to {end:.2f} s: {name}")
    if arguments.output:
        draw(rows, arguments.output)


if __name__ == "__main__":
    main()
