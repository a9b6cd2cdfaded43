"""Measure the prose: how often the pronouns of `PRONOUN` occur in docstrings, comments and pages.

Print the measures of the whole repository::

    python tests/docs/prose.py

Good technical prose names its subject, and needs these pronouns rarely. The limit is `LIMIT`; error
messages and other strings have none of them.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

__all__ = [
    "LIMIT",
    "PACKAGES",
    "PAGES",
    "TESTS",
    "Measure",
    "code",
    "modules",
    "page",
    "rate",
    "report",
    "strings",
]

ROOT = Path(__file__).parents[2]
LIMIT = 2.0
"""Occurrences in 1000 words."""

PACKAGES = {
    "netencoders": ROOT / "netencoders",
    "plugins": ROOT / "plugins",
    "specs": ROOT / "specs",
}
"""The folders of the packages that are installed."""

PAGES = {
    "README": [ROOT / "README.md"],
    "docs": [
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(ROOT.glob("docs/**/*.md")),
        ROOT / "specs" / "README.md",
    ],
    "plugins/README": [ROOT / "plugins" / "README.md"],
}
"""The pages, in groups that are measured together."""

TESTS = {
    name: ROOT / "tests" / name
    for name in ("audio", "conformance", "contract", "core", "docs", "layers")
}
"""The folders of tests."""

PRONOUN = re.compile(r"\b(?:what|whatever)\b", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
TEXT_KEYWORDS = frozenset({"doc", "help", "description", "epilog"})
"""Arguments that document parameters and commands: prose, not messages."""


@dataclass(frozen=True)
class Measure:
    """The prose of one file.

    Attributes
    ----------
    path : Path
    words : int
    lines : tuple of (int, str)
        The number and the text of each line with one of the pronouns.
    found : int
        The number of pronouns.
    """

    path: Path
    words: int
    lines: tuple[tuple[int, str], ...]
    found: int


def code(path: Path) -> Measure:
    """Measure the docstrings, comments and parameter documentation of a module."""
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    texts = [(node.lineno, str(node.value)) for node in (*_docstrings(tree), *_documentation(tree))]
    texts += [
        (token.start[0], token.string.lstrip("#"))
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    return _measure(path, sorted(texts))


def page(path: Path) -> Measure:
    """Measure a Markdown page, without code, comments and the targets of links."""
    text = path.read_text("utf-8")
    for pattern in (
        r"^```.*?^```",  # blocks of code
        r"<!--.*?-->",
        r"(?<=\n\n)(?: {4}[^\n]*\n)+",  # indented code
        r"`[^`\n]*`",
        r"\]\([^)]*\)",
    ):
        text = re.sub(pattern, _blank, text, flags=re.MULTILINE | re.DOTALL)
    return _measure(path, [(1, text)])


def strings(path: Path) -> list[tuple[int, str]]:
    """Return the line and text of all strings with a pronoun that may reach an error message.

    How a string reaches an error is not visible in the syntax tree: messages are also returned by
    functions, and joined from parts. Therefore these are all strings except docstrings and the
    documentation of parameters and commands.
    """
    tree = ast.parse(path.read_text("utf-8"))
    other = {id(node) for node in (*_docstrings(tree), *_documentation(tree))}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if _is_text(node) and id(node) not in other and PRONOUN.search(node.value)
    ]


def report(measures: Iterable[Measure], most: int = 8) -> str:
    """Return the rate of several files together, and the lines of those with the highest counts."""
    measures = sorted(measures, key=lambda measure: -measure.found)
    lines = [f"{rate(measures):.2f} pronouns in 1000 words; at most {LIMIT} are allowed"]
    for measure in measures[:most]:
        if measure.found:
            lines.append(f"{measure.path.relative_to(ROOT)}: {measure.found} in {measure.words}")
            lines += [f"  line {number}: {text}" for number, text in measure.lines]
    return "\n".join(lines)


def rate(measures: Iterable[Measure]) -> float:
    """Return the pronouns in 1000 words of several files together."""
    measures = list(measures)
    words = sum(measure.words for measure in measures)
    return 1000 * sum(measure.found for measure in measures) / max(words, 1)


def modules(folder: Path) -> list[Path]:
    """Return the modules in a folder."""
    return sorted(folder.rglob("*.py"))


def _docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield strings that are statements: docstrings, also those below attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and _is_text(node.value):
            yield node.value


def _documentation(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the strings in arguments such as ``doc=`` and ``help=``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in TEXT_KEYWORDS:
            yield from filter(_is_text, ast.walk(node.value))


def _is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _measure(path: Path, texts: Iterable[tuple[int, str]]) -> Measure:
    words = 0
    found = 0
    lines = []
    for first, text in texts:
        for number, line in enumerate(text.split("\n"), first):
            if line.lstrip().startswith((">>>", "...")):
                continue  # an example
            words += len(WORD.findall(line))
            if pronouns := PRONOUN.findall(line):
                found += len(pronouns)
                lines.append((number, line.strip()))
    return Measure(path, words, tuple(lines), found)


def _blank(match: re.Match[str]) -> str:
    """Keep the line breaks, so that the lines of a page keep their numbers."""
    return "\n" * match[0].count("\n")


def main() -> None:
    """Print the measures of all packages, tests and pages."""
    lines = []
    for name, folder in PACKAGES.items():
        lines.append(f"# {name}: {report(map(code, modules(folder)))}")
        for path in modules(folder):
            where = path.relative_to(ROOT)
            lines += [f"string in {where}, line {line}: {text!r}" for line, text in strings(path)]
    lines += [f"# tests/{name}: {report(map(code, modules(TESTS[name])))}" for name in TESTS]
    lines += [f"# {name}: {report(map(page, pages))}" for name, pages in PAGES.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
