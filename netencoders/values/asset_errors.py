"""Errors of values that may be given as an Asset: they name the file, or say how to give it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

from netencoders.assets import Asset
from netencoders.values.base import RefusedError

__all__ = ["naming", "refuse_path"]


@contextmanager
def naming(asset: Asset) -> Iterator[None]:
    """Put the name of the file before the text of a RefusedError that lacks it."""
    try:
        yield
    except RefusedError as refusal:
        text, place = str(refusal), f"{asset.place}: "
        if not text.startswith(place):
            text = f"{place}{text[:1].lower()}{text[1:]}"
        raise RefusedError(text) from None


def refuse_path(value: object) -> None:
    """Refuse a path that is given without an Asset, with the remedy.

    Raises
    ------
    RefusedError
        The value is a text or a path.
    """
    if isinstance(value, str | PathLike):
        raise RefusedError(
            "For a file, pass Asset(path): from netencoders import Asset; in YAML: {asset: path}."
        )
