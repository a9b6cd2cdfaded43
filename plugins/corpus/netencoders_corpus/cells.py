"""Cells: the inputs of an encoder in a table of Arrow, one for each row.

A value is converted when it is asked for: a value that cannot be converted fails only its own row.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from netencoders import EncodeError, NetEncoder
from netencoders.errors import printable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PARTS", "Cells"]

PARTS: Final = ("start", "stop", "channel")
"""The columns that choose a part of an input."""

_KEYS: Final = {"start": "start", "stop": "end", "channel": "channel"}  # of a dict with audio


class Cells:
    """The inputs in a table, by the number of the row.

    Parameters
    ----------
    table : pyarrow.Table
    column : str
        The column of inputs.
    encoder : NetEncoder
    """

    def __init__(self, table: pa.Table, column: str, encoder: NetEncoder) -> None:
        self._inputs = table[column]
        self._takes_dicts = not encoder.inputs or "mapping" in encoder.inputs
        names = [name for name in PARTS if name in table.column_names and name != column]
        has_ids = encoder.is_random and column != "id" and "id" in table.column_names
        self._ids = table["id"] if has_ids else None
        self._parts = {name: table[name] for name in names if self._takes_dicts}

    def __getitem__(self, place: int) -> Any:
        """Return the input of a row.

        Raises
        ------
        EncodeError
            It is null, or a part is given twice.
        """
        value = _python(self._inputs[place])
        if value is None:
            raise EncodeError(
                "the input is null",
                code="unsupported-input",
                remedy="give a path, or leave the row out",
            )
        if not self._takes_dicts:
            return _bytes_or_path(value)
        parts = {_KEYS[name]: _part(name, column[place]) for name, column in self._parts.items()}
        given = {key: part for key, part in parts.items() if part is not None}
        return _with_parts(value, given) if given else value

    def id(self, place: int) -> str | None:
        """Return the value of the column ``id`` of a row as a text; None if there is none."""
        value = None if self._ids is None else self._ids[place].as_py()
        return None if value is None else str(value)

    def name(self, place: int, source: str | None) -> str | None:
        """Return the name of the input of a row for messages: the path of a struct, if it has one.

        Parameters
        ----------
        place : int
        source : str or None
            The name that the encoder gives to the input.
        """
        scalar = self._inputs[place]
        with suppress(Exception):  # the error of the value itself is the one to report
            value = scalar["path"] if hasattr(scalar, "keys") else scalar
            name = value.as_py()
            if isinstance(name, str) and name:
                return source or name if value is scalar else name
        return source


def _python(scalar: Any) -> Any:
    """Return a value of a column; lists of numbers are arrays, also in structs."""
    import pyarrow as pa  # late: an extra

    if isinstance(scalar, pa.StructScalar):
        return {name: _python(scalar[name]) for name in scalar} if scalar.is_valid else None
    if isinstance(scalar, pa.ExtensionScalar):
        if scalar.value is None:
            return None
        # A tensor; pyarrow 17 does not export its class.
        return scalar.to_numpy() if hasattr(scalar, "to_numpy") else _python(scalar.value)
    if isinstance(scalar, pa.ListScalar | pa.LargeListScalar | pa.FixedSizeListScalar):
        values = scalar.values
        if values is not None and _are_numbers(values):
            return values.to_numpy(zero_copy_only=False)
    return scalar.as_py()


def _are_numbers(values: Any) -> bool:
    import pyarrow as pa

    kind = values.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return numeric and not values.null_count  # an array has no place for a null


def _part(name: str, scalar: Any) -> Any:
    """Return a part; engines store integers with nulls as floats, and numbers as decimals."""
    part = scalar.as_py()
    if type(part).__name__ in ("Decimal", "float16"):  # float16: of numpy, in pyarrow 17
        part = float(part)
    if name == "channel" and isinstance(part, float) and part.is_integer():
        return int(part)
    return part


def _with_parts(value: Any, given: dict[str, Any]) -> Any:
    if isinstance(value, str):
        return {"path": value, **given}
    if isinstance(value, bytes):
        return {"bytes": value, **given}
    if isinstance(value, Mapping):
        twice = [key for key in given if value.get(key) is not None]
        if not twice:
            return {**value, **given}
        text = f"{twice[0]!r} is a field of the input, and a column of the table gives it, too"
    else:
        text = f"a part of a value of type {type(value).__name__} is asked for"
    raise EncodeError(
        printable(text),
        code="unsupported-input",
        remedy=f"give the column of inputs alone, or rename the columns {', '.join(PARTS)}",
    )


def _bytes_or_path(value: Any) -> Any:
    """Return the input for a struct of Hugging Face datasets, of which one field may be null."""
    if isinstance(value, Mapping) and {*value} == {"bytes", "path"}:
        return value["path"] if value["bytes"] is None else value["bytes"]
    return value
