"""Presets of models pass the contract for encoders."""

from pathlib import Path

import numpy as np

import netencoders_specs
from netencoders import NetEncoder
from netencoders_audio import Audio
from netencoders_audio.testing import AudioEncoderContract

PRESETS = (
    "AST",
    "BasicPitch",
    "CLAP",
    "CREPE",
    "DAC16k",
    "DNSMOS",
    "DNSMOSWaveform",
    "NeMo80",
    "Paraformer",
    "Pop2Piano",
    "SeamlessM4T",
    "VGGish",
    "Wav2Vec2",
    "Whisper",
)
"""Presets with every layer of presets, apart from OneHotMaximum.

No example of FFTLength is as long as the window of MusicGenChroma. tests/conformance/models tests
the arrays of all presets.
"""


class ModelContract(AudioEncoderContract):
    """The contract with recordings that no preset refuses: of 1 to 4 s."""

    def inputs(self):
        """Return recordings of several rates, types and numbers of channels."""
        noise = np.random.default_rng(0).uniform(-0.5, 0.5, 4 * 16000).astype(np.float32)
        return [
            Audio(noise, 16000),
            Audio(noise[:49001], 16000),
            Audio(noise[:48002].reshape(-1, 2), 22050),
            Audio((noise[:11025] * 30000).astype(np.int16), 8000),
            {"array": noise[:20000], "sampling_rate": 16000},
        ]


for preset in PRESETS:
    globals()[f"Test{preset}"] = type(
        f"Test{preset}",
        (ModelContract,),
        {"__doc__": f"The preset {preset}.", "__module__": __name__, "encoder": preset},
    )


def test_the_presets_have_every_layer_of_presets():
    """The presets with a contract have every layer that a preset has."""
    folder = Path(netencoders_specs.__file__).parent / "models"
    used = {layer.name for file in folder.glob("*") for layer in NetEncoder(file.stem).layers}
    tested = {layer.name for preset in PRESETS for layer in NetEncoder(preset).layers}
    assert {"OneHotMaximum"} == used - tested
