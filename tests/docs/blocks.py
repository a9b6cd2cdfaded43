"""Run the blocks of a page in their order, as a person who copies each of them.

====================== =========================================================================
block                  action
====================== =========================================================================
``python`` with >>>    runs as a doctest
``python``             runs; the printed text is that of the ``text`` block that follows
``python NAME``        becomes the file NAME, a module; so does ``yaml NAME`` and so on
``sh``, ``bash``       runs in bash; the printed text is that of the ``text`` block that follows
====================== =========================================================================

All blocks of a page share one folder and one namespace. A comment before a block changes its
action: ``<!-- not run: REASON -->`` leaves it out, and ``<!-- background: PORT -->`` starts a
server that runs until the end of the page. Its port is replaced by a free one in all blocks of
the page. The comment ``<!-- needs: NAMES -->`` names the packages of a page that the tests do not
install: its test has the marker ``site``, ``gallery`` for the extra `examples`, or
``corpora``.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

__all__ = ["FLAGS", "Block", "blocks", "needs", "run"]

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
BLOCK = re.compile(
    r"^(?:<!-- (?P<action>not run|background): (?P<why>[^\n]+) -->\n\n?)?"
    r"^```(?P<language>\w+) ?(?P<name>\S*)\n(?P<text>.*?)^```$",
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
    action : str
        ``"not run"``, ``"background"`` or empty.
    why : str
        The reason, or the port.
    shown : str or None
        The text of the ``text`` block that follows it at once.
    """

    language: str
    name: str
    text: str
    line: int
    action: str
    why: str
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
                match["action"] or "",
                match["why"] or "",
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
    found = list(blocks(page))
    ports = {block.why: _free_port() for block in found if block.action == "background"}
    with contextlib.ExitStack() as servers, _modules_here(found):
        for block in found:
            if block.action != "not run":
                text = block.text
                for shown, port in ports.items():
                    text = text.replace(shown, str(port))
                place = f"{page.name}, line {block.line}"
                if block.action == "background":
                    servers.enter_context(_server(text, ports[block.why], place))
                else:
                    _run(replace(block, text=text), namespace, place)
    return namespace


def _run(block: Block, namespace: dict[str, Any], place: str) -> None:
    if block.name:
        Path(block.name).write_text(block.text, "utf-8")
    elif block.language == "python" and ">>>" in block.text:
        _doctest(block, namespace, place)
    elif block.language == "python":
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block.text, place, "exec"), namespace)
        _compare(block, printed.getvalue(), place)
    elif block.language in ("sh", "bash"):
        done = subprocess.run(_command(block.text), **_OPTIONS, env=_environment())
        assert 0 == done.returncode, f"{place}: {done.stdout}"
        _compare(block, done.stdout, place)


def _doctest(block: Block, namespace: dict[str, Any], place: str) -> None:
    example = doctest.DocTestParser().get_doctest(block.text, namespace, place, place, block.line)
    report = io.StringIO()
    result = doctest.DocTestRunner(optionflags=FLAGS).run(
        example, out=report.write, clear_globs=False
    )
    namespace.update(example.globs)
    assert 0 == result.failed, report.getvalue()


_OPTIONS: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


def _command(text: str) -> list[str]:
    return ["bash", "-euo", "pipefail", "-c", text]


def _environment() -> dict[str, str]:
    """Return the environment with this interpreter first in the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "COLUMNS": "100"}


@contextlib.contextmanager
def _modules_here(found: list[Block]) -> Iterator[None]:
    """Import modules from the current folder, and forget those of the page at its end."""
    sys.path.insert(0, os.getcwd())
    try:
        yield
    finally:
        sys.path.pop(0)
        for block in found:
            sys.modules.pop(block.name.removesuffix(".py"), None)


@contextlib.contextmanager
def _server(text: str, port: int, place: str) -> Iterator[None]:
    """Run a server, and wait until it takes connections."""
    command = _command(f"exec {text}")
    with subprocess.Popen(command, **_OPTIONS, env=_environment()) as server:
        try:
            for _ in range(600):
                assert server.poll() is None, f"{place}: {server.communicate()[0]}"
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.1)
            yield
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _compare(block: Block, printed: str, place: str) -> None:
    """Compare a printed text with the shown one; a text that is not shown must be empty."""
    shown = block.shown or ""
    same = doctest.OutputChecker().check_output(shown, printed, FLAGS)
    assert same, f"{place}: the page shows\n{shown}\nand the block prints\n{printed}"
