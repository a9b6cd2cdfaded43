"""Importer: turns the configs of another tool into declarations of encoders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netencoders.errors import PluginError, nearest
from netencoders.parameters import is_line, is_name, short
from netencoders.sentinels import Absent
from netencoders.values import RefusedError, ValueType, alternatives

__all__ = ["Config", "ConfigField", "Importer", "read_fields"]

Problems = list[tuple[str, str]]


@dataclass(frozen=True)
class Config:
    """A config of another tool.

    Parameters
    ----------
    content : mapping of str to object
        The fields. A .conf file gives its options with their dashes, and their values as texts.
    file : str
        The name of the file, without its folder; empty for a mapping that a program gives.
    """

    content: Mapping[str, Any]
    file: str = ""


def no_parts(config: Config) -> Sequence[str]:
    """Return the parts of a config that has one front end."""
    return ()


def no_hint(config: Config) -> str:
    """Return no hint."""
    return ""


@dataclass(frozen=True)
class Importer:
    """An importer of the configs of another tool, for the hook `register_importers`.

    Parameters
    ----------
    name : str
        A letter, then letters, digits and underscores.
    summary : str
        One line: the configs that it takes.
    recognizes : callable
        ``recognizes(config) -> bool`` tells whether the `Config` is one of these.
    declare : callable
        ``declare(config, part) -> dict`` returns the declaration, with the keys of a spec: `name`,
        `summary`, `encoder`, `parameters`, `layers`. It raises a `ConfigError` that lists all
        problems of the config. `part` is None, or one of the parts.
    parts : callable, optional
        ``parts(config)`` returns the names of the front ends of the config. Of more than one, the
        user chooses one. The default is for configs with one front end: it returns none.
    files : tuple of str, optional
        The names of the files to look for in a folder; the first one that is recognized is taken.
    hint : callable, optional
        ``hint(config) -> str`` returns the reason why the importer does not recognize a config that
        is similar, or an empty text. The error shows it if no importer recognizes the config.

    Raises
    ------
    PluginError
        A field is invalid.

    Examples
    --------
    >>> Importer("Tool", "tool.json", lambda config: "tool" in config.content,
    ...          lambda config, part: {"encoder": "Audio"}).name
    'Tool'
    """

    name: str
    summary: str
    recognizes: Callable[[Config], bool]
    declare: Callable[[Config, str | None], Mapping[str, Any]]
    parts: Callable[[Config], Sequence[str]] = no_parts
    files: tuple[str, ...] = ()
    hint: Callable[[Config], str] = no_hint

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise PluginError(
                "an importer's name must be a letter, then letters, digits and underscores. "
                f"Got {short(self.name)}."
            )
        owner = f"importer {self.name}"
        if not is_line(self.summary):
            raise PluginError(
                f"'summary' must be one line. Got {short(self.summary)}.", plugin=owner
            )
        for field in ("recognizes", "declare", "parts", "hint"):
            given = getattr(self, field)
            if not callable(given):
                raise PluginError(
                    f"{field!r} must be a function. Got {short(given)}.", plugin=owner
                )
        files: object = self.files
        if not (isinstance(files, tuple) and all(map(is_line, files))):
            raise PluginError(
                f"'files' must be a tuple of names of files. Got {short(self.files)}.",
                plugin=owner,
            )


@dataclass(frozen=True)
class ConfigField:
    """The rule for one field of a config.

    Parameters
    ----------
    name : str
    type : ValueType or None
        The values that can be honoured; None for a field that has no effect on the array.
    default : object
        The value of the tool if the field is missing; without it, the field is required.
    doc : str
        The parameter that the field sets, or the reason why it has no effect.
    remedy : str
        A sentence that is added to the message for another value.
    """

    name: str
    type: ValueType | None = None
    default: Any = Absent
    doc: str = ""
    remedy: str = ""


def read_fields(
    content: Mapping[Any, Any], fields: Sequence[ConfigField], owner: str
) -> tuple[dict[str, Any], Problems]:
    """Return the value of each field that has a type, and the problems of all fields.

    Parameters
    ----------
    content : mapping
        The fields of the config.
    fields : sequence of ConfigField
        The rules for all fields that are known.
    owner : str
        The class or tool that reads the config, for messages.

    Returns
    -------
    values : dict of str to object
        The canonical values, or the defaults. A value that is refused is left out.
    problems : list of (str, str)
        The field and a sentence, for each value that is refused and each field that is unknown or
        missing; for `ConfigError`.

    Examples
    --------
    >>> from netencoders import Integer
    >>> fields = [ConfigField("rate", Integer(min=1), 16000), ConfigField("author")]
    >>> read_fields({"rate": 8000, "author": "me"}, fields, "Tool")
    ({'rate': 8000}, [])
    >>> read_fields({"rates": 8000}, fields, "Tool")[1][0][1]
    "unknown field 'rates' of Tool. Did you mean 'rate'? ..."
    """
    values: dict[str, Any] = {}
    problems: Problems = []
    for field in fields:
        if field.type is None:
            continue
        if field.name not in content:
            if field.default is Absent:
                problems.append(
                    (field.name, f"{field.name!r} is missing, a field that {owner} needs: add it.")
                )
            else:
                values[field.name] = field.default
            continue
        given = content[field.name]
        try:
            values[field.name] = field.type.check(given)
        except RefusedError as refused:
            rule = f"{field.name!r} must be {alternatives(field.type.describe())}"
            words = [f"{rule}. Got {short(given)}.", str(refused), field.remedy]
            problems.append((field.name, " ".join(filter(None, words))))
    known = [field.name for field in fields]
    for key in content:
        if key not in known:
            name = key if isinstance(key, str) else ""
            text = f"unknown field {short(key)} of {owner}.{nearest(name, known)}"
            rest = "It may change the array: if it does not, remove it from a copy of the config."
            problems.append((name, f"{text} {rest}"))
    return values, problems
