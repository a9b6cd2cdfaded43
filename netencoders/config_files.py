"""Reads the configs of other tools: JSON, YAML, and options of the form ``--key=value``."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from types import MappingProxyType
from typing import Any, NoReturn

from netencoders.errors import ConfigError, SpecError
from netencoders.importer import Config
from netencoders.parameters import short

# strict_yaml is imported late: few programs read YAML.

__all__ = ["config_of", "configs_of_folder", "is_folder"]

MAX_BYTES = 2**21
"""The largest size of a config. A config with the mel filters of Whisper has half a megabyte."""


def is_folder(source: object) -> bool:
    """Return whether a source is the path of a folder."""
    return isinstance(source, str | PathLike) and os.path.isdir(source)


def configs_of_folder(folder: str, names: Sequence[str]) -> Iterator[tuple[str, Config]]:
    """Yield the path and the config of each of these files that the folder holds, in order."""
    for name in names:
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            yield path, config_of(path)


def config_of(source: str | PathLike[str] | Mapping[str, Any]) -> Config:
    """Return the config of a file, or of a mapping.

    Raises
    ------
    ConfigError
        The file cannot be read, is too large, or is not of its format.
    """
    if isinstance(source, Mapping):
        given: Mapping[Any, Any] = source
        for key in given:
            if not isinstance(key, str):
                raise _refusal(f"the name of a field must be a text. Got {short(key)}.", None)
        return Config(MappingProxyType(dict(given)))
    # Callers may pass any type, and open() takes an int as a file descriptor.
    path: object = os.fspath(source) if hasattr(source, "__fspath__") else source
    if not isinstance(path, str):
        raise _refusal(f"a config must be a path or a mapping. Got {short(source)}.", None)
    suffix = os.path.splitext(path)[1].lower()
    read = {".json": _json, ".yaml": _yaml, ".yml": _yaml, ".conf": _options}.get(suffix)
    if read is None:
        remedy = (
            "extract it: tar -xf MODEL.nemo, and name its model_config.yaml."
            if suffix == ".nemo"
            else "name a .json, .yaml, .yml or .conf file, or a folder that exists. Nothing is "
            "downloaded."
        )
        raise _refusal(f"this is not the name of a config: {remedy}", path)
    text = _text(path)
    content = read(text, path)
    if not isinstance(content, dict):
        raise _refusal(f"a config must be a mapping of fields. Got {short(content)}.", path)
    return Config(MappingProxyType(content), os.path.basename(path))


def _refusal(sentence: str, source: str | None) -> ConfigError:
    return ConfigError([("", sentence)], source=source)


def _text(path: str) -> str:
    try:
        # A pipe would be waited for.
        data = _content(path) if stat.S_ISREG(os.stat(path).st_mode) else None
    except FileNotFoundError:
        raise _refusal("there is no such file: check the path.", path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _refusal(f"the file cannot be read: {reason}.", path) from None
    if data is None:
        raise _refusal("this is not a regular file: name a file.", path)
    if len(data) > MAX_BYTES:
        raise _refusal(f"the config has more than {MAX_BYTES} bytes, the limit.", path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(f"byte {error.start} is not UTF-8: save the file as UTF-8.", path) from None


def _content(path: str) -> bytes:
    """Return the content of a file, or one byte more than the limit."""
    with open(path, "rb") as file:
        return file.read(MAX_BYTES + 1)


class _NotStrictError(ValueError):
    """JSON that Python's parser takes, and strict parsers refuse."""


def _json(text: str, path: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _refusal(f"this is not JSON: {error.msg}, {place}.", path) from None
    except _NotStrictError as error:
        raise _refusal(str(error), path) from None
    except RecursionError:
        raise _refusal("the values are nested too deep.", path) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in pairs:
        if key in content:
            raise _NotStrictError(f"the field {short(key)} is repeated: remove one.")
        content[key] = value
    return content


def _constant(word: str) -> NoReturn:
    raise _NotStrictError(f"{word} is not a number of JSON: replace it.")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _NotStrictError(f"the number {short(text)} is too large for a float64: replace it.")
    return number


def _integer(text: str) -> int:
    if len(text) > 40:  # Python raises at some thousands of digits
        raise _NotStrictError(f"the number {short(text)} needs more than 64 bits: replace it.")
    return int(text)


def _yaml(text: str, path: str) -> Any:
    from netencoders.yaml_specs.strict_yaml import load

    try:
        return load(text)[0]
    except SpecError as error:
        place = "" if error.line is None else f"line {error.line}, column {error.column}: "
        text = error.message.replace(" a spec", " a config").replace("the spec", "the config")
        raise _refusal(f"{place}{text}", path) from None


def _options(lines: str, path: str) -> dict[str, str]:
    """Return the options of a .conf file: one a line, and comments from a ``#`` on."""
    content: dict[str, str] = {}
    problems: list[tuple[str, str]] = []
    for number, line in enumerate(lines.splitlines(), 1):
        option = line.partition("#")[0].strip()
        key, equals, value = option.partition("=")
        key = key.rstrip()
        if not option:
            continue
        if not key.startswith("--") or key == "--":
            rule = f"line {number}: an option must have the form --key=value. Got {short(option)}."
            problems.append(("", rule))
        elif key in content:
            text = f"line {number}: the option {short(key)} is repeated: remove one."
            problems.append((key, text))
        elif " --" in value.replace("\t", " "):
            text = f"line {number}: an option must have its own line. Got {short(option)}."
            problems.append((key, text))
        else:
            content[key] = value.strip() if equals else "true"
    if problems:
        raise ConfigError(problems, source=path)
    return content
