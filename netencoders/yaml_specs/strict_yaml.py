"""Reads the subset of YAML that specs use: plain values without tags, aliases or repeated keys.

It uses only PyYAML's scanner and parser in pure Python. The C parser overflows its stack on nested
brackets; PyYAML's composer is recursive, and its resolver follows YAML 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from netencoders.errors import SpecError
from netencoders.parameters import short
from netencoders.yaml_specs.scalars import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    SURROGATE,
    UNWRITABLE,
    resolved,
)

__all__ = ["MAX_BYTES", "MAX_VALUES", "Path", "Places", "load"]

Path = tuple[str | int, ...]
"""The keys and list positions that lead from the top of a document to a value."""

Places = dict[Path, tuple[int, int]]
"""The line and column, counted from 1, at which the entry of each path begins."""

_IN_PLAIN_WORDS = (
    ("'\\t' that cannot start", "a tab cannot indent or begin a value: use spaces."),
    ("that cannot start any token", "a value cannot begin with this character: quote it."),
    ("mapping values are not allowed", "a ':' is out of place: quote a text that contains ': '."),
    (
        "sequence entries are not allowed",
        "an item of a list that begins with '-' needs its own line.",
    ),
    ("expected <block end>", "the indentation does not fit the lines above."),
    (
        "expected '<document start>'",
        "this line does not continue the lines above: check its indentation.",
    ),
    ("unexpected end of stream", "a quoted text is not closed."),
    ("expected ',' or ']'", "a list is not closed: ',' or ']' is missing."),
    ("expected ',' or '}'", "a mapping is not closed: ',' or '}' is missing."),
    ("could not find expected ':'", "the ':' after a key is missing."),
    ("escape", "this backslash does not begin a known escape: use single quotes."),
)


def load(text: bytes | str) -> tuple[Any, Places]:
    """Return the value of a YAML document, and the places of its parts.

    A mapping becomes a dict, a list a list, and a document without content None.

    Raises
    ------
    SpecError
        The text is not YAML, or uses YAML outside of the subset.
    """
    value: Any = None
    places: Places = {}
    opened: list[_Opened] = []
    for event in _events(_decoded(text)):
        if isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
            continue
        inside = opened[-1] if opened else None
        if inside is not None and inside.awaits_key:
            inside.key = _key(event, inside, places)
            places[*inside.path, inside.key] = _place(event.start_mark)
            continue
        content = _content(event)
        path = inside.add(content) if inside is not None else ()
        places.setdefault(path, _place(event.start_mark))  # the place of a key is not replaced
        if inside is None:
            value = content
        if isinstance(content, dict | list):
            opened.append(_Opened(content, path))
        if len(opened) > MAX_DEPTH:
            _refuse(f"the values are nested more than {MAX_DEPTH} levels deep.", event.start_mark)
        if len(places) > MAX_VALUES:
            _refuse(f"the spec has more than {MAX_VALUES} values, the limit.", event.start_mark)
    return value, places


class _Loader(yaml.SafeLoader):
    """PyYAML's scanner without directives, tags, anchors and aliases."""

    def fetch_directive(self) -> NoReturn:
        _refuse("a '%' directive is not allowed in a spec.", self.get_mark())

    def fetch_tag(self) -> NoReturn:
        _refuse("a tag ('!...') is not allowed in a spec: quote a text.", self.get_mark())

    def fetch_anchor(self) -> NoReturn:
        _refuse("an anchor ('&...') is not allowed in a spec: quote a text.", self.get_mark())

    def fetch_alias(self) -> NoReturn:
        _refuse("an alias ('*...') is not allowed in a spec: quote a text.", self.get_mark())


@dataclass
class _Opened:
    """A mapping or list whose end is not yet read."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None

    def add(self, content: Any) -> Path:
        """Add the next value, and return its path."""
        if isinstance(self.value, list):
            self.value.append(content)
            return (*self.path, len(self.value) - 1)
        key, self.key = self.key or "", None
        self.value[key] = content
        return (*self.path, key)


def _decoded(text: bytes | str) -> str:
    """Return `text` as str without its byte order mark, if its size and characters are allowed."""
    if len(text) > MAX_BYTES:
        raise SpecError(f"the spec has more than {MAX_BYTES} bytes, the limit.")
    decoded = text if isinstance(text, str) else _from_utf8(text)
    decoded = decoded.removeprefix("\ufeff")
    bad = UNWRITABLE.search(decoded)
    if bad is not None:
        _refuse_after(
            decoded[: bad.start()],
            f"the character U+{ord(bad[0]):04X} is not allowed: write it as an escape, in quotes.",
        )
    return decoded


def _from_utf8(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse_after("", "this is UTF-16: save it as UTF-8.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        byte = data[error.start]
        _refuse_after(before, f"the byte 0x{byte:02x} is not UTF-8: save the text as UTF-8.")


def _events(text: str) -> Iterator[Any]:
    """Yield the scalars, and the starts and ends of collections, of the only document."""
    # Any: PyYAML's type stubs do not declare the results of these methods.
    loader: Any = _Loader(text)
    documents = 0
    try:
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    _refuse("a second document begins here: a spec has only one.", event.start_mark)
            elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                yield event
    except yaml.MarkedYAMLError as error:
        problem = error.problem or "this is not YAML"
        words = [plain for theirs, plain in _IN_PLAIN_WORDS if theirs in problem]
        _refuse(words[0] if words else f"{problem}.", error.problem_mark)
    except SpecError:  # before ValueError, its base class
        raise
    except (ValueError, OverflowError):  # PyYAML passes the number of any escape to chr()
        _refuse("this escape is not a character: use another one.", loader.get_mark())
    finally:
        loader.dispose()


def _key(event: Any, inside: _Opened, places: Places) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        _refuse("a key must be a text, not a list or mapping.", event.start_mark)
    if event.style is None and event.value == "<<":
        _refuse("a merge key ('<<') is not allowed in a spec.", event.start_mark)
    key = _content(event)
    if not isinstance(key, str):
        _refuse(f"a key must be a text. Got {event.value[:40] or 'nothing'}.", event.start_mark)
    if key in inside.value:
        line, _ = places[*inside.path, key]
        _refuse(
            f"the key {short(key)} is repeated; it is already in line {line}.", event.start_mark
        )
    return key


def _content(event: Any) -> Any:
    """Return the value of a scalar, or the empty start of a collection."""
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    if event.style is None:
        try:
            return resolved(event.value)
        except SpecError as error:
            _refuse(error.message, event.start_mark)
    if SURROGATE.search(event.value):
        _refuse("this escape is a lone surrogate, not a character.", event.start_mark)
    return event.value


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _refuse(message: str, mark: Any) -> NoReturn:
    line, column = _place(mark)
    raise SpecError(message, line=line, column=column) from None


def _refuse_after(text: str, message: str) -> NoReturn:
    """Refuse the character after `text`, before the scanner runs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    raise SpecError(message, line=len(lines), column=len(lines[-1]) + 1) from None
