"""The dependency rules: the permitted imports, and the modules that `import netencoders` loads."""

from __future__ import annotations

import ast
import graphlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import netencoders

ROOT = Path(__file__).parents[2]
FOLDERS = ("netencoders", "plugins", "specs", "tests", "benchmarks", "docs")
MODULES = sorted((ROOT / "netencoders").rglob("*.py"))
ALLOWED_AT_IMPORT = {"netencoders", "numpy", "pluggy", "yaml"}
ALLOWED_IN_FUNCTIONS = ALLOWED_AT_IMPORT | {"matplotlib", "scipy", "tqdm"}


def imports(nodes: Iterator[ast.AST] | list[ast.stmt]) -> set[str]:
    """Return the top-level packages in the import statements among the nodes."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add((node.module or "").partition(".")[0])
    return found


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run on import of the module: not in functions or TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_import(child)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_framework_imports_only_its_dependencies(module: Path) -> None:
    """At import the framework loads only the standard library, numpy, pluggy and yaml."""
    tree = ast.parse(module.read_text("utf-8"))
    assert imports(at_import(tree)) - sys.stdlib_module_names <= ALLOWED_AT_IMPORT
    assert imports(ast.walk(tree)) - sys.stdlib_module_names <= ALLOWED_IN_FUNCTIONS
    assert set() == PLUGINS & imports(ast.walk(tree))


def test_imports_helper_finds_imports_at_any_depth() -> None:
    """The helper finds all imports at module level, at any depth of nesting, and no others."""
    tree = ast.parse(
        "import a.b\ntry:\n    from c.d import e\nexcept ImportError: import f\n"
        "class G:\n    import h\ndef i():\n    import j\nif TYPE_CHECKING:\n    import k\n"
    )
    assert imports(at_import(tree)) == {"a", "c", "f", "h"}
    assert imports(ast.walk(tree)) == {"a", "c", "f", "h", "j", "k"}


AUDIO = ROOT / "plugins" / "audio" / "netencoders_audio"
CORE = ROOT / "plugins" / "core" / "netencoders_core"
ONNX = ROOT / "plugins" / "onnx" / "netencoders_onnx"
ADAPTERS = ROOT / "plugins" / "adapters" / "netencoders_adapters"
IMAGE = ROOT / "plugins" / "image" / "netencoders_image"
CORPUS = ROOT / "plugins" / "corpus" / "netencoders_corpus"
TEXT = ROOT / "plugins" / "text" / "netencoders_text"
# The parts of the audio plugin that each part may import: folders, and modules at the top.
ARROWS = {
    "encoders": {
        "encoders",
        "recordings",
        "stages",
        "execution",
        "audio",
        "probe_signals",
        "kernel",
        "positions",
        "limits",
        "errors",
    },
    "helpers": {"helpers", "encoders", "recordings", "stages", "execution", "audio", "errors"},
    "recordings": {"recordings", "files", "audio", "positions", "limits", "errors"},
    "files": {"files", "kernel", "limits", "errors"},
    "stages": {"stages", "execution", "kernel", "errors"},
    "kernel": {"kernel", "errors"},
    "execution": {"execution"},
    "importers": {"importers"},
    "audio": {"positions", "mistakes", "errors", "helpers"},  # late: an AudioFile reads its file
    "mistakes": {"errors"},
    "positions": {"errors"},
    "limits": {"errors"},
    "errors": set(),
    "probe_signals": {"audio"},
    "plugin": {"encoders", "importers", "recordings", "stages"},
    "testing": {"audio"},
    "__init__": {
        "encoders",
        "stages",
        "audio",
        "probe_signals",
        "limits",
        "errors",
        "files",
        "recordings",
        "helpers",
    },
}


def parts(tree: ast.Module) -> set[str]:
    """Return the folders and top modules of the audio plugin that a module imports anywhere."""
    found = set()
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("netencoders_audio.")}
    return found


def module_imports(folder: Path, package: str) -> dict[str, set[str]]:
    """Return for each module of a folder the modules of the folder that it imports at import."""
    modules = {
        ".".join([package, *path.relative_to(folder).with_suffix("").parts]).removesuffix(
            ".__init__"
        ): ast.parse(path.read_text("utf-8"))
        for path in folder.rglob("*.py")
    }
    graph: dict[str, set[str]] = {}
    for name, tree in modules.items():
        graph[name] = set()
        for node in at_import(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                members = {f"{node.module}.{alias.name}" for alias in node.names}
                graph[name] |= (members & modules.keys()) or ({node.module} & modules.keys())
            elif isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names} & modules.keys()
    return graph


@pytest.mark.parametrize(
    "module", sorted(AUDIO.rglob("*.py")), ids=lambda path: str(path.relative_to(AUDIO))
)
def test_imports_of_the_audio_plugin_go_one_way(module: Path) -> None:
    """Each part of the audio plugin imports only the parts that the table permits."""
    relative = module.relative_to(AUDIO)
    part = relative.parts[0] if len(relative.parts) > 1 else relative.stem
    assert parts(ast.parse(module.read_text("utf-8"))) <= ARROWS[part]


def test_one_module_imports_pyav() -> None:
    """Only the decoder of PyAV imports it, and only in a function: it is an extra."""
    trees = {path.stem: ast.parse(path.read_text("utf-8")) for path in AUDIO.rglob("*.py")}
    assert {"av_decoder"} == {
        stem for stem, tree in trees.items() if "av" in imports(ast.walk(tree))
    }
    assert "av" not in imports(at_import(trees["av_decoder"]))


@pytest.mark.parametrize(
    ("folder", "permitted"),
    [(ONNX, {"onnxruntime"}), (ADAPTERS, {"torch", "sklearn"}), (IMAGE, {"PIL"}), (TEXT, set())],
    ids=["onnx", "adapters", "image", "text"],
)
def test_libraries_of_models_are_imported_late(folder: Path, permitted: set[str]) -> None:
    """The plugins of models import their libraries in functions alone."""
    own = {"netencoders", "numpy", folder.name} | sys.stdlib_module_names
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert set() == imports(at_import(tree)) - own
        assert set() == imports(ast.walk(tree)) - own - permitted


def test_table_of_arrows_names_every_part() -> None:
    """The table names every folder and every module at the top, and no other names."""
    found = {path.stem for path in AUDIO.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert found - {"__pycache__"} == ARROWS.keys()


def test_parts_helper_finds_every_form_of_import() -> None:
    """The helper finds the imported part for every form of import, also inside of functions."""
    tree = ast.parse(
        "from netencoders_audio.files.ogg import x\nimport netencoders_audio.limits\n"
        "def f():\n    from netencoders_audio.stages import mel\nimport numpy\n"
    )
    assert {"files", "limits", "stages"} == parts(tree)


# The columns of the picture in docs/architecture.md: a module imports its own column and earlier
# ones when it is imported. Late imports, in functions, may go the other way.
COLUMNS = {
    "declare": (
        "errors kernel origins sentinels corrections values assets array_files inputs arrays "
        "parameters binding declared decoder_base decoder_inputs outputs stages base rows "
        "layer_base windows policies command workers importer net_model facts draws randomness"
    ),
    "find": (
        "yaml_specs spec_files stated digests hookspecs records checks claims names plugin_code "
        "discovery registry config_files importers net_readers"
    ),
    "use": (
        "display pictures plot diff explain batch batches links chain pieces sessions live calls "
        "isolation pickling declared_value layer decoder beside "
        "schema encoder probes graph operators net_files replacing cli testing "
        "__init__ __main__"
    ),
}
PLACES = {name: place for place, names in enumerate(COLUMNS.values()) for name in names.split()}


def column(module: str) -> int:
    """Return the place of the column of a module of the framework."""
    return PLACES[module.split(".")[1] if "." in module else "__init__"]


def test_imports_of_the_framework_go_one_way() -> None:
    """Declaring needs no discovery, and discovery needs no NetEncoder."""
    graph = module_imports(ROOT / "netencoders", "netencoders")
    assert {name.split(".")[1] for name in graph if "." in name} | {"__init__"} == PLACES.keys()
    wrong = [
        (module, other)
        for module, others in graph.items()
        for other in others
        if column(other) > column(module)
    ]
    assert [] == wrong


# The rows of the picture of the corpus plugin: a module imports its own row and lower ones.
CORPUS_ROWS = (
    "databases errors interrupts layout report",
    "items files embedded cells arrow sources",
    "locks values rows description",
    "reading",
    "index shards snapshot",
    "sourcing changes work",
    "encoding checking corpus",
    "feature_statistics verification torch_dataset",
    "",  # other modules
    "commands",
    "plugin __init__",
)
CORPUS_PLACES = {name: row for row, names in enumerate(CORPUS_ROWS) for name in names.split()}
OTHERS = CORPUS_ROWS.index("")
EXTRAS = {"pyarrow", "torch", "ray", "polars", "duckdb", "datasets"}


def corpus_row(module: str) -> int:
    """Return the row of a module of the corpus plugin."""
    name = module.split(".")[1] if "." in module else "__init__"
    return CORPUS_PLACES.get(name, OTHERS)


def test_imports_of_the_corpus_plugin_go_one_way() -> None:
    """Storage knows no run, a run no command; the modules for other engines are at the top."""
    graph = module_imports(CORPUS, "netencoders_corpus")
    assert CORPUS_PLACES.keys() <= {name.split(".")[1] for name in graph if "." in name} | {
        "__init__"
    }
    wrong = [
        (module, other)
        for module, others in graph.items()
        for other in others
        if corpus_row(other) > corpus_row(module)
    ]
    assert [] == wrong


def test_the_corpus_plugin_imports_extras_late() -> None:
    """The command is offered without pyarrow; torch_dataset alone imports torch."""
    for path in CORPUS.rglob("*.py"):
        found = imports(at_import(ast.parse(path.read_text("utf-8")))) & EXTRAS
        assert found == ({"torch"} if path.stem == "torch_dataset" else set()), path


@pytest.mark.parametrize(
    ("folder", "package"),
    [
        (ROOT / "netencoders", "netencoders"),
        (AUDIO, "netencoders_audio"),
        (CORE, "netencoders_core"),
        (ONNX, "netencoders_onnx"),
        (ADAPTERS, "netencoders_adapters"),
        (CORPUS, "netencoders_corpus"),
    ],
)
def test_imports_have_no_cycle(folder: Path, package: str) -> None:
    """The imports of the modules form no cycle."""
    graph = module_imports(folder, package)
    assert len(graph) > 4
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError


def loaded(code: str) -> set[str]:
    """Return the top-level modules that a new process has loaded after it ran the code."""
    code += "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", code]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


PLUGINS = {"netencoders_audio", "netencoders_core", "netencoders_onnx", "netencoders_adapters"}
PACKAGES = (AUDIO, CORE, ONNX, ADAPTERS)
HEAVY = {"scipy", "soundfile", "soxr", "matplotlib", "tqdm", "pytest", *PLUGINS}
# Modules of the standard library that take milliseconds to import and that only some calls need.
NEEDED_TO_ENCODE = {
    "concurrent",
    "fractions",
    "html",
    "logging",
    "multiprocessing",
    "secrets",
    "subprocess",
}
NEEDED_BY_SOME_CALLS = NEEDED_TO_ENCODE | {
    "argparse",
    "decimal",
    "difflib",
    "email",
    "hashlib",
    "json",
    "pathlib",
}


def test_importing_the_framework_loads_no_heavy_module() -> None:
    """`import netencoders` loads numpy and little else."""
    added = loaded("import netencoders") - loaded("import numpy")
    assert added & (HEAVY | NEEDED_BY_SOME_CALLS | {"urllib", "yaml"}) == set()


def test_list_command_loads_no_heavy_library() -> None:
    """Listing encoders loads no library that decodes, computes or writes."""
    code = (
        "import contextlib, io; from netencoders.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()): main(['list'])"
    )
    added = loaded(code) - loaded("import numpy")
    assert added & ((HEAVY - PLUGINS) | NEEDED_TO_ENCODE) == set()
    assert PLUGINS <= added


def test_listing_and_declaring_loads_no_audio_library() -> None:
    """Listing, making and showing encoders loads no library for decoding."""
    code = (
        "import netencoders; list(netencoders.encoders());"
        "encoder = netencoders.NetEncoder('AudioSpectrogram'); repr(encoder), encoder._repr_html_()"
    )
    assert loaded(code) & (HEAVY - PLUGINS) == set()


@pytest.mark.parametrize(
    "module",
    sorted([*MODULES, *(path for folder in PACKAGES for path in folder.rglob("*.py"))]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_long_modules_give_the_reason(module: Path) -> None:
    """A module of more than 300 lines does one thing, and its docstring says why it is long."""
    text = module.read_text("utf-8")
    if text.count("\n") > 300:
        assert "module is long because" in (ast.get_docstring(ast.parse(text)) or "")


def test_folders_are_no_top_level_packages() -> None:
    """The folders plugins, specs and tests are not packages, and no module imports them."""
    names = {"plugins", "specs", "tests"}
    assert [] == [path for name in names for path in (ROOT / name).glob("__init__.py")]
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > len(MODULES)
    for path in files:  # each is parsed once: they are many
        assert not names & imports(ast.walk(ast.parse(path.read_text("utf-8")))), path


def test_first_party_encoders_are_entry_points() -> None:
    """The first-party plugins are entry points, as third-party plugins are."""
    points = [
        p for p in entry_points(group="netencoders") if p.dist and p.dist.name == "netencoders"
    ]
    names = {"adapters", "audio", "core", "corpus", "image", "onnx", "specs", "text"}
    assert {point.name for point in points} == names
    for point in points:
        assert importlib.util.find_spec(point.value) is not None
        assert not point.value.startswith("netencoders.")


def test_public_names_exist_and_are_sorted() -> None:
    """All public names exist, are sorted, and equal the names that `import *` gives."""
    names = netencoders.__all__
    assert sorted(names) == list(names)
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(netencoders, name)] == []
