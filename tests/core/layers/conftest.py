"""Registers the toy layers for the tests in this folder."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from netencoders import registered

# The tests are imported by their paths, so that this folder is not on the path of imports.
_spec = importlib.util.spec_from_file_location("layer_toys", Path(__file__).with_name("toys.py"))
assert _spec is not None
assert _spec.loader is not None
toys = importlib.util.module_from_spec(_spec)
sys.modules["layer_toys"] = toys
_spec.loader.exec_module(toys)


@pytest.fixture(autouse=True)
def _toys() -> Iterator[None]:
    with registered(*toys.TOYS):
        yield
