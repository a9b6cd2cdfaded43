"""Part: a mapping of the YAML of a net file, whose keys are taken one by one and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, overload

from netencoders.errors import NetFileError, nearest, printable
from netencoders.parameters import short

__all__ = ["Part", "refused"]

Made = TypeVar("Made")
_SHA256: Final = re.compile("[0-9a-f]{64}")
_WORDS: Final = {
    str: "a text",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "a mapping",
}
_REMEDY: Final = "a net file is not written by hand: save the net again by net.save"


def refused(place: str, problem: str) -> NetFileError:
    """Return the error for a part of net.yaml."""
    return NetFileError(f"net.yaml, {printable(place)}: {problem}", remedy=_REMEDY)


class Part:
    """A mapping of the document.

    Parameters
    ----------
    value : object
        The value from the YAML.
    place : str
        Its place, for messages.

    Raises
    ------
    NetFileError
        It is not a mapping.
    """

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise refused(place, f"it must be a mapping. Got {short(value)}")
        self._rest = dict(value)
        self._known: list[str] = []
        self.place = place

    def __contains__(self, key: str) -> bool:
        return key in self._rest

    @overload
    def take(self, key: str, kind: type[Made]) -> Made: ...
    @overload
    def take(self, key: str, kind: type[Made], default: Made) -> Made: ...

    def take(self, key: str, kind: type[Made], default: Made | None = None) -> Made:
        """Return the value of a key, which must be of exactly this type.

        Raises
        ------
        NetFileError
            It is missing and has no default, or is of another type.
        """
        self._known.append(key)
        if key not in self._rest:
            if default is None:
                raise refused(self.place, f"the key {key!r} is missing")
            return default
        value = self._rest.pop(key)
        if type(value) is not kind:  # a bool is no integer
            raise refused(f"{self.place}.{key}", f"it must be {_WORDS[kind]}. Got {short(value)}")
        return value

    def number(self, key: str) -> float:
        """Return the number of a key; a program may have given an integer for a float."""
        is_integer = type(self._rest.get(key)) is int
        return self.take(key, int) if is_integer else self.take(key, float)

    def sha256(self, key: str) -> str:
        """Return the digest of a key."""
        text = self.take(key, str)
        if not _SHA256.fullmatch(text):
            raise refused(f"{self.place}.{key}", f"it must be a sha256. Got {short(text)}")
        return text

    def part(self, key: str) -> Part:
        """Return the mapping of a key."""
        return Part(self.take(key, dict), f"{self.place}.{key}")

    def each(self, key: str, made: Callable[[Part], Made]) -> dict[str, Made]:
        """Return the objects that a function makes of the mappings in the mapping of a key."""
        content: Mapping[str, Any] = self.take(key, dict)
        places = {name: f"{self.place}.{key}.{name}" for name in content}
        return {name: made(Part(value, places[name])) for name, value in content.items()}

    def texts(self, value: Any, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise refused(f"{self.place}.{key}", f"it must be a list of texts. Got {short(value)}")
        return tuple(value)

    def end(self, *optional: str) -> None:
        """Refuse keys that were not taken; the message also knows the `optional` ones."""
        known = dict.fromkeys([*self._known, *optional])
        for key in self._rest:
            hint = nearest(key, known) or f" Known: {', '.join(known)}."
            raise refused(self.place, f"unknown key {short(key)}.{hint}")
