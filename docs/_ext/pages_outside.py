"""A Sphinx extension for pages outside of docs, and for links to files outside of docs.

A page that begins with the comment ``<!-- page: ../../specs/README.md -->`` shows that file, which
people also read on its own. Links in all pages are relative to the file that contains them. Links
to a file with a page lead to the page. The site offers the files of the folder examples for
download. Links to other files and folders outside of docs become plain text, because the site has
no such files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

__all__ = ["relinked", "setup", "shown_file"]

PAGE = re.compile(r"\A<!-- page: (\S+) -->$", re.MULTILINE)
FENCE = re.compile(r"^(```.*?^```|~~~.*?^~~~)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]+)(#[^)\s]+)?\)")


def shown_file(page: Path) -> Path | None:
    """Return the file outside of docs that a page shows, if it shows one."""
    found = PAGE.match(page.read_text("utf-8"))
    return (page.parent / found[1]).resolve() if found else None


def relinked(text: str, origin: Path, page: Path, docs: Path, shown: dict[Path, Path]) -> str:
    """Return the text of a page with links that work on the site.

    Parameters
    ----------
    text : str
        The text, in Markdown.
    origin : Path
        The file that contains the text.
    page : Path
        The page that shows it.
    docs : Path
        The folder of the pages.
    shown : dict of Path to Path
        The pages that show files outside of docs, by the file.
    """

    def link(match: re.Match[str]) -> str:
        picture, label, target, anchor = match.groups()
        if ":" in target:
            return match[0]
        file = (origin.parent / target).resolve()
        file = shown.get(file, file)
        is_example = file.parent == docs.parent / "examples" and file.suffix != ""
        if not (file.is_relative_to(docs) or picture or is_example):
            return label
        return f"{picture}[{label}]({os.path.relpath(file, page.parent)}{anchor or ''})"

    parts = FENCE.split(text)
    return "".join(part if part[:3] in ("```", "~~~") else LINK.sub(link, part) for part in parts)


def setup(app: Any) -> dict[str, Any]:
    """Connect the extension."""
    docs = Path(app.srcdir).resolve()
    pages = {page: shown_file(page) for page in docs.rglob("*.md")}
    shown = {file: page for page, file in pages.items() if file is not None}

    def read(app: Any, name: str, content: list[str]) -> None:
        page = docs / f"{name}.md"
        origin = pages.get(page)
        text = content[0]
        if origin is not None:
            text = origin.read_text("utf-8")
            app.env.note_dependency(str(origin), docname=name)
        content[0] = relinked(text, origin or page, page, docs, shown)

    app.connect("source-read", read)
    return {"parallel_read_safe": True}
