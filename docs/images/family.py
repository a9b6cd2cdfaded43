"""Draw family.png, the picture in the README: the seven audio encoders on one recording.

Run it by hand after a change of an encoder's output or of its plot::

    python docs/images/family.py [family.png]
"""

import io
import sys
from pathlib import Path

import matplotlib as mpl
from PIL import Image

from netencoders import NetEncoder
from netencoders.plot import new_figure, plot

HERE = Path(__file__).parent
SPEECH = HERE.parents[1] / "tests" / "data" / "speech_16k_mono.wav"
NAMES = (
    "Audio",
    "AudioPartitions",
    "AudioSTFT",
    "AudioSpectrogram",
    "AudioMelSpectrogram",
    "AudioMFCC",
    "AudioChroma",
)


def draw(target: str | Path) -> None:
    """Draw the output of each encoder on a shared time axis, and write a PNG file."""
    with mpl.rc_context({"font.size": 8, "axes.titlesize": 9, "axes.titlelocation": "left"}):
        figure = new_figure()
        figure.set_size_inches(9, 11.2)
        places = figure.subplots(len(NAMES), sharex=True)
        for ax, name in zip(places, NAMES, strict=True):
            encoder = NetEncoder(name)
            array = encoder(SPEECH)
            plot(array, encoder.output, ax, f"{name}  {array.shape}")
            ax.label_outer()
            for image in ax.images:
                image.colorbar.ax.set_box_aspect(10)  # the panels are low
        places[-2].set_yticks(range(0, 13, 3))
        places[-1].set_yticks(range(0, 12, 3))
        places[0].axhline(color="black", linewidth=0.4)
        places[0].set_xlim(0, 3.5)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=100)
    # A palette needs a quarter of the size, without a visible difference.
    Image.open(file).convert("RGB").quantize(96, dither=Image.Dither.NONE).save(
        target, format="PNG", optimize=True
    )


if __name__ == "__main__":
    draw(*sys.argv[1:] or [HERE / "family.png"])
