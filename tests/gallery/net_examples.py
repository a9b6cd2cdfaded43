"""The programs of examples/nets, and the recordings that their tests share."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
SPEECH = DATA / "speech_16k_mono.wav"
OTHERS = (DATA / "five_five_16k_mono.wav", DATA / "ten_of_clubs_16k_mono.wav")


def example(name: str) -> ModuleType:
    """Return a program of examples/nets as a module."""
    spec = spec_from_file_location(f"example_{name}", ROOT / "examples" / "nets" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
