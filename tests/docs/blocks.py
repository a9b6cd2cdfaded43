"""Run the blocks of a page in their order, as a person who copies each of them.

====================== =========================================================================
block                  action
====================== =========================================================================
``python`` with >>>    runs as a doctest
``python``             runs; the printed text is that of the ``text`` block that follows
``python NAME``        becomes the file NAME; so does ``yaml NAME``, ``text NAME`` and so on
``sh``                 runs in bash; the printed text is that of the ``text`` block that follows
====================== =========================================================================

All blocks of a page share one folder and one namespace. The comment ``<!-- not run: REASON -->``
before a block leaves it out. The comment ``<!-- needs: NAMES -->`` names the packages of a page that
the tests do not install: its test has the marker ``site``.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["FLAGS", "Block", "blocks", "needs", "run"]

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
BLOCK = re.compile(
    r"^(?P<skip><!-- not run: [^\n]+ -->\n\n?)?^```(?P<language>\w+) ?(?P<name>\S*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
NEEDS = re.compile(r"^<!-- needs: (.+) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes
    ----------
    language : str
        The first word after the fence.
    name : str
        The second one: the name of a file, or empty.
    text : str
    line : int
        The line of the fence.
    skip : bool
        Whether a comment leaves it out.
    shown : str or None
        The text of the ``text`` block that follows it at once.
    """

    language: str
    name: str
    text: str
    line: int
    skip: bool
    shown: str | None


def needs(page: Path) -> str:
    """Return the packages that a page needs beside those of the tests."""
    found = NEEDS.search(page.read_text("utf-8"))
    return found[1] if found else ""


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page, except those that show the output of another one."""
    source = page.read_text("utf-8")
    found = list(BLOCK.finditer(source))
    shown = None
    parsed = []
    for match in reversed(found):
        if match["language"] == "text" and not match["name"]:
            shown = (match.start(), match["text"])
            continue
        follows = shown is not None and not source[match.end() : shown[0]].strip()
        line = source.count("\n", 0, match.start("language")) + 1
        parsed.append(
            Block(
                match["language"],
                match["name"],
                match["text"],
                line,
                bool(match["skip"]),
                shown[1] if shown and follows else None,
            )
        )
    yield from reversed(parsed)


def run(page: Path, namespace: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run the blocks of a page in the current folder, and return their namespace.

    Raises
    ------
    AssertionError
        A block prints another text than the page shows, or a command fails.
    """
    namespace = {} if namespace is None else namespace
    namespace.setdefault("__name__", "page")
    for block in blocks(page):
        place = f"{page.name}, line {block.line}"
        if block.skip:
            continue
        if block.name:
            Path(block.name).write_text(block.text, "utf-8")
        elif block.language == "python" and ">>>" in block.text:
            _doctest(block, namespace, place)
        elif block.language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(block.text, place, "exec"), namespace)
            _compare(block, printed.getvalue(), place)
        elif block.language == "sh":
            _compare(block, _shell(block.text, place), place)
    return namespace


def _doctest(block: Block, namespace: dict[str, Any], place: str) -> None:
    example = doctest.DocTestParser().get_doctest(block.text, namespace, place, place, block.line)
    report = io.StringIO()
    result = doctest.DocTestRunner(optionflags=FLAGS).run(
        example, out=report.write, clear_globs=False
    )
    namespace.update(example.globs)
    assert 0 == result.failed, report.getvalue()


def _shell(text: str, place: str) -> str:
    """Run commands with this interpreter first in the path, and return the printed text."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        env={**os.environ, "PATH": path, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert 0 == done.returncode, f"{place}: {done.stdout}"
    return done.stdout


def _compare(block: Block, printed: str, place: str) -> None:
    """Compare a printed text with the shown one; a text that is not shown must be empty."""
    shown = block.shown or ""
    same = doctest.OutputChecker().check_output(shown, printed, FLAGS)
    assert same, f"{place}: the page shows\n{shown}\nand the block prints\n{printed}"
