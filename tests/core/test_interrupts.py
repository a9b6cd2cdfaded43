"""Interrupts: at any point of the code of the worker threads, they arrive, and nothing hangs.

Each test runs a program in a new process. The program raises KeyboardInterrupt at one point after
the other where Python may run the handler of a signal: the entry of a function of Python, and the
return of a function of C. Each point is tried in a fork.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

PROGRAM = """
import _thread, os, signal, sys, time

def run(work, modules, target):
    seen = 0

    def profile(frame, event, arg):
        nonlocal seen
        if event in ("call", "c_return") and frame.f_code.co_filename.endswith(modules):
            seen += 1
            if seen == target:
                sys.setprofile(None)
                os.write(2, f"{frame.f_code.co_qualname}:{frame.f_lineno} {event}\\n".encode())
                raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        work()
    except KeyboardInterrupt:
        outcome = 0
    else:
        outcome = 1 if seen < target else 2  # 2: the interrupt is lost
    finally:
        sys.setprofile(None)
    deadline = time.monotonic() + 2
    while _thread._count() and outcome != 2:
        if time.monotonic() > deadline:
            return 3  # a thread is left
        time.sleep(0.001)
    return outcome

def tried(work, modules, target):
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.dup2(writing, 2)
        signal.alarm(6)
        os._exit(run(work, modules, target))
    os.close(writing)
    place = os.read(reading, 1000).decode()
    os.close(reading)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), place

def explore(work, modules):
    target = past = 0
    while past < 5:  # the number of points differs a little between runs
        target += 1
        code, place = tried(work, modules, target)
        past += code == 1
        if code not in (0, 1):
            print({2: "lost", 3: "left a thread", -14: "hung"}.get(code, code), "at", place)
    print("points:", "many" if target > 40 else target)
"""

MAP = """
import numpy as np
from netencoders import ArraySpec, Encoder, NetEncoder, register
@register
class Ones(Encoder):
    name = "Ones"
    def output(self): return ArraySpec((2,))
    def encode(self, value): return np.ones(2, np.float32)
encoder = NetEncoder("Ones")
def whole():
    assert 5 == len(list(encoder.map([1] * 5, workers=3)))
def early():
    results = encoder.map([1] * 9, workers=3)
    next(results)
    results.close()
"""

NETS = (
    MAP
    + """
from netencoders import NetChain
net = NetChain([("double", lambda x: x * 2)], Input="Ones")
def whole():
    assert 5 == len(list(net.map([1] * 5, workers=3, batch_size=2)))
def early():
    results = net.map([1] * 9, workers=3, batch_size=2)
    next(results)
    results.close()
"""
)

LONG = """
import numpy as np
from netencoders import NetEncoder
from netencoders_audio.encoders import audio_encoder, rows
os.environ["NETENCODERS_WORKERS"] = "3"
rows.LONG = -1
encoder = NetEncoder("AudioSpectrogram", WindowSize=4000, Offset=4000)
class Recording(audio_encoder.Recording):  # not in memory, so that a worker thread reads it ahead
    name, repeatable, rate, channels, length = "test", True, 16000, 1, 48000
    def __init__(self, value): pass
    def blocks(self, size, start=0):
        for _ in range(6):
            yield np.ones((8000, 1), np.float32)
audio_encoder.open_recording = Recording
def long():
    assert 12 == len(encoder("a.wav"))
encoder.prepare()
"""

PIECES = """
import numpy as np, io, soundfile
from netencoders import NetEncoder
from netencoders_audio.encoders import rows, signal as waveforms
from netencoders_audio.files import flac_scan
os.environ["NETENCODERS_WORKERS"] = "3"
rows.LONG, flac_scan.LONG, waveforms.BLOCK = -1, 0, 8000
encoder = NetEncoder("AudioSpectrogram", WindowSize=4000, Offset=4000)
file = io.BytesIO()
soundfile.write(file, np.random.default_rng(0).uniform(-1, 1, 48000), 16000, format="FLAC")
def pieces():
    assert 12 == len(encoder(file.getvalue()))
encoder.prepare()
pieces()
"""

SESSION = """
import numpy as np
from netencoders import NetEncoder
encoder = NetEncoder("AudioSpectrogram")
samples = np.ones(1000, np.float32)
def used():
    with encoder.session(16000) as session:
        session.feed(samples)
        session.feed(samples)
        session.finish()
def dropped():
    session = encoder.session(16000)
    session.feed(samples)
encoder.prepare()
used()
"""


def explored(setup: str, work: str, modules: tuple[str, ...]) -> str:
    """Return the output of the program."""
    code = f"{PROGRAM}\n{textwrap.dedent(setup)}\nexplore({work}, {modules!r})"
    line = [sys.executable, "-c", code]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(line, capture_output=True, text=True, env=environment, timeout=100)
    assert 0 == done.returncode, done.stderr
    return done.stdout


@pytest.mark.parametrize("work", ["whole", "early"])
def test_interrupt_at_any_point_of_map_ends_it(work: str) -> None:
    """An interrupt at any point of `map` is raised, and its threads end."""
    assert "points: many\n" == explored(MAP, work, ("batches.py", "workers.py"))


@pytest.mark.parametrize("work", ["whole", "early"])
def test_interrupt_at_any_point_of_the_map_of_a_net_ends_it(work: str) -> None:
    """An interrupt at any point of the batches of a net is raised, and their threads end."""
    assert "points: many\n" == explored(
        NETS, work, ("graph/mapping.py", "batches.py", "workers.py")
    )


def test_interrupt_at_any_point_of_a_long_recording_ends_it() -> None:
    """An interrupt at any point of the threads of one long recording is raised; they end."""
    assert "points: many\n" == explored(LONG, "long", ("threads.py", "workers.py"))


@pytest.mark.parametrize("work", ["used", "dropped"])
def test_interrupt_at_any_point_of_a_session_ends_it(work: str) -> None:
    """An interrupt at any point of a session is raised, and its thread ends."""
    found = explored(
        SESSION, work, ("netencoders/sessions.py", "netencoders/pieces.py", "workers.py")
    )
    # A session that is dropped has fewer points.
    assert found.startswith("points: many\n" if work == "used" else "points: ")


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="only Linux splits files")
def test_interrupt_at_any_point_of_the_pieces_of_a_file_ends_it() -> None:
    """An interrupt at any point of threads that decode one FLAC file is raised; they end."""
    assert "points: many\n" == explored(PIECES, "pieces", ("threads.py", "workers.py", "pieces.py"))
