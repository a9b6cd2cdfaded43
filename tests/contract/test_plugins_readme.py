"""plugins/README.md teaches the stranger's plugin as it is, and every hook as it is."""

import inspect
import re
from pathlib import Path

from netencoders import hookspecs

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "plugins" / "README.md").read_text("utf-8")
PLUGIN = ROOT / "tests" / "third_party" / "netencoders-zerocrossing"


def test_guide_shows_the_whole_plugin():
    """The blocks that name a file are the plugin's files, byte for byte, and all of them."""
    taught = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    files = {
        path.relative_to(PLUGIN).as_posix(): path.read_bytes()
        for path in PLUGIN.rglob("*.*")
        if path.suffix in {".py", ".toml", ".yaml"}
    }
    assert files == {name: text.encode() for name, text in taught}
    assert len(files) == len(taught)


def test_guide_documents_every_hook():
    """Each hook is listed, with its signature and in the words of its docstring, and no other."""
    hooks = {
        name: hook
        for name, hook in vars(hookspecs).items()
        if hasattr(hook, f"{hookspecs.PROJECT}_spec")
    }
    assert hooks, "no hook is found: does pluggy mark them in another way?"
    # Annotations are kept as texts, which a signature shows in quotation marks.
    expected = {
        name + str(inspect.signature(hook)).replace("'", ""): inspect.getdoc(hook)
        for name, hook in hooks.items()
    }
    listed = re.findall(r"^- `(\w+\(.*?)`: (.*?\.)\s", GUIDE, re.MULTILINE | re.DOTALL)
    assert expected == {signature: " ".join(text.split()) for signature, text in listed}


def test_guide_documents_every_environment_variable():
    """Each variable that steers the loading of plugins is told, and no other."""
    variable = r"NETENCODERS_[A-Z_]+"
    sources = [
        (ROOT / "netencoders" / name).read_text() for name in ("registry.py", "discovery.py")
    ]
    expected = {name for source in sources for name in re.findall(variable, source)}
    assert expected == set(re.findall(rf"^- `({variable})", GUIDE, re.MULTILINE))
