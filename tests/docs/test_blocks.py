"""The runner of the blocks of a page: it runs each of them, and compares the printed texts."""

import sys
from pathlib import Path

import blocks
import pytest


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that runs a page in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(text):
        page = tmp_path / "page.md"
        page.write_text(text)
        return blocks.run(page)

    return run


def test_blocks_share_a_namespace_and_a_folder(run):
    """A doctest, a program, a module, a file and a command use each other's results."""
    namespace = run(
        "```python\n>>> x = 1\n>>> x\n1\n\n```\n\n"
        "```python\ny = x + 1\nprint(y)\n```\n\n```text\n2\n```\n"
        "```python helper.py\nz = 3\n```\n```python\nfrom helper import z\n```\n"
        "```yaml a.yaml\nkey: 1\n```\n```sh\ncat a.yaml\n```\n\n```text\nkey: ...\n```\n"
    )
    assert (1, 2, 3) == (namespace["x"], namespace["y"], namespace["z"])
    assert "helper" not in sys.modules


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("```python\n>>> 1\n2\n\n```\n", "Expected:\n    2\nGot:\n    1"),
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", "page.md, line 1: the page shows\n2"),
        ("```python\nprint(1)\n```\n", "and the block prints\n1"),
        ("x\n\n```sh\necho a; exit 3\n```\n", "page.md, line 3: a"),
        ("```bash\necho a\n```\n\nb\n\n```text\na\n```\n", "and the block prints\na"),
        (
            "<!-- background: 8000 -->\n```sh\nfalse 8000\n```\n",
            "page.md, line 2: ",
        ),
    ],
)
def test_other_text_fails(run, page, message):
    """A block that prints another text than its page shows, or that fails, is named."""
    with pytest.raises(AssertionError) as caught:
        run(page)
    assert message in str(caught.value)


def test_block_that_is_not_run(run):
    """A comment leaves out the next block only."""
    namespace = run(
        "<!-- not run: it has no end -->\n```python\nwhile True:\n    pass\n```\n"
        "```python\nx = 1\n```\n"
    )
    assert 1 == namespace["x"]


def test_server_runs_until_the_end_of_the_page(run):
    """A server runs in the background, at a free port that replaces the one of the page."""
    namespace = run(
        "<!-- background: 8000 -->\n```sh\npython -m http.server 8000 --bind 127.0.0.1\n```\n\n"
        "```python\nfrom urllib.request import urlopen\nurl = 'http://127.0.0.1:8000/page.md'\n"
        "with urlopen(url) as response:\n    print(response.status)\n```\n\n```text\n200\n```\n"
    )
    assert not namespace["url"].endswith(":8000/page.md")
    with pytest.raises(OSError, match="refused"):
        namespace["urlopen"](namespace["url"])


def test_needs_are_named(tmp_path):
    """A comment names the packages that a page needs."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n<!-- needs: torch, datasets -->\n")
    assert "torch, datasets" == blocks.needs(page)
    assert "" == blocks.needs(Path(__file__))
