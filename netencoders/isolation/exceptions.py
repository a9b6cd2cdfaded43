"""Exceptions and warnings of a worker process as JSON values, and back (A39).

The parent makes an exception or a warning only of a class that it has imported already, and sets
only the fields that this module names. Long texts are shortened, so that a reply stays below
`frames.MAX_TEXT`.
"""

from __future__ import annotations

import builtins
import sys
import warnings
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Final, TypeVar

from netencoders.errors import (
    EncodeError,
    NetEncodersError,
    ParameterError,
    PluginError,
    SpecError,
)
from netencoders.isolation.frames import ReplyError
from netencoders.origins import is_of_input, mark_of_input

__all__ = ["describe_error", "describe_warning", "give_warning", "rebuild_error"]

Raised = TypeVar("Raised", bound=Exception)

_MAX_CHARACTERS: Final = 8000  # of one text
_MAX_LIST: Final = 20_000  # characters of the texts of one list
_MAX_CLASSES: Final = 20

# The fields of each class. A derived class has those of the first base that is listed here.
_FIELDS: Final[dict[type[NetEncodersError], tuple[str, ...]]] = {
    EncodeError: ("message", "code", "source", "remedy", "index"),
    ParameterError: ("owner", "problems"),
    SpecError: ("message", "source", "line", "column"),
    PluginError: ("message", "plugin"),
    NetEncodersError: (),
}
_INTEGERS: Final = {"index", "line", "column"}
_OPTIONAL: Final = {"source", "remedy", *_INTEGERS}

_BUILT_IN: Final[dict[str, type[Exception]]] = {
    f"builtins:{name}": cls
    for name, cls in vars(builtins).items()
    if isinstance(cls, type) and issubclass(cls, Exception)
}

# The registry of `warnings` for modules that this process has not imported.
_elsewhere: dict[Any, Any] = {}


def describe_error(error: Exception) -> dict[str, Any]:
    """Return an exception as JSON values: its classes, its text and its fields."""
    base = _base(type(error))
    fields: dict[str, Any] = {}
    if base is not None:
        fields = {name: _plain(name, getattr(error, name, None)) for name in _FIELDS[base]}
    return {
        "classes": _class_names(type(error)),
        "text": _shortened(error),
        "fields": fields,
        "arguments": _arguments(error),
        "of_input": is_of_input(error),
        "notes": _shortened_list(getattr(error, "__notes__", [])),
    }


def rebuild_error(reply: Mapping[str, Any]) -> Exception:
    """Return the exception that `describe_error` described in another process.

    Its class is the first of its classes that is a built-in exception, or an error of netencoders
    that is imported here.

    Raises
    ------
    ReplyError
        The reply does not have the form of `describe_error`.
    """
    classes, text = _texts(reply, "classes"), _text(reply, "text")
    known: dict[str, type[Exception]] = {**_BUILT_IN, **_by_name(NetEncodersError)}
    for place, cls in _known(classes, known):
        named = text if place == 0 else f"{classes[0].rpartition(':')[2]}: {text}"
        error = _rebuilt(cls, reply, named)
        if error is not None:
            if reply.get("of_input") is True:
                mark_of_input(error)
            for note in _texts(reply, "notes"):
                error.add_note(note)
            return error
    raise ReplyError("an error of an unknown class")


def describe_warning(warning: Warning, filename: str, line: int) -> dict[str, Any]:
    """Return a warning as JSON values: its classes, its text and its place."""
    modules = list(sys.modules.items())
    names = (name for name, module in modules if _file_of(module) == filename)
    return {
        "classes": _class_names(type(warning)),
        "text": _shortened(warning),
        "module": _shortened(next(names, filename.removesuffix(".py"))),
        "line": line,
    }


def give_warning(reply: Mapping[str, Any]) -> None:
    """Give the warning that `describe_warning` described in another process.

    The filters of this process show it, ignore it or raise it, as if its module had given it here.
    Its category is the first of its classes that is imported here.

    Raises
    ------
    ReplyError
        The reply does not have the form of `describe_warning`.
    """
    classes, text = _texts(reply, "classes"), _text(reply, "text")
    name, line = _text(reply, "module"), _integer(reply, "line")
    for place, cls in _known(classes, _by_name(Warning)):
        named = text if place == 0 else f"{classes[0].rpartition(':')[2]}: {text}"
        warning = _from_arguments(cls, [named], named)
        if warning is not None:
            break
    else:
        raise ReplyError("a warning of an unknown class")
    module = sys.modules.get(name)
    file, registry = _file_of(module), _elsewhere
    if file is not None:
        registry = _namespace(module).setdefault("__warningregistry__", {})
    # A file only if it is that of a module: in order to show a warning, Python reads the file.
    place_shown = f"<{name}>" if file is None else file
    warnings.warn_explicit(
        warning, type(warning), place_shown, line, module=name, registry=registry
    )


def _class_names(cls: type) -> list[str]:
    return [_shortened(_name(base), 200) for base in cls.__mro__[:_MAX_CLASSES]]


def _name(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def _base(cls: type) -> type[NetEncodersError] | None:
    return next((base for base in _FIELDS if issubclass(cls, base)), None)


def _by_name(base: type[Raised]) -> dict[str, type[Raised]]:
    """Return `base` and all classes derived from it, by name, without code of their modules."""
    return {_name(cls): cls for cls in _derived(base)}


def _derived(base: type[Raised]) -> Iterator[type[Raised]]:
    yield base
    for cls in type.__subclasses__(base):
        yield from _derived(cls)


def _known(
    names: list[str], classes: Mapping[str, type[Raised]]
) -> Iterator[tuple[int, type[Raised]]]:
    """Yield the classes that are known, with the place of their names."""
    for place, name in enumerate(names):
        if name in classes:
            yield place, classes[name]


def _rebuilt(cls: type[Exception], reply: Mapping[str, Any], text: str) -> Exception | None:
    """Return an error of a class, or None if the class needs more than its base class has."""
    base = _base(cls)
    if base is None:
        arguments = reply.get("arguments")
        given = _from_arguments(cls, arguments, text) if isinstance(arguments, list) else None
        return _from_arguments(cls, [text], text) if given is None else given
    values = reply.get("fields")
    if not isinstance(values, dict):
        raise ReplyError("an error without fields")
    fields: dict[str, Any] = {name: _field(values, name) for name in _FIELDS[base]}
    try:
        error = cls.__new__(cls)
        if fields:
            base.__init__(error, **fields)  # not the method of `cls`: it may take other arguments
        else:
            Exception.__init__(error, text)
        str(error)  # may need an attribute that only the constructor of `cls` sets
    except Exception:  # code of a plugin may raise anything
        return None
    return error


def _from_arguments(cls: type[Raised], arguments: list[Any], text: str) -> Raised | None:
    """Return `cls(*arguments)`, or None if this is not possible or has another text."""
    try:
        made = cls(*arguments)
        return made if str(made) == text else None
    except Exception:  # code of a plugin may raise anything
        return None


def _arguments(error: Exception) -> list[Any] | None:
    arguments = [*error.args]
    if isinstance(error, OSError) and error.filename is not None and len(arguments) == 2:
        arguments.append(error.filename)  # `args` lacks it
    if all(isinstance(argument, str | int | None) for argument in arguments):
        short = len(arguments) < 10 and all(len(str(value)) < 1000 for value in arguments)
        return arguments if short else None
    return None


def _plain(name: str, value: object) -> Any:
    if name in _OPTIONAL and value is None:
        return None
    if name in _INTEGERS:
        return value if type(value) is int and 0 <= value < 1 << 31 else None
    return _shortened_list(value) if name == "problems" else _shortened(value)


def _shortened(value: object, limit: int = _MAX_CHARACTERS) -> str:
    try:
        text = str(value)
    except Exception as bug:  # code of a plugin may raise anything
        text = f"{type(value).__name__}, whose text raises {type(bug).__name__}"
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


def _shortened_list(values: Any) -> list[str]:
    texts: list[str] = []
    for value in values if isinstance(values, list | tuple) else []:
        texts.append(_shortened(value))
        if sum(len(text) + 10 for text in texts) > _MAX_LIST:
            return [*texts[:-1], f"{len(values) - len(texts) + 1} more."]
    return texts


def _field(fields: Mapping[str, Any], name: str) -> Any:
    if name in _OPTIONAL and fields.get(name) is None:
        return None
    if name in _INTEGERS:
        return _integer(fields, name)
    return _texts(fields, name) if name == "problems" else _text(fields, name)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ReplyError(f"no text as {name!r}")
    return value


def _texts(fields: Mapping[str, Any], name: str) -> list[str]:
    value = fields.get(name)
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ReplyError(f"no list of texts as {name!r}")
    return value


def _integer(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    if type(value) is not int or not 0 <= value < 1 << 31:
        raise ReplyError(f"no number as {name!r}")
    return value


def _file_of(module: object) -> str | None:
    file = _namespace(module).get("__file__") if isinstance(module, ModuleType) else None
    return file if isinstance(file, str) else None


def _namespace(module: object) -> dict[str, Any]:
    # Not `vars`: it would run the code of a module that is imported on its first use.
    namespace: dict[str, Any] = object.__getattribute__(module, "__dict__")
    return namespace
