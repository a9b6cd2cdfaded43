"""The prose of packages, tests and pages: few pronouns of `PRONOUN`, and none in messages."""

import pytest
from prose import LIMIT, PACKAGES, PAGES, TESTS, code, modules, page, rate, report, strings


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_have_plain_prose(package):
    """Docstrings, comments and parameter documentation stay within the limit."""
    measures = [code(path) for path in modules(PACKAGES[package])]
    assert rate(measures) <= LIMIT, report(measures)


@pytest.mark.parametrize("folder", TESTS)
def test_tests_have_plain_prose(folder):
    """Docstrings and comments of tests stay within the limit."""
    measures = [code(path) for path in modules(TESTS[folder])]
    assert measures
    assert rate(measures) <= LIMIT, report(measures)


@pytest.mark.parametrize("package", PACKAGES)
def test_messages_have_no_such_pronouns(package):
    """A string that may reach an error message has none."""
    assert [] == [
        f"{path}:{line}: {text!r}"
        for path in modules(PACKAGES[package])
        for line, text in strings(path)
    ]


@pytest.mark.parametrize("group", PAGES)
def test_pages_have_plain_prose(group):
    """README, docs and the guide for plugin authors stay within the limit."""
    measures = [page(path) for path in PAGES[group]]
    assert rate(measures) <= LIMIT, report(measures)


def test_code_counts_docstrings_comments_and_documentation(tmp_path):
    """The measure of a module: its words and pronouns, by line; examples do not count."""
    module = tmp_path / "module.py"
    module.write_text(
        '"""One two what.\n\n    >>> what()\n    """\n'
        'LIMIT = 1  # Whatever somewhat\n"""Two words."""\n'
        'def f(): raise ValueError("what")\n'
        'g(doc="tells what it does " "and whatever", name="what")\n'
    )
    measure = code(module)
    assert 3 + 2 + 2 + 6 == measure.words
    assert 4 == measure.found
    assert [1, 5, 8] == [line for line, _ in measure.lines]
    assert [(7, "what"), (8, "what")] == strings(module)


def test_pages_count_prose_alone(tmp_path):
    """The measure of a page leaves out code, comments and targets, and keeps line numbers."""
    path = tmp_path / "page.md"
    path.write_text(
        "# One `what` two\n\n```sh\nwhat\n```\n\n    what\n    what\n\n<!-- what -->\n"
        "[three](what.md) what\n"
    )
    measure = page(path)
    assert (4, ((11, "[three what"),)) == (measure.words, measure.lines)


def test_report_names_the_worst_files(monkeypatch, tmp_path):
    """A failure shows the rate, the files with pronouns, and their lines; others are left out."""
    monkeypatch.setattr("prose.ROOT", tmp_path)
    for name, text in {"a.md": "what", "b.md": "word\nwhat whatever", "c.md": "word"}.items():
        (tmp_path / name).write_text(text)
    lines = report(page(path) for path in sorted(tmp_path.iterdir())).splitlines()
    assert "600.00 pronouns in 1000 words; at most 2.0 are allowed" == lines[0]
    assert ["b.md: 2 in 3", "  line 2: what whatever", "a.md: 1 in 1", "  line 1: what"] == lines[
        1:
    ]
