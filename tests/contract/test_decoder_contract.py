"""DecoderContract passes decoders that keep its rules, and fails all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_decoders import DECODERS, Choice, Truth

from netencoders import (
    ArraySpec,
    DecodeError,
    Decoder,
    Encoder,
    Integer,
    Labels,
    Parameter,
    Property,
    registered,
)
from netencoders.testing import DecoderContract
from netencoders.testing.decoder_contract import described

CHECKS = [name for name in dir(DecoderContract) if name.startswith("test_")]
SETUP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from netencoders import register
from toy_decoders import DECODERS
for each in DECODERS:
    register(each)
"""
PAIRS = [np.array(pair, np.float32) for pair in ([0.25, 0.75], [1, 0])]
ARRAYS: Mapping[str, Sequence[Any]] = {
    "Choice": PAIRS,
    "Truth": [np.array(0.75, np.float32), np.array(0.25, np.float32)],
    "Places": [np.eye(2, dtype=np.float32), np.ones((1, 2), np.float32)],
    "Numbered": [np.array([0, 1, 0]), np.array([1])],
}


class Choosing(Encoder):
    """The encoder of the labels of Choice."""

    name = "Choosing"
    parameters = (Parameter("Labels", Labels(), doc="the labels"),)

    def output(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((1,))

    def encode(self, value: Any) -> Any:
        """Return the array."""
        return np.zeros(1, np.float32)


def contract(cls: type[Decoder], arrays: Sequence[Any], **members: Any) -> DecoderContract:
    """Return the contract of a decoder class."""
    body = {
        "decoder": cls.name,
        "setup": SETUP,
        "inputs": lambda self: [np.array(array) for array in arrays],
    }
    made: DecoderContract = type("Contract", (DecoderContract,), {**body, **members})()
    return made


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("cls", DECODERS[:4], ids=lambda cls: cls.name)
def test_valid_decoder_passes(cls: type[Decoder], check: str) -> None:
    """A decoder that keeps the rules passes every check, of each kind of form."""
    parameters = {"Labels": ["cat", "dog"]} if cls is Choice else {}
    options = {"TopProbabilities": {"Count": 2}}
    with registered(*DECODERS, Choosing):
        getattr(contract(cls, ARRAYS[cls.name], parameters=parameters, options=options), check)()


def raising(self: Any, array: Any, name: str, options: Any) -> Any:
    """Fail for one property."""
    if name == "Number":
        raise DecodeError("no number")
    return True


def counting(self: Any, array: Any, name: str, options: Any) -> Any:
    """Return the number of calls."""
    self.calls = getattr(self, "calls", 0) + 1
    return self.calls


def identity(self: Any, array: Any, name: str, options: Any) -> Any:
    """Return a number that depends on the object."""
    return id(self)


def hashing(self: Any, array: Any, name: str, options: Any) -> Any:
    """Return a number that depends on the process."""
    return hash("text")


def keeping(self: Any, array: Any, name: str, options: Any) -> Any:
    """Return a view of the array in a list."""
    return [array[...]]


def writing(self: Any, array: Any, name: str, options: Any) -> Any:
    """Write to the array."""
    array.flags.writeable = True
    array[...] = 7
    return 1


class Loose(ArraySpec):
    """A form that takes everything."""

    def problem(self, array: Any) -> None:
        """Return no problem."""
        return


def undocumented() -> tuple[Property, ...]:
    """Return a property whose option has no doc."""
    option = Parameter("Count", Integer(), 1)
    return (Property("Decision", "the decision", (option,)),)


@pytest.mark.parametrize(
    ("check", "members", "message"),
    [
        ("test_is_registered_with_a_summary", {"__doc__": None}, "has no summary"),
        ("test_options_are_documented", {"properties": undocumented()}, "Decision, Count"),
        ("test_every_property_gives_a_value", {"decode": raising}, "'Number' has no value for"),
        ("test_batch_equals_loop", {"decode": counting}, "a batch gives other values"),
        ("test_same_array_gives_the_same_value", {"decode": counting}, "must keep no state"),
        ("test_pickle_gives_the_same_values", {"decode": identity}, "unpickled decoder gives"),
        ("test_fresh_process_agrees", {"decode": hashing}, "another process gives other values"),
        ("test_fresh_process_agrees", {"revision": 2}, "another process has another digest"),
        ("test_array_is_unchanged_and_not_shared", {"decode": keeping}, "shares the memory"),
        ("test_array_is_unchanged_and_not_shared", {"decode": writing}, "work on a copy"),
        (
            "test_other_forms_are_refused",
            {"input": lambda self: Loose(()), "decode": hashing},
            "an array of texts is taken",
        ),
        ("test_parameters_are_documented", {"parameters": (Parameter("A", Integer(), 1),)}, "'A'"),
    ],
)
def test_broken_decoder_fails(check: str, members: Mapping[str, Any], message: str) -> None:
    """A decoder that breaks a rule fails the check of the rule, with the remedy."""
    body = {"__doc__": "Breaks a rule.", **members}
    bad: type[Decoder] = type("Truth", (Truth,), body)
    with registered(bad), pytest.raises(AssertionError, match=message):
        getattr(contract(bad, ARRAYS["Truth"]), check)()


def test_process_without_the_decoder_is_named() -> None:
    """A new process that cannot decode names the attribute `setup`."""
    with (
        registered(Truth),
        pytest.raises(
            AssertionError, match=r"cannot decode\. Install the plugin there, or set `set"
        ),
    ):
        contract(Truth, ARRAYS["Truth"], setup="").test_fresh_process_agrees()


def test_contract_needs_inputs() -> None:
    """A contract without inputs says so."""
    with registered(Truth):
        with pytest.raises(AssertionError, match="must return at least one array"):
            contract(Truth, []).test_batch_equals_loop()
        bare: Any = type("Bare", (DecoderContract,), {"decoder": "Truth"})()
        with pytest.raises(NotImplementedError, match=r"Bare must define inputs\(\)"):
            bare.test_batch_equals_loop()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        ([1], (1,)),
        (np.float32(1), 1.0),
        (np.zeros(2), np.zeros(2, np.float32)),
        ({"a": 1}, {"a": 2}),
        ({1, 2}, {1, 3}),
    ],
)
def test_values_are_told_apart(one: Any, other: Any) -> None:
    """Values of other types, shapes and content have other hashes, and equal ones the same."""
    assert described(one) == described(one)
    assert described(one) != described(other)
    made: Callable[[], Any] = lambda: np.array([1.0, np.nan])  # noqa: E731 - two objects
    assert described(made()) == described(made())
