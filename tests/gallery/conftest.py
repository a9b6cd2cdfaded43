"""Recordings of real speech of several lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import soundfile
from net_examples import OTHERS, SPEECH


def samples(*pieces: Any) -> Any:
    """Return recordings and pauses in s, one after the other, as samples at 16 kHz."""
    arrays = [
        np.zeros(int(16000 * piece), np.float32)
        if isinstance(piece, float)
        else soundfile.read(piece, dtype="float32")[0]
        for piece in pieces
    ]
    return np.concatenate(arrays)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the paths of recordings: short, of 10 s, and of 13 s with pauses."""
    folder = tmp_path_factory.mktemp("recordings")
    five, ten = OTHERS
    made = {
        "short": samples(SPEECH),
        "ten": np.resize(samples(SPEECH, five, ten), 160_000),
        "pauses": samples(SPEECH, 1.5, five, 0.25, ten, 1.0, SPEECH, 0.8)[: 13 * 16000],
    }
    paths = {}
    for name, array in made.items():
        paths[name] = str(folder / f"{name}.wav")
        soundfile.write(paths[name], array, 16000, "PCM_16")
    return paths
