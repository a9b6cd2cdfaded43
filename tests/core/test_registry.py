"""Discovery of plugins: real distributions on sys.path, and the environment variables."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import (
    ArraySpec,
    Encoder,
    EncoderNotFoundError,
    NetEncoder,
    ParameterError,
    PluginConflictError,
    PluginError,
    PluginWarning,
    SpecError,
    encoders,
    register,
    registered,
    unregister,
    yaml_specs,
)
from netencoders.registry import plugins
from netencoders.spec_files import SpecFile

Install = Callable[..., None]


def providing(*names: str) -> str:
    """Return the code of a plugin that registers encoders of the names."""
    calls = "".join(f"    register(made({name!r}))\n" for name in names)
    return f"@hookimpl\ndef register_encoders(register):\n{calls}"


def declaring_later(path: object, name: str) -> str:
    """Return the code of a plugin that registers a spec file of one encoder by its name."""
    return f"@hookimpl\ndef register_specs(register):\n    register({str(path)!r}, {name!r})\n"


def declaring(*paths: object) -> str:
    """Return the code of a plugin that registers spec files."""
    calls = "".join(f"    register({str(path)!r})\n" for path in paths)
    return f"@hookimpl\ndef register_specs(register):\n{calls}"


def failures() -> dict[str, list[str]]:
    """Return the plugins that failed, with their failures."""
    return {str(record.provider): record.failures for record in plugins() if record.failures}


def test_third_party_plugin_is_found(install: Install) -> None:
    """The encoder of a plugin works by its name, and its record names the provider."""
    install("plugin", providing("Zebra", "Ant"))
    assert NetEncoder("Zebra")(None).tolist() == [1.0]
    record = encoders()["Zebra"]
    assert ("Gives a one.", "plugin 2.1 (main)") == (record.summary, str(record.provider))
    assert (record.parameters, record.preset, record.derived_from) == ((), {}, None)
    assert encoders()["AudioSpectrogram"].provider.distribution == "netencoders"
    found = {record.provider.distribution: record.names for record in plugins()}
    assert found["plugin"] == ["Zebra", "Ant"]
    assert failures() == {}


def test_encoders_is_a_sorted_read_only_mapping(install: Install) -> None:
    """The mapping is sorted, and refuses assignment and deletion."""
    install("plugin", providing("Zebra", "Ant"))
    table = encoders()
    assert sorted(table) == list(table)
    with pytest.raises(TypeError, match="does not support item assignment"):
        table["Zebra"] = None  # type: ignore[index] - that is the test
    with pytest.raises(TypeError, match="does not support item deletion"):
        del table["Zebra"]  # type: ignore[attr-defined] - that is the test


def test_built_in_plugins_come_first_then_by_name(install: Install) -> None:
    """Plugins are sorted by distribution and entry point."""
    install("zz", providing("Z"))
    install("aa", None, entry_points="second = code_of_b\nfirst = code_of_zz:register_a")
    with pytest.warns(PluginWarning, match="plugin aa"):
        found = [(r.provider.distribution, r.provider.entry_point) for r in plugins()]
    assert found == [
        ("netencoders", "adapters"),
        ("netencoders", "audio"),
        ("netencoders", "core"),
        ("netencoders", "corpus"),
        ("netencoders", "image"),
        ("netencoders", "onnx"),
        ("netencoders", "specs"),
        ("netencoders", "text"),
        ("aa", "first"),
        ("aa", "second"),
        ("zz", "main"),
    ]


BROKEN = {
    "raises": ("raise RuntimeError('boom\\nbang')", "cannot be loaded: RuntimeError: boom bang"),
    "exits": ("raise SystemExit(3)", "cannot be loaded: SystemExit: 3"),
    "recursion": ("def f(): f()\nf()", "cannot be loaded: RecursionError: "),
    "syntax": ("def", "cannot be loaded: SyntaxError: "),
    "missing import": (
        "import no_such_module",
        "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'",
    ),
    "uses encoders": (
        "NetEncoder('AudioSpectrogram')",
        "cannot be loaded: PluginError: encoders cannot be used while the plugins are being",
    ),
    "bad class": (
        "made('Bad', parameters=5)",
        "cannot be loaded: PluginError: encoder Bad: 'parameters' must be a tuple",
    ),
    "no hook": ("", "PluginError: it implements no hook of netencoders. Is a @hookimpl missing"),
    "unmarked hook": (
        "def register_encoders(register): register(made('Bad'))",
        "it implements no hook of netencoders",
    ),
    "wrong argument": (
        "@hookimpl\ndef register_encoders(registrar): ...",
        "PluginValidationError: .*register_encoders.registrar. Argument.s. .'registrar'",
    ),
    "unknown hook": (
        "@hookimpl\ndef register_sinks(register): ...",
        "PluginError: it implements the hook 'register_sinks', which neither netencoders nor a",
    ),
    "number": (
        "@hookimpl\ndef register_encoders(register): register(42)",
        "register_encoders failed: PluginError: an encoder must be a subclass of Encoder. Got 42",
    ),
    "abstract": (
        "@hookimpl\ndef register_encoders(register): register(Encoder)",
        "Encoder does not implement encode, output",
    ),
    "nameless": (providing("Bad").replace("'Bad'", "None"), "Made.name must be .* Got None"),
    "spaces": (providing("two words"), "Made.name must be a letter.* Got 'two words'"),
    "hook raises": (
        providing("Good") + "    raise ValueError('late')\n",
        "register_encoders failed: ValueError: late",
    ),
    "hook exits": (providing("Good") + "    exit()\n", "register_encoders failed: SystemExit: "),
    "no spec": (declaring("/no/such.yaml"), "register_specs failed: .*no/such.yaml"),
    "no name": (
        declaring_later("/a.yaml", "two words"),
        "the name of a registered spec must be a letter.* Got 'two words'",
    ),
    "no path": (
        "@hookimpl\ndef register_specs(register): register(42)",
        "register_specs failed: PluginError: register_specs takes the path .* Got 42",
    ),
}


def test_spec_of_a_plugin_without_a_name_is_refused(install: Install, tmp_path: Path) -> None:
    """A spec of a plugin without a name is refused, and the message names its path."""
    (tmp_path / "nameless.yaml").write_text("schema: 1\nencoder: AudioSpectrogram\n")
    install("broken", declaring(tmp_path / "nameless.yaml"))
    with pytest.warns(
        PluginWarning, match=r"nameless\.yaml: each encoder of a registered spec needs a 'name'"
    ):
        assert "AudioSpectrogram" in encoders()


def test_named_spec_is_read_at_the_first_use_of_its_name(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file with a registered name is not read for another name, and once for its own."""
    path = tmp_path / "calm.yaml"
    path.write_text("schema: 1\nname: Calm\nsummary: Calm.\nencoder: Sound\n")
    install("plugin", providing("Sound") + declaring_later(path, "Calm"))
    seen: list[Any] = []
    original = yaml_specs.read
    monkeypatch.setattr(
        yaml_specs, "read", lambda source: (seen.append(source), original(source))[1]
    )
    assert ("Sound", 0) == (NetEncoder("Sound").name, seen.count(path))
    assert "Sound" == NetEncoder("Calm").name
    assert ("Calm.", 1) == (encoders()["Calm"].summary, seen.count(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "schema: 1\nname: Wild\nencoder: Sound\n",
            "registered as the file of 'Calm' alone, and declares 'Wild'",
        ),
        (
            "schema: 1\nencoders: [{name: Calm, encoder: A}, {name: Wild, encoder: A}]\n",
            "registered as the file of 'Calm' alone, and declares 'Calm', 'Wild'",
        ),
        ("schema: 1\nname: Calm\nencoder: Sound\nlayer: []\n", "calm.yaml.*unknown key 'layer'"),
        (None, "calm.yaml.*there is no such file"),
    ],
)
def test_named_spec_with_another_content_fails_when_it_is_used(
    install: Install, tmp_path: Path, text: str | None, message: str
) -> None:
    """An invalid file affects its own name only; the error names the file and the problem."""
    path = tmp_path / "calm.yaml"
    if text:
        path.write_text(text)
    install("plugin", providing("Sound") + declaring_later(path, "Calm"))
    assert "Calm" not in encoders()
    assert "Sound" == NetEncoder("Sound").name
    with pytest.raises(SpecError, match=message):
        NetEncoder("Calm")


def test_package_resource_that_cannot_be_read_is_a_spec_error() -> None:
    """A resource of a package that cannot be read raises a SpecError with the reason."""
    resource: Any = MissingResource()
    with pytest.raises(SpecError, match="it cannot be read: no medium"):
        _ = SpecFile(resource, "Calm").declaration


class MissingResource:
    """A package resource that cannot be read."""

    def read_bytes(self) -> bytes:
        """Fail as a file system does."""
        raise OSError("no medium")


@pytest.mark.parametrize(("code", "failure"), BROKEN.values(), ids=BROKEN)
def test_broken_plugin_is_left_out_and_named(install: Install, code: str, failure: str) -> None:
    """One warning names the plugin, others work, and the error for an unknown name lists it."""
    install("broken", code)
    install("sound", providing("Sound"))
    with pytest.warns(PluginWarning) as warned:
        assert {"AudioSpectrogram", "Sound"} <= set(encoders())
    (warning,) = warned
    assert warning.message.args[0].startswith("plugin broken 2.1 (main): ")
    assert warning.message.args[0].endswith(". Everything else works.")
    assert not {"Bad", "Good"} & set(encoders())
    assert NetEncoder("Sound")(None).tolist() == [1.0]
    assert NetEncoder("AudioSpectrogram").output.dims[1] == 201
    assert failures().keys() == {"broken 2.1 (main)"}
    with pytest.raises(
        EncoderNotFoundError, match=f"(?s)^no encoder 'Good'.*broken 2.1 .main.: .*{failure}"
    ):
        NetEncoder("Good")


@pytest.mark.parametrize(("code", "failure"), BROKEN.values(), ids=BROKEN)
def test_broken_plugin_raises_with_strict_plugins(
    install: Install, monkeypatch: pytest.MonkeyPatch, code: str, failure: str
) -> None:
    """With strict plugins, every call raises the error of the broken plugin."""
    monkeypatch.setenv("NETENCODERS_STRICT_PLUGINS", "1")
    install("broken", code)
    for use in (encoders, plugins, encoders):
        sys.modules.pop("code_of_broken", None)
        with pytest.raises(PluginError, match=failure) as caught:
            use()
        assert caught.value.plugin == "plugin broken 2.1 (main)"
        assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("options", "failure"),
    [
        ({"entry_points": "main = no_such_module"}, r"broken 2\.1 \(main\): .*ModuleNotFoundError"),
        ({"entry_points": "main = json:nothing"}, r"broken 2\.1 \(main\): .*AttributeError"),
        ({"entry_points": "main = not a module!"}, r"broken 2\.1 \(main\): .*AttributeError"),
        ({"entry_points": "main = json:__doc__"}, r"broken 2\.1 \(main\): .*no hook"),
        ({"entry_points": "main = json"}, r"broken 2\.1 \(main\): .*no hook"),
        ({"metadata": False}, r"unknown distribution \(main\): .*ModuleNotFoundError"),
    ],
    ids=lambda value: f"{value!s:.40}",
)
def test_invalid_entry_point_leaves_other_plugins_usable(
    install: Install, options: dict[str, Any], failure: str
) -> None:
    """An invalid entry point, or a distribution without metadata, does not affect other plugins."""
    install("broken", None, **options)
    with pytest.warns(PluginWarning, match=f"^plugin {failure}"):
        assert "AudioSpectrogram" in encoders()


def test_failure_in_one_hook_keeps_the_other(install: Install, tmp_path: Path) -> None:
    """A plugin with a broken spec keeps its encoders; the failing hook registers nothing."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("schema: 1\nname: Calm\nencoder: Sound\n")
    bad.write_text("schema: 1\nname: Wild\nencoder: Sound\nencoder: Twice\n")
    install("half", providing("Sound") + declaring(good, bad))
    with pytest.warns(PluginWarning, match=r"half 2\.1 .main.: register_specs failed: SpecError"):
        assert "Sound" in encoders()
    assert not {"Calm", "Wild"} & set(encoders())
    (failure,) = failures()["half 2.1 (main)"]
    assert "bad.yaml, line 4, column 1" in failure


def test_name_of_two_plugins_is_unusable(install: Install) -> None:
    """A name of two plugins cannot be used; the message names both; other names work."""
    install("first", providing("Sound", "Other"))
    install("second", providing("Sound", "Mine"))
    both = (
        r"'Sound' is provided by first 2\.1 \(main\) and second 2\.1 \(main\): none of them is used"
    )
    with pytest.warns(PluginWarning, match=both):
        table = encoders()
    assert "Sound" not in table
    assert {"Other", "Mine"} <= set(table)
    assert failures().keys() == {"second 2.1 (main)"}
    with pytest.raises(PluginConflictError, match=both):
        NetEncoder("Sound")


@pytest.mark.parametrize(
    ("name", "entry_point"), [("AudioSpectrogram", "audio"), ("Telephone", "specs")]
)
def test_built_in_encoder_keeps_its_name(install: Install, name: str, entry_point: str) -> None:
    """A built-in encoder or spec keeps its name; the warning names the other plugin."""
    before = NetEncoder("Telephone").digest
    install("other", providing(name, "Mine"))
    expected = (
        rf"'{name}' is provided by netencoders \S+ \({entry_point}\) and other 2\.1 \(main\): "
        "the encoder of netencoders is used"
    )
    with pytest.warns(PluginWarning, match=expected):
        table = encoders()
    assert {"AudioSpectrogram", "Telephone", "Wideband", "Fullband", "Mine"} <= set(table)
    assert "netencoders" == table[name].provider.distribution
    assert before == NetEncoder("Telephone").digest
    assert failures().keys() == {"other 2.1 (main)"}


def test_name_conflict_raises_with_strict_plugins(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With strict plugins, a conflict raises an error."""
    monkeypatch.setenv("NETENCODERS_STRICT_PLUGINS", "1")
    install("other", providing("AudioSpectrogram"))
    with pytest.raises(PluginConflictError, match="'AudioSpectrogram' is provided by netencoders"):
        NetEncoder("AudioSpectrogram")


def test_name_registered_twice_by_one_plugin_is_unusable(install: Install) -> None:
    """A plugin that registers a name twice is in conflict with itself."""
    install("twice", providing("Sound", "Sound"))
    with pytest.warns(PluginWarning, match=r"'Sound' is registered twice by twice 2\.1"):
        assert "Sound" not in encoders()


def test_distributions_may_share_an_entry_point_name(install: Install) -> None:
    """Two distributions may have entry points of the same name."""
    install("one", providing("One"), entry_points="audio = code_of_one")
    install("two", providing("Two"), entry_points="audio = code_of_two")
    assert {"One", "Two", "AudioSpectrogram"} <= set(encoders())
    assert failures() == {}


@pytest.mark.parametrize(
    ("setting", "loaded"),
    [
        (None, {"One", "Two"}),
        ("", set()),
        (" , ", set()),
        ("plugin_one", {"One"}),
        (" Plugin.ONE ,netencoders", {"One"}),
        ("plugin-one,plugin-two", {"One", "Two"}),
    ],
)
def test_environment_variable_selects_plugins(
    install: Install, monkeypatch: pytest.MonkeyPatch, setting: str | None, loaded: set[str]
) -> None:
    """NETENCODERS_PLUGINS selects distributions by normalized name; built-in ones always load."""
    install("plugin_one", providing("One"))
    install("plugin_two", providing("Two"))
    if setting is not None:
        monkeypatch.setenv("NETENCODERS_PLUGINS", setting)
    assert loaded | {"AudioSpectrogram"} == set(encoders()) & {"One", "Two", "AudioSpectrogram"}


def test_unknown_plugin_in_the_environment_variable_warns(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name in NETENCODERS_PLUGINS that is not installed gives a warning."""
    install("one", providing("One"))
    monkeypatch.setenv("NETENCODERS_PLUGINS", "one,oen")
    with pytest.warns(PluginWarning, match="NETENCODERS_PLUGINS names 'oen', which is not an in"):
        assert "One" in encoders()


def test_unselected_plugin_is_not_imported(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that is not selected is not imported."""
    install("broken", "raise RuntimeError")
    monkeypatch.setenv("NETENCODERS_PLUGINS", "")
    assert "AudioSpectrogram" in encoders()
    assert "code_of_broken" not in sys.modules


@pytest.fixture
def spec_folder(fresh_registry: Callable[[], None], tmp_path: Path) -> Path:
    """Return a folder of YAML specs, with one file of another type."""
    folder = tmp_path / "declared"
    folder.mkdir()
    (folder / "a.yaml").write_text(
        "schema: 1\nname: Low\nsummary: A low one.\nencoder: AudioSpectrogram\n"
        "parameters: {SampleRate: 8000, Offset: 10 ms}\n"
    )
    (folder / "b.yml").write_text(
        "schema: 1\nname: Lower\nencoder: Low\nparameters: {SampleRate: 4000}\n"
    )
    (folder / "c.txt").write_text("text")
    return folder


def test_specs_of_a_folder_may_derive_from_each_other(
    spec_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Specs may derive from each other, and given parameters take precedence."""
    monkeypatch.setenv("NETENCODERS_SPECS", str(spec_folder))
    lower = NetEncoder("Lower", WindowSize=64)
    assert lower == NetEncoder("AudioSpectrogram", SampleRate=4000, Offset="10 ms", WindowSize=64)
    assert lower.resolved["Offset"] == 40
    low, record = encoders()["Low"], encoders()["Lower"]
    assert (low.summary, low.preset) == ("A low one.", {"SampleRate": 8000, "Offset": "10 ms"})
    assert (record.derived_from, record.encoder) == ("Low", low.encoder)
    assert str(record.provider) == f"NETENCODERS_SPECS ({spec_folder / 'b.yml'})"
    with pytest.raises(ParameterError, match=r"^Lower: 1 problem\n  'SampleRate' must be"):
        NetEncoder("Lower", SampleRate=0)


@pytest.mark.parametrize(
    ("entries", "failure"),
    [
        (["a.yaml", "missing.yaml"], r"missing\.yaml\): cannot be read: "),
        (["a.yaml", "c.txt"], r"c\.txt\): cannot be read: SpecError: "),
        (["a.yaml", "x" * 5000], "x+.: cannot be read: "),
        (["a.yaml", "a.yaml"], "'Low' is registered twice by NETENCODERS_SPECS"),
    ],
    ids=["missing", "broken", "name too long", "twice"],
)
def test_unreadable_spec_is_named_in_a_warning(
    spec_folder: Path, monkeypatch: pytest.MonkeyPatch, entries: list[str], failure: str
) -> None:
    """A warning names a path that cannot be read, and the others are read."""
    paths = [str(spec_folder / entry) for entry in entries]
    monkeypatch.setenv("NETENCODERS_SPECS", ":".join(["", *paths, ""]))
    with pytest.warns(PluginWarning, match=failure):
        table = encoders()
    assert ("Low" in table) == (entries[1] != "a.yaml")
    assert "AudioSpectrogram" in table
    assert len(failures()) == 1


def test_unresolvable_spec_is_left_out(spec_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Specs with a missing encoder, a cycle or a long chain are left out; their use raises."""
    texts = [("Lost", "Nowhere"), ("Round", "Trip"), ("Trip", "Round"), ("Self", "Self")]
    texts += [(f"Link{n}", f"Link{n + 1}") for n in range(1000)] + [("Link1000", "Low")]
    text = "".join(f"  - {{name: {name}, encoder: {base}}}\n" for name, base in texts)
    (spec_folder / "d.yaml").write_text(f"schema: 1\nencoders:\n{text}")
    monkeypatch.setenv("NETENCODERS_SPECS", str(spec_folder))
    table = encoders()
    assert {"Low", "Lower", "Link1000", "Link990"} <= set(table)
    assert not {"Lost", "Round", "Trip", "Self", "Link0", "Link800"} & set(table)
    with pytest.raises(EncoderNotFoundError, match="no encoder 'Nowhere', which 'Lost' is derived"):
        NetEncoder("Lost")
    with pytest.raises(SpecError, match="derive from each other: Round -> Trip -> Round"):
        NetEncoder("Round")
    with pytest.raises(SpecError, match="derive from each other: Self -> Self"):
        NetEncoder("Self")
    with pytest.raises(SpecError, match="'Link0' is derived in more than 64 steps"):
        NetEncoder("Link0")


class Local(Encoder):
    """An encoder of a notebook."""

    name = "Local"

    def output(self) -> ArraySpec:
        """Return the form of one number."""
        return ArraySpec((1,))

    def encode(self, value: Any) -> Any:
        """Return the value."""
        return np.full(1, value, np.float32)


class Again(Local):
    """The same class, from a second run of the cell."""


def test_class_is_registered_replaced_and_removed() -> None:
    """A class can be registered, replaced by another of its name, and removed."""
    assert register(Local) is Local
    try:
        assert str(encoders()["Local"].provider) == f"this process ({__name__})"
        assert NetEncoder("Local")(2).tolist() == [2.0]
        register(Again)
        assert encoders()["Local"].encoder is Again
        with pytest.raises(EncoderNotFoundError, match="'Local' is not registered in this process"):
            unregister(Local)
    finally:
        unregister(Again)
    assert "Local" not in encoders()


def test_registered_restores_earlier_encoders() -> None:
    """Nested blocks restore the earlier encoders, also after an exception."""
    with registered(Local):
        with registered(Again):
            assert encoders()["Local"].encoder is Again
        assert encoders()["Local"].encoder is Local
        with registered(Local):
            unregister(Local)
        assert encoders()["Local"].encoder is Local
        wrong: Any = (Again, int)
        with pytest.raises(PluginError, match="must be a subclass of Encoder"), registered(*wrong):
            pass
        assert encoders()["Local"].encoder is Local
        with pytest.raises(ZeroDivisionError, match="boom"), registered(Again):
            raise ZeroDivisionError("boom")
        assert encoders()["Local"].encoder is Local
    assert "Local" not in encoders()


@pytest.mark.parametrize("name", ["AudioSpectrogram", "Telephone"])
def test_registering_the_name_of_a_plugin_raises(name: str) -> None:
    """A class of this process cannot take the name of a plugin."""
    with pytest.raises(PluginConflictError, match=rf"'{name}' is .* and this process \({__name__}"):
        register(type("Other", (Local,), {"name": name, "__module__": __name__}))
    assert NetEncoder(name).name == "AudioSpectrogram"


def test_discovery_happens_once(install: Install, tmp_path: Path) -> None:
    """Threads that use encoders at the same time share one discovery."""
    count = tmp_path / "count"
    work = f"with open({str(count)!r}, 'a') as file: file.write('x')\n"
    slow = f"import time; time.sleep(0.05)\n{work}"
    install("slow", slow + providing("Slow"))
    found: list[bool] = []
    workers = [
        threading.Thread(target=lambda: found.append("Slow" in encoders())) for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [True] * 8
    assert count.read_text() == "x"


def test_warning_as_error_is_raised_on_each_use(install: Install) -> None:
    """If warnings are errors, each use raises the same error, and a later use works."""
    install("broken", "raise RuntimeError('boom')")
    for _ in range(2):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(PluginWarning, match="boom"):
                encoders()
    with pytest.warns(PluginWarning, match="boom"):
        assert "AudioSpectrogram" in encoders()


def test_discovery_and_imports_do_not_wait_for_each_other(install: Install) -> None:
    """A plugin that uses encoders while it is imported does not block another thread."""
    late = (
        "import sys, time; sys.begun.set(); time.sleep(0.5)\n"
        "import netencoders; netencoders.encoders()\n"
    )
    install("slow", providing("Slow") + late)
    program = (
        "import sys, threading, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "thread = threading.Thread(target=lambda: __import__('code_of_slow'), daemon=True)\n"
        "sys.begun = threading.Event(); thread.start(); sys.begun.wait()\n"
        "from netencoders import NetEncoder\n"
        "NetEncoder('AudioSpectrogram'); thread.join(); print('done')"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert "done" == done.stdout.strip()
