"""The examples of the documentation and of the docstrings run, and links lead somewhere."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import netencoders
import netencoders_audio
import netencoders_specs

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        ROOT / "plugins" / "README.md",
        ROOT / "specs" / "README.md",
        ROOT / "tests" / "data" / "PROVENANCE.md",
        ROOT / "tests" / "conformance" / "PROVENANCE.md",
    ]
)
MODULES = sorted(
    module.name
    for package in (netencoders, netencoders_audio, netencoders_specs)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
)
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def name(page: Path) -> str:
    """Return a page's path as the name of its test."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_examples_of_pages_run(page, monkeypatch, tmp_path):
    """The ``python`` blocks with prompts do what they show, one after the other."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    text = "\n".join(block for block in blocks if ">>>" in block)
    (tmp_path / "tests").symlink_to(ROOT / "tests")  # examples name the recordings from the root
    monkeypatch.chdir(tmp_path)
    example = doctest.DocTestParser().get_doctest(text, {}, name(page), str(page), 0)
    result = doctest.DocTestRunner(optionflags=FLAGS).run(example)
    assert 0 == result.failed


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_docstrings_run(module):
    """The examples in a module's docstrings do what they show."""
    assert 0 == doctest.testmod(importlib.import_module(module), optionflags=FLAGS).failed


def test_public_names_have_docstrings():
    """Whatever the packages export says what it is."""
    for package in (netencoders, netencoders_audio):
        for exported in package.__all__:
            thing = getattr(package, exported)
            assert isinstance(thing, netencoders.sentinels.Sentinel) or thing.__doc__, exported


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    """A relative link or picture names a file of the repository."""
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [] == [target for target in local if not (page.parent / target).exists()]


def test_architecture_names_every_module():
    """docs/architecture.md stays true: a module that it does not name fails here."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    words = set(re.findall(r"\w+", text))
    modules = {module.rpartition(".")[2] for module in MODULES}
    assert set() == modules - words
