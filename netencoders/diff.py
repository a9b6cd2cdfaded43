"""The differences between two encoders: one row, with its meaning, for each differing value."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from netencoders import display
from netencoders.errors import printable
from netencoders.sentinels import Absent
from netencoders.values import to_plain

if TYPE_CHECKING:
    from netencoders.declared_value import DeclaredValue
    from netencoders.encoder import NetEncoder
    from netencoders.layer import NetLayer

__all__ = ["Absent", "Difference", "EncoderDiff", "difference"]


class Difference(NamedTuple):
    """One value that differs between two encoders.

    Attributes
    ----------
    name : str
        The name of a parameter, of a layer after the name of the layer; or ``"encoder name"``,
        ``"encoder revision"``, or the place of a layer, such as ``"layer 2"``.
    left, right : object
        The resolved values; `Absent` where the encoder has no such parameter.
    unit : str
        The unit of both values, or empty.
    doc : str
        The meaning of the value, in one sentence.
    """

    name: str
    left: Any
    right: Any
    unit: str
    doc: str


class EncoderDiff(tuple[Difference, ...]):
    """The rows in which two encoders differ, as a tuple; empty if the encoders are equal.

    It prints as a table, as text and in HTML.
    """

    __slots__ = ()

    def table(self, left: str = "left", right: str = "right", width: int | None = None) -> str:
        """Return the rows as text in aligned columns.

        Parameters
        ----------
        left, right : str
            The headings of the columns of values.
        width : int, optional
            The largest number of characters of a line; by default lines are not wrapped.

        Returns
        -------
        str
        """
        headings = [printable(text) for text in _headings(left, right)]
        cells = [[printable(cell) for cell in row] for row in _cells(self)]
        return display.table(headings, cells, width)

    def __str__(self) -> str:
        return self.table() if self else "no differences"

    def __repr__(self) -> str:
        changes = [f"{name} {left} -> {right}" for name, left, right, *_ in _cells(self)]
        return f"<EncoderDiff: {', '.join(changes) or 'no differences'}>"

    def _repr_html_(self) -> str:
        if not self:
            return f"<p>{self}</p>"
        return display.html_table(_headings("left", "right"), _cells(self))


def difference(left: NetEncoder, right: NetEncoder) -> EncoderDiff:
    """Return the rows in which two encoders differ; empty exactly if their digests are equal.

    The function compares resolved values: a duration equals the number of samples that it resolves
    to, and Automatic equals the result of its rule. The rows are in the order of declaration;
    parameters that only `right` has come last. Layers are compared place by place.

    Examples
    --------
    >>> from netencoders import NetEncoder
    >>> found = difference(NetEncoder("Telephone"), NetEncoder("Wideband"))
    >>> [(row.name, row.left, row.right) for row in found][0]
    ('SampleRate', 8000, 16000)
    """
    rows = [_identity(left, right, left._item.word), *_values(left, right, "")]
    for place, (mine, theirs) in enumerate(zip_longest(left.layers, right.layers)):
        rows += _layer_rows(mine, theirs, f"layer {place + 1}")
    return EncoderDiff(row for row in rows if _content(row.left) != _content(row.right))


def _values(left: DeclaredValue, right: DeclaredValue, before: str) -> list[Difference]:
    """Return one row for each parameter."""
    mine = {parameter.name: parameter for parameter in left.declarations}
    theirs = {parameter.name: parameter for parameter in right.declarations}
    rows = []
    for name in {**mine, **theirs}:
        declared = [side[name] for side in (mine, theirs) if name in side]
        rows.append(
            Difference(
                f"{before}{name}",
                left.resolved.get(name, Absent),
                right.resolved.get(name, Absent),
                _joined(parameter.unit for parameter in declared),
                _joined(parameter.doc for parameter in declared),
            )
        )
    return rows


def _layer_rows(left: NetLayer | None, right: NetLayer | None, title: str) -> list[Difference]:
    """Return the rows of two layers at one place. Layers of other names are one row."""
    if left is not None and right is not None and left.name == right.name:
        identity = _identity(left, right, title)
        return [identity, *_values(left, right, f"{title}, {left.name}: ")]
    mine, theirs = (
        Absent if layer is None else display.layer_text(layer) for layer in (left, right)
    )
    return [Difference(title, mine, theirs, "", "the layer at this place")]


def _identity(left: DeclaredValue, right: DeclaredValue, title: str) -> Difference:
    """Return the row of the names, or of the revisions if the names are equal."""
    if left.name == right.name:
        meaning = "raised when equal parameters give other numbers than before"
        return Difference(f"{title} revision", left.revision, right.revision, "", meaning)
    return Difference(
        "encoder name", left.name, right.name, "", "the encoder that computes the arrays"
    )


def _joined(texts: Iterable[str]) -> str:
    """Join the texts of two encoders about one parameter; equal texts appear once."""
    return " / ".join(dict.fromkeys(filter(None, texts)))


def _content(value: Any) -> object:
    """Return a value as the digest contains it, where 1, 1.0 and True are different."""
    return value if value is Absent else json.dumps(to_plain(value), sort_keys=True)


def _headings(left: str, right: str) -> tuple[str, ...]:
    return ("parameter", left, right, "unit", "meaning")


def _cells(rows: Iterable[Difference]) -> list[tuple[str, ...]]:
    return [
        (row.name, display.value_text(row.left), display.value_text(row.right), row.unit, row.doc)
        for row in rows
    ]
