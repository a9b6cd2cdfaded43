"""Plugins for tests: distributions that are installed into a folder on sys.path, and a model."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    NetEncoder,
    NetModel,
    NetReader,
    Port,
    SavedModel,
    Varying,
)
from netencoders.records import Provider

Install = Callable[..., None]

HEAD = """
import numpy as np
from netencoders import ArraySpec, Encoder, NetEncoder, hookimpl

def made(name, **more):
    body = {
        "__doc__": "Gives a one.",
        "name": name,
        "output": lambda self: ArraySpec((1,)),
        "encode": lambda self, value: np.ones(1, np.float32),
    }
    return type("Made", (Encoder,), {**body, **more})
"""


CRASHING = '''
import os, signal, sys, time, warnings
import numpy as np
from netencoders import ArraySpec, Axis, EncodeError, Encoder, Varying, hookimpl
from netencoders.origins import mark_of_input
from netencoders.policies import current


class CrashingWarning(UserWarning):
    """A warning of the plugin."""


class NumberError(EncodeError):
    """An error with another constructor than its base class."""

    def __init__(self, number):
        super().__init__(f"bad number {number}", code="bad-number")
        self.number = number


class Crashing(Encoder):
    """Numbers from a text; other texts abort, hang, print, raise, or return a policy."""

    name = "Crashing"

    def output(self):
        return ArraySpec((Varying, 1), axes=(Axis("time"), Axis("value")))

    def stream(self, value):
        text = value
        if not isinstance(value, str) or "/" in value:
            with open(value) as file:
                text = file.read()
        if text == "abort":
            os.abort()
        if text == "exit":
            os._exit(7)
        if text == "hang":
            open(os.path.join(os.environ["HANGING"], str(os.getpid())), "w").close()
            time.sleep(600)
        if text == "close":
            os.closerange(3, 256)
            time.sleep(600)
        if text == "noise":  # also on the descriptor of the replies
            for descriptor in range(3, 64):
                try:
                    os.write(descriptor, b"noise " * 100)
                except OSError:
                    pass
        if text == "shout":
            print("loud")
            os._exit(7)
        if text == "reset":
            problem = ConnectionResetError(104, "Connection reset by peer")
            mark_of_input(problem)
            raise problem
        if text == "leak":
            open(os.devnull)
        if text == "mask":
            text = str(len(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
        if text == "rest":
            text = "0" + sys.stdin.read()
        if text == "endless":
            while True:
                yield np.zeros((1000, 1), np.float32)
        if text.startswith("warn"):
            warnings.warn("odd " + text, CrashingWarning, stacklevel=1)
            if "abort" in text:
                os.abort()
        if text.startswith("many"):
            for number in [*range(int(text.split()[1]))] * 2:
                warnings.warn(f"number {number}", stacklevel=1)
        if text == "number":
            raise NumberError(7)
        if text == "print":
            print("x" * 100_000)
            sys.stdout.flush()
        if text == "bad":
            raise EncodeError("no numbers", code="no-numbers", remedy="write some")
        if text == "policy":
            text = str(current("tests.number", 0))
        for word in text.split():
            yield np.full((1, 1), float(word) if word.isdecimal() else 0, np.float32)

    def encode(self, value):
        return np.concatenate(list(self.stream(value)))


@hookimpl
def register_encoders(register):
    register(Crashing)
'''


@pytest.fixture
def install(
    fresh_registry: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Install]:
    """Install distributions into a folder on sys.path."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def write(
        distribution: str, code: str | None, *, entry_points: str = "", metadata: bool = True
    ) -> None:
        module = f"code_of_{distribution}"
        info = site / f"{distribution}-2.1.dist-info"
        info.mkdir()
        if metadata:
            text = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 2.1\n"
            (info / "METADATA").write_text(text)
        points = entry_points or f"main = {module}"
        (info / "entry_points.txt").write_text(f"[netencoders]\n{points}\n")
        if code is not None:
            (site / f"{module}.py").write_text(HEAD + code)
        fresh_registry()

    yield write
    for name in [name for name in sys.modules if name.startswith("code_of_")]:
        del sys.modules[name]


@pytest.fixture
def crashing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fresh_registry: Callable[[], None],
    hanging: Path,
) -> Iterator[NetEncoder]:
    """Install a plugin whose encoder can crash, and return the encoder."""
    site = tmp_path / "site"
    info = site / "netencoders_crashing-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "netencoders_crashing.py").write_text(CRASHING)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: netencoders-crashing\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text("[netencoders]\ncrashing = netencoders_crashing\n")
    monkeypatch.syspath_prepend(str(site))
    yield NetEncoder("Crashing")
    sys.modules.pop("netencoders_crashing", None)


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that has a file for each process that hangs."""
    folder = tmp_path / "hanging"
    folder.mkdir()
    monkeypatch.setenv("HANGING", str(folder))
    return folder


class Dense(NetModel):
    """A model of weights in a .npy file: rows times a matrix, at any number of batches."""

    kind = "Dense"

    def __init__(self, weights: Any, name: str = "weights.npy") -> None:
        data = weights if isinstance(weights, bytes) else Path(weights).read_bytes()
        array = np.load(io.BytesIO(data))
        self._array, self._weights, self._name = array, weights, name
        self.inputs = {"x": Port(ArraySpec((Varying, array.shape[0]), minimum=0), 0)}
        self.outputs = {"y": Port(ArraySpec((Varying, array.shape[1]), minimum=0), 0)}

    def run(self, arrays: Any) -> Any:
        """Return the products."""
        return {"y": arrays["x"] @ self._array}

    def saved(self) -> SavedModel:
        """Return the weights as they were given: bytes, or a path."""
        return SavedModel({"name": self._name, "sizes": (1, 2.5)}, {self._name: self._weights})


def restored_dense(parameters: Any, files: Any) -> Dense:
    """Return the model of a net file."""
    return Dense(files[parameters["name"]], parameters["name"])


@pytest.fixture
def dense(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Dense]:
    """Register a reader of models of weights; return a function that makes such a model."""
    reader = NetReader("Dense", "weights", Dense, (".npy",), restore=restored_dense)
    readers = {"Dense": (Provider("dense-models", "here", "1.5"), reader)}
    monkeypatch.setattr("netencoders.registry.net_readers", lambda: readers)

    def make(inside: int = 40, outside: int = 2, scale: float = 0.5, **options: Any) -> Dense:
        file = io.BytesIO()
        weights = np.arange(inside * outside, dtype=np.float32).reshape(inside, outside)
        np.save(file, weights * np.float32(scale))
        return Dense(file.getvalue(), **options)

    return make
