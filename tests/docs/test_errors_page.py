"""docs/reference/errors.md lists every code and every class of errors."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import netencoders
import netencoders_audio

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "errors.md").read_text("utf-8")

NAMES = {"code", "default_code"}
CODE = re.compile("[a-z]+(-[a-z]+)*")


def codes(tree: ast.AST) -> Iterator[str]:
    """Yield the texts that a module passes or assigns as `code`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "code":
            yield from texts(node.value)
        elif isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.kwonlyargs]
            for name, default in zip(names, node.args.kw_defaults, strict=True):
                if name == "code" and default is not None:
                    yield from texts(default)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            for name, value in zip(node.targets[0].elts, elements(node.value), strict=False):
                if isinstance(name, ast.Name) and name.id == "code":
                    yield from texts(value)
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in NAMES:
            yield from texts(node.value)


def elements(node: ast.expr) -> list[ast.expr]:
    """Return the elements of a tuple."""
    return node.elts if isinstance(node, ast.Tuple) else []


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts in an expression, such as both sides of a condition."""
    for part in ast.walk(node):
        text = getattr(part, "value", None)
        if isinstance(text, str) and CODE.fullmatch(text):  # another text is no such code
            yield text


def test_page_lists_every_code() -> None:
    """The table has each code of the packages, and no other, in order."""
    raised = {
        code
        for folder in ("netencoders", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        for code in codes(ast.parse(path.read_text("utf-8")))
    }
    listed = re.findall(r"^\| `([a-z-]+)` \|", PAGE.partition("\n## Codes\n")[2], re.MULTILINE)
    assert sorted(raised) == listed


def test_codes_are_found_wherever_they_are_stated() -> None:
    """Arguments, defaults, conditions and assignments are read."""
    source = (
        "raise E('a', code='one' if x else 'two')\ndef f(*, code='three'): pass\n"
        "text, code = 'b', 'four'\ncode = 'five'\nother = 'six'"
    )
    assert {"one", "two", "three", "four", "five"} == set(codes(ast.parse(source)))


def test_page_lists_every_class() -> None:
    """The first table has each exception and warning that the packages export."""
    exported = {
        name
        for package in (netencoders, netencoders_audio)
        for name in package.__all__
        if isinstance(thing := getattr(package, name), type) and issubclass(thing, Exception)
    }
    table = PAGE.partition("\n## Codes\n")[0]
    named = set(re.findall(r"`(\w+)`", table))
    assert set() == exported - named - {"RefusedError"}  # raised and caught inside of a type
