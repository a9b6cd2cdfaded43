"""Decoders of tests: labels with probabilities, a number, and long parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from netencoders import (
    ArraySpec,
    Boolean,
    DecodeError,
    Decoder,
    FileContent,
    Integer,
    Labels,
    MappingOf,
    Parameter,
    Property,
    Real,
    Varying,
    Vector,
    registered,
)


class Choice(Decoder):
    """The label of the largest probability."""

    name = "Choice"
    parameters = (
        Parameter("Labels", Labels(), doc="the label of each probability"),
        Parameter("Threshold", Real(min=0, max=1), 0.0, doc="the smallest probability"),
    )
    positional = ("Labels",)
    properties = (
        Property("Decision", "the label"),
        Property("Probabilities", "the probability of each label"),
        Property(
            "TopProbabilities",
            "the most probable labels",
            (
                Parameter("Count", Integer(min=1), 1, doc="the number of labels"),
                Parameter("Percent", Boolean(), False, doc="whether in percent"),
            ),
        ),
        Property("Array", "the array itself"),
    )

    def input(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((len(self.resolved["Labels"]),))

    def decode(self, array: Any, name: str, options: Mapping[str, Any]) -> Any:
        """Return the property."""
        labels = self.resolved["Labels"]
        if array.min() < 0:
            raise DecodeError("a probability is negative", code="not-probabilities")
        if name == "Array":
            return array
        if name == "Decision":
            place = int(array.argmax())
            return labels[place] if array[place] >= self.resolved["Threshold"] else None
        pairs = [(label, float(number)) for label, number in zip(labels, array, strict=True)]
        if name == "Probabilities":
            return dict(pairs)
        factor = 100 if options["Percent"] else 1
        ordered = sorted(pairs, key=lambda pair: -pair[1])[: options["Count"]]
        return [(label, factor * number) for label, number in ordered]

    def encoder(self) -> tuple[str, Mapping[str, Any]] | None:
        """Return the encoder of the labels."""
        return "Choosing", {"Labels": self.resolved["Labels"]}


class Truth(Decoder):
    """Whether a number is more than one half; it has no parameters."""

    name = "Truth"
    properties = (Property("Decision", "whether it is"), Property("Number", "the number"))

    def input(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec(())

    def decode(self, array: Any, name: str, options: Mapping[str, Any]) -> Any:
        """Return the property."""
        return bool(array > 0.5) if name == "Decision" else float(array)


class Places(Decoder):
    """The places of the largest number of each row."""

    name = "Places"
    parameters = (Parameter("Width", Integer(min=1), 2, doc="the number of columns"),)
    properties = (Property("Places", "the places"),)

    def input(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((Varying, self.resolved["Width"]))

    def decode(self, array: Any, name: str, options: Mapping[str, Any]) -> Any:
        """Return the property."""
        return [int(place) for place in array.argmax(1)]


class Numbered(Decoder):
    """The words of codes, with the content of a file."""

    name = "Numbered"
    parameters = (
        Parameter("Words", Labels(), doc="the words"),
        Parameter("Model", FileContent(".bin"), doc="a model"),
        Parameter("Weights", MappingOf(Vector()), {}, doc="more numbers"),
    )
    properties = (Property("Text", "the words"), Property("Size", "the size of the model"))

    def input(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((Varying,), "int64", low=0, high=len(self.resolved["Words"]) - 1)

    def decode(self, array: Any, name: str, options: Mapping[str, Any]) -> Any:
        """Return the property."""
        if name == "Size":
            return len(self.resolved["Model"].data)
        return " ".join(self.resolved["Words"][code] for code in array.tolist())


class Odd(Decoder):
    """It returns or raises `result`."""

    name = "Odd"
    properties = (Property("Result", "the result"),)
    result: Any = None

    def input(self) -> ArraySpec:
        """Return the form."""
        return ArraySpec((2,))

    def decode(self, array: Any, name: str, options: Mapping[str, Any]) -> Any:
        """Return the property."""
        return self.result(array) if callable(self.result) else self.result


DECODERS: Sequence[type[Decoder]] = (Choice, Truth, Places, Numbered)


@contextmanager
def toys(*more: type) -> Iterator[None]:
    """Register the decoders of this module, and others."""
    with registered(*DECODERS, *more):
        yield


def probabilities(*values: float) -> Any:
    """Return an array of float32."""
    return np.array(values, np.float32)
