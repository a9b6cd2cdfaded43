"""The examples of the documentation and of the docstrings run, and links resolve."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import blocks
import pytest

import netencoders
import netencoders_adapters
import netencoders_audio
import netencoders_core
import netencoders_onnx
import netencoders_specs
import netencoders_text

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        ROOT / "plugins" / "README.md",
        ROOT / "specs" / "README.md",
        ROOT / "tests" / "data" / "PROVENANCE.md",
        ROOT / "tests" / "conformance" / "PROVENANCE.md",
    ]
)
MODULES = sorted(
    module.name
    for package in (
        netencoders,
        netencoders_adapters,
        netencoders_audio,
        netencoders_core,
        netencoders_onnx,
        netencoders_specs,
        netencoders_text,
    )
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
)
FLAGS = blocks.FLAGS
# The blocks of these pages run one after the other, also those without prompts; see blocks.py.
COPIED = sorted(
    [
        ROOT / "README.md",
        ROOT / "docs" / "index.md",
        ROOT / "docs" / "corpora.md",
        ROOT / "docs" / "subword-tokens.md",
        *ROOT.glob("docs/start/*.md"),
        *ROOT.glob("docs/how-to/*.md"),
        *ROOT.glob("docs/reference/*.md"),
    ]
)


def name(page: Path) -> str:
    """Return a page's path as the name of its test."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", sorted({*PAGES} - {*COPIED}), ids=name)
def test_examples_of_pages_run(page, monkeypatch, tmp_path):
    """The ``python`` blocks with prompts, run in order, give the output that they show."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    text = "\n".join(block for block in blocks if ">>>" in block)
    (tmp_path / "tests").symlink_to(ROOT / "tests")  # examples name the recordings from the root
    monkeypatch.chdir(tmp_path)
    example = doctest.DocTestParser().get_doctest(text, {}, name(page), str(page), 0)
    result = doctest.DocTestRunner(optionflags=FLAGS).run(example)
    assert 0 == result.failed


def marked(page: Path):
    """Return a page as a parameter; the test of one that needs more packages is marked.

    The marker is `site`, `gallery` for the packages of the extra `examples`, or `corpora`.
    """
    # Importing torch in several processes takes long on a machine with other work.
    names = blocks.needs(page)
    needed = pytest.mark.gallery if "examples" in names else pytest.mark.site
    marks = (needed, pytest.mark.timeout(600)) if names else ()
    if "corpora" in names:  # these libraries give warnings of their own
        marks = (pytest.mark.corpora, marks[1], pytest.mark.filterwarnings("default"))
    return pytest.param(page, id=name(page), marks=marks)


@pytest.mark.parametrize("page", [marked(page) for page in COPIED])
def test_blocks_that_people_copy_run(page, monkeypatch, tmp_path):
    """The blocks of a page, copied one after the other, print the text that the page shows."""
    for folder in ("examples", "tests"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    blocks.run(page)


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_docstrings_run(module):
    """The examples in a module's docstrings give the output that they show."""
    assert 0 == doctest.testmod(importlib.import_module(module), optionflags=FLAGS).failed


def test_public_names_have_docstrings():
    """Each exported name has a docstring."""
    for package in (netencoders, netencoders_audio):
        for exported in package.__all__:
            thing = getattr(package, exported)
            assert isinstance(thing, netencoders.sentinels.Sentinel) or thing.__doc__, exported


def anchors(page: Path) -> set[str]:
    """Return the anchors that a renderer makes of a page's headings, as GitHub does."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_resolve(page):
    """A relative link names a file of the repository and, after ``#``, one of its headings."""
    links = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text("utf-8"))
    broken = []
    for target, anchor in links:
        file = page.parent / target if target else page
        if "://" not in target and not (file.exists() and (not anchor or anchor in anchors(file))):
            broken.append(f"{target}#{anchor}")
    assert [] == broken


def test_speed_in_the_readme_is_in_the_benchmarks():
    """Each time and ratio in the README's table of speed is in docs/benchmarks.md."""
    section = (ROOT / "README.md").read_text("utf-8").partition("## Speed")[2].partition("## ")[0]
    measured = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    figures = re.findall(r"[\d.]+ m?s\b|[\d.]+x\b", section)
    assert 8 < len(figures)
    assert [] == [figure for figure in figures if f" {figure}" not in measured]


def test_readme_claims_what_is_measured():
    """The smallest ratio of the table, and the number of rows of behaviour, are as stated."""
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("## Speed")[2].partition("## ")[0]
    ratios = [float(ratio) for ratio in re.findall(r"([\d.]+)x\b", section)]
    [least] = re.findall(r"At least (\d+) times as fast", text)
    assert float(least) <= min(ratios)
    [rows] = re.findall(r"More than (\d+) rows", text)
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    assert int(rows) < len(re.findall(r"^\|.*`test_\w+`.*\|$", page, re.MULTILINE))


def test_readme_is_short():
    """The README stays short: pages in docs have the details."""
    assert 120 >= len((ROOT / "README.md").read_text("utf-8").splitlines())


def test_architecture_names_every_module():
    """docs/architecture.md names every module."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    words = set(re.findall(r"\w+", text))
    modules = {module.rpartition(".")[2] for module in MODULES}
    assert set() == modules - words
