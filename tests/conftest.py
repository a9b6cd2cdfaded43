"""Fixtures that every test may use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from netencoders import (
    All,
    ArraySpec,
    Automatic,
    Axis,
    Boolean,
    Choice,
    Encoder,
    Integer,
    ListOf,
    Parameter,
    Real,
    Samples,
    Text,
    TupleOf,
    Union,
    Varying,
    Window,
    registered,
    registry,
)

# The first named window imports scipy.signal, which takes longer than the default deadline.
settings.register_profile("netencoders", deadline=None)
settings.load_profile("netencoders")


class Toy(Encoder):
    """An encoder that returns as many rows as its input says, with a parameter of each type.

    It raises an input that is an exception, and returns the result of an input that is a function.
    """

    name = "Toy"
    parameters = (
        Parameter("SampleRate", Integer(min=1), default=8000, unit="Hz", doc="target <rate>"),
        Parameter(
            "Hop",
            Samples(min=1),
            default=Automatic,
            unit="samples",
            automatic=lambda Size: -(-Size // 3),
        ),
        Parameter(
            "Size",
            Samples(min=1, max=100_000),
            default=Automatic,
            unit="samples",
            automatic=lambda SampleRate: math.ceil(SampleRate / 100),
        ),
        Parameter("Gain", Real(-10, 10), default=1),
        Parameter("Flag", Boolean(), default=False),
        Parameter("Label", Text(), default="x"),
        Parameter("Mode", Choice(None, "a", 1, 1.0, True, All), default=None),
        Parameter(
            "Level",
            Union(Choice(None, "Max"), TupleOf(Choice("Max", "RMS"), Real(above=0, max=1))),
            default=None,
        ),
        Parameter("Bands", ListOf(Integer(0, 10), max_length=4), default=()),
        Parameter("Shape", Window(), default="hann"),
        Parameter("Length", Union(Choice(All), Samples(min=1)), default=All),
        Parameter("Number", Union(Integer(), Real()), default=0),
    )

    def output(self) -> ArraySpec:
        """Return the form of an array of two columns."""
        step = self.resolved["Hop"] / self.resolved["SampleRate"]
        return ArraySpec((Varying, 2), axes=(Axis("time", "s", step=step), Axis("column")))

    def encode(self, value: Any) -> Any:
        """Return `value` rows, filled with the gain."""
        if isinstance(value, BaseException):
            raise value
        if callable(value):
            return value()
        return np.full((value, 2), self.resolved["Gain"], np.float32)


@pytest.fixture(scope="session", autouse=True)
def _plain_environment() -> Iterator[None]:
    """Unset the environment variables of netencoders for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PLUGINS", "STRICT_PLUGINS", "SPECS", "WORKERS", "AUDIO_LIMITS"):
            patch.delenv(f"NETENCODERS_{name}", raising=False)
        yield


@pytest.fixture(scope="session")
def toy_class() -> type[Encoder]:
    """Return the class of the toy encoder."""
    return Toy


@pytest.fixture(scope="module")
def toy() -> Iterator[type[Encoder]]:
    """Register the toy encoder; ``NetEncoder("Toy")`` works."""
    with registered(Toy):
        yield Toy


@pytest.fixture
def fresh_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Discover plugins again in this test and in later ones; a call of the fixture repeats this.

    It requests `monkeypatch` so that the environment is restored after the plugins found in it are
    forgotten.
    """
    forget = registry._registry.forget
    forget()
    yield forget
    forget()
