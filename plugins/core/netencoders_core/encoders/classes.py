"""The encoder Class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from netencoders import (
    ArraySpec,
    Automatic,
    Axis,
    Boolean,
    Choice,
    EncodeError,
    Encoder,
    Labels,
    Parameter,
)
from netencoders.parameters import short
from netencoders_core.codes import similar

__all__ = ["Class"]

Array = npt.NDArray[Any]

_SETS: Final = (list, tuple, set, frozenset)


class Class(Encoder):
    """The code of a label: its place in a list of labels, counted from 0.

    Output: int64, shape (), the code; with Form ``"IndicatorVector"`` float32, shape (labels,): 1
    at the code, and 0 elsewhere. With Multilabel, an input is a list of different labels, and the
    vector has a 1 for each.

    The rule is A158.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> NetEncoder("Class", ["cat", "dog"])("dog")
    array(1)
    >>> NetEncoder("Class", ["cat", "dog", "owl"], Multilabel=True)(["owl", "cat"])
    array([1., 0., 1.], dtype=float32)
    """

    name = "Class"
    inputs = ("text", "object")
    positional = ("Labels",)
    parameters = (
        Parameter(
            "Labels",
            Labels(integers=True),
            known_as=("classes", "class_names", "id2label"),
            doc="the labels, whose places are their codes",
        ),
        Parameter(
            "Form",
            Choice("Index", "IndicatorVector"),
            default=Automatic,
            automatic=lambda Multilabel: "IndicatorVector" if Multilabel else "Index",  # noqa: N803
            doc="Index: the code, counted from 0; IndicatorVector: a vector with 1 at the code; "
            "Automatic is Index, or IndicatorVector with Multilabel",
        ),
        Parameter(
            "Multilabel",
            Boolean(),
            default=False,
            neutral=False,
            doc="whether an input is a list of labels",
        ),
    )

    def __init__(self, resolved: Mapping[str, Any]) -> None:
        super().__init__(resolved)
        self._labels = resolved["Labels"]
        self._places = {label: place for place, label in enumerate(self._labels)}
        self._many: bool = resolved["Multilabel"]

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the conflict of several labels with one code."""
        if resolved["Multilabel"] and resolved["Form"] == "Index":
            return ["'Form' must be 'IndicatorVector' with Multilabel=True. Got 'Index'."]
        return []

    def accepts(self, value: Any) -> bool:
        """Return whether a value is one input; with Multilabel, a list without lists is one."""
        if isinstance(value, np.ndarray):
            return False
        if not isinstance(value, list):
            return True
        return self._many and not any(isinstance(item, _SETS) for item in value)

    def output(self) -> ArraySpec:
        """Return the form of a code, or of an indicator vector."""
        count = len(self._labels)
        if self.resolved["Form"] == "Index":
            return ArraySpec((), "int64", low=0, high=count - 1)
        return ArraySpec((count,), axes=(Axis("code"),))

    def encode(self, value: Any) -> Array:
        """Return the code of a label.

        Raises
        ------
        EncodeError
            It is not one of the labels; or, with Multilabel, it is no list of different labels.
        """
        if not self._many:
            place = self._place(value)
            if self.resolved["Form"] == "Index":
                return np.array(place, np.int64)
            places = [place]
        else:
            places = self._all(value)
        vector = np.zeros(len(self._labels), np.float32)
        vector[places] = 1
        return vector

    def _all(self, value: Any) -> list[int]:
        if not isinstance(value, _SETS):
            raise EncodeError(
                f"{self.name} with Multilabel takes a list of labels, not {short(value)}",
                code="unsupported-input",
                remedy=f"write [{short(value)}]",
            )
        places = [self._place(label) for label in value]
        if len(set(places)) < len(places):
            label = next(each for each in value if list(value).count(each) > 1)
            raise EncodeError(f"the label {short(label)} is given twice", code="unsupported-input")
        return places

    def _place(self, label: Any) -> int:
        if isinstance(label, np.generic):
            label = label.item()
        if isinstance(label, bool) or not isinstance(label, str | int):
            raise EncodeError(
                f"{self.name} takes a label, not {short(label)}",
                code="unsupported-input",
                remedy="give one of the labels; with Multilabel=True, a list of them",
            )
        place = self._places.get(label)
        if place is None:
            raise EncodeError(
                f"{short(label)} is not one of the {len(self._labels)} labels.{self._hint(label)}",
                code="unknown-label",
                remedy=self._remedy(label),
            )
        return place

    def _hint(self, label: str | int) -> str:
        """Return a sentence with the most similar label, or an empty text."""
        for place in (self._places.get(other) for other in _other_kind(label)):
            if place is not None:
                return f" Did you mean {short(self._labels[place])}?"
        return similar(label, self._labels)

    def _remedy(self, label: str | int) -> str:
        if isinstance(label, int):
            return "add it to Labels; a code that is known is an array: np.array(code)"
        if label.strip() in self._places:
            return "remove the white space around it, such as a line feed at the end of a file"
        if any(other in self._places for other in _other_kind(label)):
            return "a file holds a text: quote the label in Labels, or encode the integer in Python"
        return "add it to Labels"

    def check_encoded(self, array: Any) -> None:
        """Refuse a vector with elements below 0 or above 1 (A169)."""
        form = self.output()
        if not form.dims or not form.matches(array) or not np.isfinite(array).all():
            return
        if array.min() < 0 or array.max() > 1:
            raise EncodeError(
                "the array has the form of an indicator vector, but has elements below 0 or above "
                "1",
                code="out-of-range",
                remedy="encode its input again",
            )

    def decoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the decoder Class, which takes a probability for each label."""
        return "Class", {name: self.resolved[name] for name in ("Labels", "Multilabel")}

    def probe_signals(self) -> Mapping[str, int]:
        """Return the signal Label: the label at the place of the length, less 1."""
        return {"Label": len(self._labels)}

    def probe_input(self, signal: str, length: int) -> Any:
        """Return a label, or a list of the labels before it and itself."""
        place = (length - 1) % len(self._labels)
        return list(self._labels[: place + 1]) if self._many else self._labels[place]


def _other_kind(label: str | int) -> list[str | int]:
    """Return the integer that a text writes, or the text of an integer.

    >>> _other_kind("5"), _other_kind(5), _other_kind("05")
    ([5], ['5'], [])
    """
    if isinstance(label, int):
        return [str(label)] if abs(label) < 2**63 else []
    if len(label) > 20:
        return []
    try:
        number = int(label)
    except ValueError:
        return []
    return [number] if str(number) == label else []
