"""JSON values of manifests: objects whose keys are given once, without half characters."""

from __future__ import annotations

import json
from typing import Any

from netencoders.parameters import short
from netencoders_corpus.sources.base import Problem
from netencoders_corpus.sources.text_lines import any_surrogate

__all__ = ["TwiceError", "object_problem", "once", "reason_of", "twice_problem"]


class TwiceError(ValueError):
    """A key of an object is given twice."""


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of some pairs.

    Raises
    ------
    TwiceError
        A key is given twice.
    """
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise TwiceError(short(next(name for name in names if names.count(name) > 1)))
    return made


def twice_problem(place: str, problem: TwiceError) -> Problem:
    """Return the problem of a key that is given twice."""
    return Problem(place, f"the key {problem} is given twice: give it once.")


def object_problem(value: Any, text: str, place: str, form: str) -> Problem | None:
    """Return the reason why a value is no row, or None.

    Parameters
    ----------
    value
    text : str
        The JSON of the value.
    place : str
    form : str
        The form of the manifest, for the remedy.
    """
    if not isinstance(value, dict):
        return Problem(place, f"it is {short(value)}, not an object: {form}.")
    if "\\u" in text and any_surrogate(value):
        return Problem(place, "a text has half of a surrogate pair: write the character in full.")
    return None


def reason_of(problem: ValueError) -> str:
    """Return the reason why a text is not JSON."""
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg} at column {problem.colno}"
    return str(problem).split(";")[0]
