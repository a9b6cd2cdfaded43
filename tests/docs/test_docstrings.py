"""The docstrings of the public names are complete: parameters, results and errors in numpydoc."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import netencoders
import netencoders_adapters
import netencoders_onnx

MARKERS = {"hookimpl", "hookspec"}  # objects of pluggy
NO_RESULT = {"None", "NoReturn", "Iterator[None]"}


def public(module: Any) -> Iterator[tuple[str, Callable[..., Any], str]]:
    """Yield the name, the callable and the docstring of public functions, classes and methods."""
    for name in sorted(set(module.__all__) - MARKERS):
        item: Any = getattr(module, name)
        if inspect.ismodule(item):
            yield from public(item)
        elif inspect.isfunction(item):
            yield name, item, inspect.getdoc(item) or ""
        elif inspect.isclass(item):
            if "__init__" in vars(item):
                yield name, item.__init__, inspect.getdoc(item) or ""
            for key in vars(item):
                member = getattr(item, key)
                own = inspect.isroutine(member) and _qualified(member) == f"{name}.{key}"
                if own and (key == "__call__" or not key.startswith("_")):
                    yield f"{name}.{key}", member, inspect.getdoc(member) or ""


def _qualified(member: Any) -> str:
    """Return the qualified name; a cached property has none."""
    return getattr(member, "__qualname__", "")


def sections(doc: str) -> dict[str, str]:
    """Return the sections of a numpydoc docstring by heading."""
    parts = re.split(r"^(\w[\w ]*)\n-+\n", doc, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(section: str) -> set[str]:
    """Return the names that a section of parameters documents."""
    heads = re.findall(r"^([*\w][\w*, ]*)", section, flags=re.MULTILINE)
    return {name.strip(" *") for head in heads for name in head.split(",")}


def missing(function: Callable[..., Any], doc: str) -> list[str]:
    """Return the parts that are missing in a docstring."""
    found = sections(doc)
    signature = inspect.signature(function)
    names = {name for name in signature.parameters if name not in ("self", "cls", "args", "kwargs")}
    parts = [] if doc else ["a docstring"]
    undocumented = names - documented(found.get("Parameters", ""))
    parts += [f"parameter {name}" for name in sorted(undocumented)]
    result = str(signature.return_annotation)
    if signature.return_annotation is not inspect.Signature.empty and result not in NO_RESULT:
        parts += [] if {"Returns", "Yields"} & found.keys() else ["Returns"]
    return parts


@pytest.mark.parametrize(
    ("function", "doc"),
    [
        pytest.param(item, doc, id=name)
        for module in (netencoders, netencoders_adapters, netencoders_onnx)
        for name, item, doc in public(module)
    ],
)
def test_docstring_is_complete(function: Callable[..., Any], doc: str) -> None:
    """The docstring documents every parameter and the result."""
    assert [] == missing(function, doc)


def test_missing_sections_are_found() -> None:
    """A docstring without sections documents no parameter and no result."""

    def function(first: int, *, second: int) -> int:
        """Return a number."""
        return first + second

    assert ["parameter first", "parameter second", "Returns"] == missing(function, function.__doc__)
    assert "a docstring" in missing(function, "")
