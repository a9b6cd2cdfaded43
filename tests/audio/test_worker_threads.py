"""Worker threads: encoders of audio are ready for them, and stop with them."""

import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

from netencoders import NetEncoder, WorkerPool, encoders, workers
from netencoders_audio import Audio

# Seconds: longer than any machine takes, shorter than pytest's limit, so that a hang fails.
HANG = 60

PROGRAM = """
    import sys
    import warnings
    import numpy as np
    from netencoders import NetEncoder
    encoder = NetEncoder({name!r}, SampleRate=8000)
    encoder.prepare()
    before = set(sys.modules)
    for path in sys.argv[1:]:
        encoder(path)
        with open(path, "rb") as file:
            encoder(file.read())
    added = set(sys.modules) - before
    heavy = ("scipy", "soxr", "soundfile", "_soundfile", "cffi", "netencoders", "concurrent")
    print(sorted(name for name in added if name.startswith(heavy)))
"""


NAMES = [
    name
    for name, record in encoders().items()
    if record.derived_from is None and record.encoder.__module__.startswith("netencoders_audio")
]


@pytest.mark.parametrize("kernel", ["", "off"])
@pytest.mark.parametrize("name", NAMES)
def test_encoding_imports_nothing_after_prepare(recording, name, kernel, monkeypatch):
    """After `prepare`, no recording makes an encoder import a library, with the kernel or not."""
    monkeypatch.setenv("NETENCODERS_KERNEL", kernel)
    kinds = [("WAV", None), ("FLAC", None), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None)]
    paths = [recording(16000, 2, kind, coding) for kind, coding in kinds]
    line = [sys.executable, "-c", textwrap.dedent(PROGRAM.format(name=name)), *paths]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout


@pytest.mark.parametrize("name", ["Audio", "AudioSpectrogram"])
def test_long_recording_ends_with_its_pool(monkeypatch, name):
    """In a worker thread, a recording without an end stops at the next block if the pool ends."""
    monkeypatch.setattr(workers, "JOIN", HANG)
    begun = threading.Event()

    def blocks():
        while True:
            yield Audio(np.zeros(1600, np.float32), 16000)
            begun.set()

    pool = WorkerPool(1)
    task = pool.submit(lambda: [None for _ in NetEncoder(name).stream(blocks())])
    assert begun.wait(HANG)
    assert pool.close()
    assert task.done
