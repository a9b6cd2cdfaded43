"""Plugins for tests: distributions that are installed into a folder on sys.path."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
