"""Codes: integers for labels, for unknown elements and for padding."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from netencoders import (
    All,
    ArraySpec,
    Axis,
    Choice,
    Parameter,
    RefusedError,
    Text,
    ValueType,
    Varying,
)
from netencoders.errors import nearest
from netencoders.parameters import short

__all__ = [
    "FORM",
    "MAX_CODE",
    "PADDING_DOC",
    "UNKNOWN_DOC",
    "Code",
    "codes_form",
    "padding_after",
    "similar",
    "size_of",
]

MAX_CODE: Final = 2**21
"""The largest code: Unicode has fewer characters."""

_MAX_COMPARED: Final = 2000
"""Labels that a wrong one is compared with; each comparison takes some 10 microseconds."""

PADDING_DOC: Final = (
    "the code after a text that is shorter than TargetLength: a number or a label; Automatic is "
    "the first code after all others; None refuses such a text"
)
UNKNOWN_DOC: Final = (
    "the code of an element without a label: a number or a label; Automatic is the number of "
    "labels; None refuses it"
)

FORM: Final = Parameter(
    "Form",
    Choice("Index", "IndicatorVector"),
    default="Index",
    doc="Index: codes, counted from 0; IndicatorVector: a vector for each, with 1 at its code",
)


class Code(ValueType):
    """A code: an integer, one of the labels, which resolves to its place, or None.

    Parameters
    ----------
    labels : str
        The name of the parameter that has the labels.

    Examples
    --------
    >>> kind = Code("Labels")
    >>> kind.resolve("[UNK]", {"Labels": ("[PAD]", "[UNK]")}), kind.check(5)
    (1, 5)
    """

    def __init__(self, labels: str) -> None:
        self.depends = (labels,)
        self._text = Text()

    def check(self, value: Any) -> int | str | None:
        if value is None:
            return None
        if value is All or (isinstance(value, str) and value == "All"):
            return "All"  # a label: a spec reads it as a name, which has no other meaning here
        if isinstance(value, str):
            return self._text.check(value)
        if isinstance(value, bool | np.bool_):
            raise RefusedError
        try:
            number = operator.index(value)
        except TypeError:
            raise RefusedError from None
        if not 0 <= number <= MAX_CODE:
            raise RefusedError
        return number

    def resolve(self, value: Any, depends: Mapping[str, Any]) -> int | None:
        if not isinstance(value, str):
            return value if value is None else int(value)
        labels = depends[self.depends[0]]
        for place, label in enumerate(labels):
            if label == value:
                return place
        hint = similar(value, labels)
        raise RefusedError(f"{self.depends[0]} does not have {short(value)}.{hint}")

    def describe(self) -> tuple[str, ...]:
        return ("None", f"an integer from 0 to {MAX_CODE}", f"an element of {self.depends[0]}")

    def schema(self) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 0, "maximum": MAX_CODE}
        return {"anyOf": [{"type": "null"}, number, {"type": "string"}]}

    def examples(self) -> list[Any]:
        return [None, 0, 7, 300]

    def counterexamples(self) -> list[Any]:
        return [-1, MAX_CODE + 1, True, 1.5, [], "no such label"]


def similar(label: object, labels: Sequence[object]) -> str:
    """Return a sentence with the most similar label, or an empty text.

    >>> similar("dgo", ["cat", "dog"])
    " Did you mean 'dog'?"
    """
    if len(labels) > _MAX_COMPARED:
        return ""
    return nearest(str(label), [str(each) for each in labels])


def size_of(count: int, *codes: int | None) -> int:
    """Return the number of codes: those of `count` labels, and up to the largest of `codes`.

    >>> size_of(97), size_of(97, 97, None)
    (97, 98)
    """
    return max([count, *(code + 1 for code in codes if code is not None)])


def padding_after(count: int, unknown: int | None, target: object) -> int | None:
    """Return the first code after all others, or None if every text is kept as it is."""
    return None if target is All else size_of(count, unknown)


def codes_form(form: str, count: int, length: Any = Varying, axis: str = "element") -> ArraySpec:
    """Return the form of an array with one code for each element of a sequence.

    Parameters
    ----------
    form : {"Index", "IndicatorVector"}
    count : int
        The number of codes.
    length : int or Varying
    axis : str
        The name of an element.
    """
    if form == "Index":
        return ArraySpec((length,), "int64", (Axis(axis),), minimum=0, low=0, high=count - 1)
    return ArraySpec((length, count), "float32", (Axis(axis), Axis("code")), minimum=0)
