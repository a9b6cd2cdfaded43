"""Arrays have the same bits with each kernel, and on processors with other instructions."""

import os
import subprocess
import sys

import numpy as np
import pytest

from netencoders.kernel import loaded
from netencoders_audio.kernel.library import FOLDER

PROGRAM = """
import hashlib
import numpy as np
from netencoders import NetEncoder
from netencoders_audio import Audio
from netencoders_audio.kernel import kernel_path

random = np.random.default_rng(0)
noise = Audio(random.uniform(-0.5, 0.5, (30000, 2)).astype("f4"), 16000)
other = Audio(random.uniform(-0.5, 0.5, 9000).astype("f4"), 22050)
changes = [
    {}, {"WindowSize": 37, "FFTLength": 64, "WindowPlacement": "Center", "RemoveMean": True},
    {"PreEmphasis": 0.97, "FFTLength": 512}, {"WindowSize": 1103}, {"WindowSize": 1102},
    {"WindowSize": 300, "Offset": 7},
    {"TransformPrecision": "Double"},
]
names = ["AudioSTFT", "AudioSpectrogram", "AudioMelSpectrogram", "AudioChroma", "AudioMFCC"]
logarithms = [
    {}, {"Base": 2}, {"Base": 10, "Offset": 1e-6}, {"Base": "Decibel"},
    {"Base": "MagnitudeDecibel", "Floor": 1e-5},
]
print(kernel_path())
for name in names:
    more = [] if name == "AudioSTFT" else [{"Power": 1}, {"Power": 1, "PowerOffset": 1e-9}]
    for change in [*changes, *more]:
        if name not in names[:2]:
            change = {"FFTLength": 2048, **change}
            change["FFTLength"] = max(512, change["FFTLength"], change.get("WindowSize", 0))
        encoder = NetEncoder(name, **change)
        if name == "AudioMelSpectrogram":
            base = logarithms.pop(0)
            logarithms.append(base)
            wrong = "Decibel" if change.get("Power") == 1 else "MagnitudeDecibel"
            encoder = encoder if base.get("Base") == wrong else encoder.then("Log", **base)
        total = hashlib.sha256()
        for audio in (noise, other):
            total.update(encoder(audio).tobytes())
            for block in encoder.stream(audio):
                total.update(block.tobytes())
        print(name, change, total.hexdigest())
"""
SIMD = np.show_config(mode="dicts")["SIMD Extensions"]


def run(kernel, **variables):
    """Return the kernel and the lines of hashes in a process with environment variables."""
    environment = {**os.environ, "NETENCODERS_KERNEL": kernel, **variables}
    line = [sys.executable, "-c", PROGRAM]
    path, *lines = subprocess.check_output(line, text=True, env=environment).splitlines()
    assert len(lines) >= 30
    return path, lines


@pytest.fixture(scope="module")
def expected():
    """Return the hashes with numpy and scipy."""
    path, lines = run("off")
    assert "off" == path
    return lines


def test_all_kernels_give_the_same_arrays(expected):
    """Arrays of all encoders, and their streams, are equal with each kernel and without one."""
    compiled = loaded(FOLDER)
    if compiled is None:
        pytest.skip("of the compiled kernel")
    for kernel in ("", "sse2", "avx2")[: 3 if compiled.netencoders_lanes() == 8 else 1]:
        path, lines = run(kernel)
        assert path != "off"
        assert expected == lines


@pytest.mark.parametrize("blas", ["Nehalem", "Haswell"])
@pytest.mark.parametrize("kernel", ["", "off"])
def test_blas_does_not_change_arrays(expected, kernel, blas):
    """The kernel of OpenBLAS has no effect on the arrays."""
    assert expected == run(kernel, OPENBLAS_CORETYPE=blas)[1]


@pytest.mark.skipif(not SIMD.get("found"), reason="of a processor with further instructions")
@pytest.mark.parametrize("kernel", ["", "off"])
def test_instructions_do_not_change_arrays(expected, kernel):
    """The instructions that numpy uses have no effect on arrays, also after logarithms."""
    assert expected == run(kernel, NPY_DISABLE_CPU_FEATURES=" ".join(SIMD["found"]))[1]
