"""What differs between two encoders: a row for each value that does, and what that value means."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from netencoders import display
from netencoders.errors import printable
from netencoders.sentinels import Absent
from netencoders.values import to_plain

if TYPE_CHECKING:
    from netencoders.encoder import NetEncoder

__all__ = ["Absent", "Difference", "EncoderDiff", "difference"]


class Difference(NamedTuple):
    """One thing that two encoders do not share.

    Attributes
    ----------
    name : str
        A parameter, or ``"encoder name"`` or ``"encoder revision"``, which no parameter can be
        called.
    left, right : object
        The resolved values; `Absent` where the encoder has no such parameter.
    unit : str
        The unit of both, or nothing.
    doc : str
        What the value means, in one sentence.
    """

    name: str
    left: Any
    right: Any
    unit: str
    doc: str


class EncoderDiff(tuple[Difference, ...]):
    """The rows in which two encoders differ: a tuple, false if they are equal.

    Its text is a table, and so is its HTML.
    """

    __slots__ = ()

    def table(self, left: str = "left", right: str = "right") -> str:
        """Return the rows as aligned columns of text, under what the two encoders are called."""
        headings = [printable(text) for text in _headings(left, right)]
        return display.table(headings, [[printable(cell) for cell in row] for row in _cells(self)])

    def __str__(self) -> str:
        return self.table() if self else "no differences"

    def __repr__(self) -> str:
        told = [f"{name} {left} -> {right}" for name, left, right, *_ in _cells(self)]
        return f"<EncoderDiff: {', '.join(told) or 'no differences'}>"

    def _repr_html_(self) -> str:
        if not self:
            return f"<p>{self}</p>"
        return display.html_table(_headings("left", "right"), _cells(self))


def difference(left: NetEncoder, right: NetEncoder) -> EncoderDiff:
    """Return what differs between two encoders; nothing exactly where their digests are equal.

    Parameters are compared by their resolved values: a duration equals the count of samples that it
    comes to, and Automatic what its rule gives. The rows are in the order of declaration, those of
    parameters that only `right` has at the end.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> found = difference(NetEncoder("Telephone"), NetEncoder("Wideband"))
    >>> [(row.name, row.left, row.right) for row in found][0]
    ('SampleRate', 8000, 16000)
    """
    mine = {parameter.name: parameter for parameter in left.declarations}
    theirs = {parameter.name: parameter for parameter in right.declarations}
    rows = [_identity(left, right)]
    for name in {**mine, **theirs}:
        declared = [side[name] for side in (mine, theirs) if name in side]
        rows.append(
            Difference(
                name,
                left.resolved.get(name, Absent),
                right.resolved.get(name, Absent),
                _joined(parameter.unit for parameter in declared),
                _joined(parameter.doc for parameter in declared),
            )
        )
    return EncoderDiff(row for row in rows if _content(row.left) != _content(row.right))


def _identity(left: NetEncoder, right: NetEncoder) -> Difference:
    """Return the row that tells two encoders apart; the revisions of two names say nothing."""
    if left.name == right.name:
        meaning = "raised when the same parameters come to give other numbers"
        return Difference("encoder revision", left.revision, right.revision, "", meaning)
    return Difference("encoder name", left.name, right.name, "", "which encoder does the work")


def _joined(texts: Iterable[str]) -> str:
    """Return what two encoders say of one parameter: once, if they agree."""
    return " / ".join(dict.fromkeys(filter(None, texts)))


def _content(value: Any) -> object:
    """Return a value as the digest takes it: 1, 1.0 and True are different."""
    return value if value is Absent else json.dumps(to_plain(value), sort_keys=True)


def _headings(left: str, right: str) -> tuple[str, ...]:
    return ("parameter", left, right, "unit", "meaning")


def _cells(rows: Iterable[Difference]) -> list[tuple[str, ...]]:
    return [
        (row.name, display.value_text(row.left), display.value_text(row.right), row.unit, row.doc)
        for row in rows
    ]
