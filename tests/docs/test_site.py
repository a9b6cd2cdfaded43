"""The documentation site: its pages, and the parts that docs/_ext writes from the declarations."""

import re
import sys
from pathlib import Path

import pytest

import netencoders
import netencoders_adapters
import netencoders_audio
import netencoders_onnx
from netencoders import decoders, encoders, layers

DOCS = Path(__file__).parents[2] / "docs"
INDEX = (DOCS / "index.md").read_text("utf-8")


@pytest.fixture(scope="module")
def extensions():
    """Return the two extensions of Sphinx as modules."""
    sys.path.insert(0, str(DOCS / "_ext"))
    import declarations
    import pages_outside

    sys.path.remove(str(DOCS / "_ext"))
    return declarations, pages_outside


def test_every_page_is_in_the_index():
    """The contents of docs/index.md have each page once, and no other."""
    trees = "\n".join(re.findall(r"^```\{toctree\}\n(.*?)^```", INDEX, re.MULTILINE | re.DOTALL))
    listed = [line for line in trees.splitlines() if line and not line.startswith(":")]
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    assert sorted(pages - {"index"}) == sorted(listed)


def test_reference_has_every_parameter(extensions):
    """The written parts have each encoder, layer, decoder and spec, with parameters and rules."""
    declarations, _ = extensions
    parts = {name: declarations.PARTS[name]() for name in declarations.PARTS}
    for record in encoders().values():
        part = parts["specs" if record.derived_from else "encoders"]
        section = part.partition(f"## {record.name}\n")[2].partition("\n## ")[0]
        assert record.summary in section
        if not record.derived_from:
            _check(record.parameters, section, rules=True)
    for record in layers().values():
        section = parts["layers"].partition(f"## {record.name}\n")[2].partition("\n## ")[0]
        assert record.summary in section
        _check(record.parameters, section, rules=False)
    for record in decoders().values():
        section = parts["decoders"].partition(f"## {record.name}\n")[2].partition("\n## ")[0]
        assert record.summary in section
        _check(record.decoder.parameters, section, rules=False)
        for each in record.decoder.properties:
            assert f"| `{each.name}` | {each.doc} |" in section


def _check(parameters, section, *, rules):
    for parameter in parameters:
        [row] = re.findall(rf"^\| `{parameter.name}` \|.*$", section, re.MULTILINE)
        assert parameter.doc.replace("|", r"\|") in row
        assert f"| {parameter.unit} |" in row
        default = "required" if parameter.is_required else f"`{parameter.default!r}`"
        assert f"| {default} |" in row
        if rules and parameter.name not in ("NumberOfFilters", "NumberOfCoefficients"):
            assert re.search(r"\[A\d+\]\(\.\./decisions\.md#a\d+\)", row), parameter.name


def test_pages_name_the_parts(extensions):
    """Each part is on one page, which is otherwise unchanged."""
    declarations, _ = extensions
    pages = [path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md")]
    named = [name for page in pages for name in declarations.PART.findall(page)]
    assert sorted(declarations.PARTS) == sorted(named)
    shown = declarations.declared("before\n<!-- declared: layers -->\nafter")
    assert f"before\n{declarations.layer_part()}\nafter" == shown


def test_links_work_from_a_shown_file(extensions, tmp_path):
    """Links of a file outside of docs are relative to its page; other files become plain text."""
    _, outside = extensions
    docs = tmp_path / "docs"
    page, other = docs / "how-to" / "plugin.md", docs / "layers.md"
    origin = tmp_path / "plugins" / "README.md"
    text = (
        "[a](../docs/layers.md#log) [b](code) [c](https://x.org/y) ![d](../docs/x.png) [e](#here)\n"
        "```\n[a](../docs/layers.md)\n```\n"
    )
    expected = (
        "[a](../layers.md#log) b [c](https://x.org/y) ![d](../x.png) [e](#here)\n"
        "```\n[a](../docs/layers.md)\n```\n"
    )
    assert expected == outside.relinked(text, origin, page, docs, {})
    assert "[x](how-to/plugin.md)" == outside.relinked(
        "[x](../plugins/README.md)", other, other, docs, {origin: page}
    )
    assert "code" == outside.relinked("[code](../plugins/code)", other, other, docs, {})
    shown = outside.relinked("[a](../examples/a.ipynb)", other, page, docs, {})
    assert "[a](../../examples/a.ipynb)" == shown


def test_shown_files_exist(extensions):
    """A page that shows a file outside of docs names an existing one."""
    _, outside = extensions
    shown = [outside.shown_file(path) for path in DOCS.rglob("*.md")]
    assert ["CHANGELOG.md", "CONTRIBUTING.md", "README.md", "README.md"] == sorted(
        file.name for file in shown if file is not None and file.is_file()
    )


def test_api_pages_have_every_public_name():
    """Each name that the packages export is on one of the two pages of the Python API."""
    text = "".join(
        (DOCS / "reference" / name).read_text("utf-8") for name in ("python.md", "plugin-api.md")
    )
    documented = set(re.findall(r"auto\w+:: netencoders(?:_\w+)?\.(\w+)$", text, re.MULTILINE))
    constants = set(re.findall(r"`([A-Z_]+)`", text))
    packages = (netencoders, netencoders_adapters, netencoders_audio, netencoders_onnx)
    exported = {name for package in packages for name in package.__all__}
    hooks = {"hookimpl", "hookspec"}  # decorators of pluggy
    assert set() == exported - documented - constants - hooks
