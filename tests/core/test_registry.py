"""Plugins: real distributions on sys.path, sound and broken, and what steers their discovery."""

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
)
from netencoders.registry import plugins

Install = Callable[..., None]


def providing(*names: str) -> str:
    """Return the code of a plugin that registers encoders of the names."""
    calls = "".join(f"    register(made({name!r}))\n" for name in names)
    return f"@hookimpl\ndef register_encoders(register):\n{calls}"


def declaring(*paths: object) -> str:
    """Return the code of a plugin that registers spec files."""
    calls = "".join(f"    register({str(path)!r})\n" for path in paths)
    return f"@hookimpl\ndef register_specs(register):\n{calls}"


def failures() -> dict[str, list[str]]:
    """Return what failed, by provider."""
    return {str(record.provider): record.failures for record in plugins() if record.failures}


def test_stranger_is_found(install: Install) -> None:
    """A plugin's encoder works by its name, and its record tells where it comes from."""
    install("stranger", providing("Zebra", "Ant"))
    assert NetEncoder("Zebra")(None).tolist() == [1.0]
    record = encoders()["Zebra"]
    assert ("Gives a one.", "stranger 2.1 (door)") == (record.summary, str(record.provider))
    assert (record.parameters, record.preset, record.derived_from) == ((), {}, None)
    assert encoders()["AudioSpectrogram"].provider.distribution == "netencoders"
    found = {record.provider.distribution: record.names for record in plugins()}
    assert found["stranger"] == ["Zebra", "Ant"]
    assert failures() == {}


def test_encoders_is_a_sorted_read_only_mapping(install: Install) -> None:
    """The table can be looked at, not changed."""
    install("stranger", providing("Zebra", "Ant"))
    table = encoders()
    assert sorted(table) == list(table)
    with pytest.raises(TypeError, match="does not support item assignment"):
        table["Zebra"] = None  # type: ignore[index] - that is the test
    with pytest.raises(TypeError, match="does not support item deletion"):
        del table["Zebra"]  # type: ignore[attr-defined] - that is the test


def test_built_in_plugins_come_first_then_by_name(install: Install) -> None:
    """The order is that of (distribution, entry point), not that of the disk."""
    install("zz", providing("Z"))
    install("aa", None, entry_points="second = code_of_b\nfirst = code_of_zz:register_a")
    with pytest.warns(PluginWarning, match="plugin aa"):
        found = [(r.provider.distribution, r.provider.entry_point) for r in plugins()]
    assert found == [
        ("netencoders", "audio"),
        ("netencoders", "specs"),
        ("aa", "first"),
        ("aa", "second"),
        ("zz", "door"),
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
        "@hookimpl\ndef register_decoders(register): ...",
        "PluginError: it implements the hook 'register_decoders', which neither netencoders nor a",
    ),
    "number": (
        "@hookimpl\ndef register_encoders(register): register(42)",
        "register_encoders failed: PluginError: .* takes Encoder subclasses. Got 42",
    ),
    "abstract": (
        "@hookimpl\ndef register_encoders(register): register(Encoder)",
        "Encoder does not implement encode, output",
    ),
    "nameless": (providing("Bad").replace("'Bad'", "None"), "Made.name must be .* Got None"),
    "spaces": (providing("two words"), "Made.name must be letters.* Got 'two words'"),
    "hook raises": (
        providing("Good") + "    raise ValueError('late')\n",
        "register_encoders failed: ValueError: late",
    ),
    "hook exits": (providing("Good") + "    exit()\n", "register_encoders failed: SystemExit: "),
    "no spec": (declaring("/no/such.yaml"), "register_specs failed: .*no/such.yaml"),
    "no path": (
        "@hookimpl\ndef register_specs(register): register(42)",
        "register_specs failed: PluginError: register_specs takes the path .* Got 42",
    ),
}


def test_registered_spec_needs_a_name(install: Install, tmp_path: Path) -> None:
    """A spec of a plugin without a name could not be found, and is refused with its path."""
    (tmp_path / "nameless.yaml").write_text("schema: 1\nencoder: AudioSpectrogram\n")
    install("broken", declaring(tmp_path / "nameless.yaml"))
    with pytest.warns(PluginWarning, match=r"nameless\.yaml: an encoder that .* needs a 'name'"):
        assert "AudioSpectrogram" in encoders()


@pytest.mark.parametrize(("code", "failure"), BROKEN.values(), ids=BROKEN)
def test_broken_plugin_is_left_out_and_named(install: Install, code: str, failure: str) -> None:
    """It is warned of once by name; all else works; an unknown name recalls it."""
    install("broken", code)
    install("sound", providing("Sound"))
    with pytest.warns(PluginWarning) as warned:
        assert {"AudioSpectrogram", "Sound"} <= set(encoders())
    (warning,) = warned
    assert warning.message.args[0].startswith("plugin broken 2.1 (door): ")
    assert warning.message.args[0].endswith(". The rest works.")
    assert not {"Bad", "Good"} & set(encoders())
    assert NetEncoder("Sound")(None).tolist() == [1.0]
    assert NetEncoder("AudioSpectrogram").output.dims[1] == 201
    assert failures().keys() == {"broken 2.1 (door)"}
    with pytest.raises(
        EncoderNotFoundError, match=f"(?s)^no encoder 'Good'.*broken 2.1 .door.: .*{failure}"
    ):
        NetEncoder("Good")


@pytest.mark.parametrize(("code", "failure"), BROKEN.values(), ids=BROKEN)
def test_strict_plugins_raise(
    install: Install, monkeypatch: pytest.MonkeyPatch, code: str, failure: str
) -> None:
    """Where plugins must be sound, the first that is not stops every use, not only the first."""
    monkeypatch.setenv("NETENCODERS_STRICT_PLUGINS", "1")
    install("broken", code)
    for use in (encoders, plugins, encoders):
        sys.modules.pop("code_of_broken", None)
        with pytest.raises(PluginError, match=failure) as caught:
            use()
        assert caught.value.plugin == "plugin broken 2.1 (door)"
        assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("options", "failure"),
    [
        ({"entry_points": "door = no_such_module"}, r"broken 2\.1 \(door\): .*ModuleNotFoundError"),
        ({"entry_points": "door = json:nothing"}, r"broken 2\.1 \(door\): .*AttributeError"),
        ({"entry_points": "door = not a module!"}, r"broken 2\.1 \(door\): .*AttributeError"),
        ({"entry_points": "door = json:__doc__"}, r"broken 2\.1 \(door\): .*no hook"),
        ({"entry_points": "door = json"}, r"broken 2\.1 \(door\): .*no hook"),
        ({"metadata": False}, r"unknown distribution \(door\): .*ModuleNotFoundError"),
    ],
    ids=lambda value: f"{value!s:.40}",
)
def test_broken_installation(install: Install, options: dict[str, Any], failure: str) -> None:
    """An entry point that leads nowhere, or a distribution without metadata, harms no other."""
    install("broken", None, **options)
    with pytest.warns(PluginWarning, match=f"^plugin {failure}"):
        assert "AudioSpectrogram" in encoders()


def test_failure_in_one_hook_keeps_the_other(install: Install, tmp_path: Path) -> None:
    """A plugin whose specs are broken keeps its encoders; of a hook, all counts or nothing."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("schema: 1\nname: Calm\nencoder: Sound\n")
    bad.write_text("schema: 1\nname: Wild\nencoder: Sound\nencoder: Twice\n")
    install("half", providing("Sound") + declaring(good, bad))
    with pytest.warns(PluginWarning, match=r"half 2\.1 .door.: register_specs failed: SpecError"):
        assert "Sound" in encoders()
    assert not {"Calm", "Wild"} & set(encoders())
    (failure,) = failures()["half 2.1 (door)"]
    assert "bad.yaml, line 4, column 1" in failure


def test_taken_name(install: Install) -> None:
    """Of two providers of a name none is preferred; both are named; other names work."""
    install("sound", providing("Sound", "Other"))
    install("taker", providing("Sound", "Mine"))
    both = r"'Sound' is provided by sound 2\.1 \(door\) and taker 2\.1 \(door\): none is preferred"
    with pytest.warns(PluginWarning, match=both):
        table = encoders()
    assert "Sound" not in table
    assert {"Other", "Mine"} <= set(table)
    assert failures().keys() == {"taker 2.1 (door)"}
    with pytest.raises(PluginConflictError, match=both):
        NetEncoder("Sound")


@pytest.mark.parametrize(("name", "door"), [("AudioSpectrogram", "audio"), ("Telephone", "specs")])
def test_taken_name_of_what_ships(install: Install, name: str, door: str) -> None:
    """What ships keeps its names, and what derives from it works; who takes one is named."""
    before = NetEncoder("Telephone").digest
    install("taker", providing(name, "Mine"))
    told = (
        rf"'{name}' is provided by netencoders \S+ \({door}\) and taker 2\.1 \(door\): the encoder "
        "that ships"
    )
    with pytest.warns(PluginWarning, match=told):
        table = encoders()
    assert {"AudioSpectrogram", "Telephone", "Wideband", "Fullband", "Mine"} <= set(table)
    assert "netencoders" == table[name].provider.distribution
    assert before == NetEncoder("Telephone").digest
    assert failures().keys() == {"taker 2.1 (door)"}


def test_taken_name_among_the_strict(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conflict is a broken promise like any other."""
    monkeypatch.setenv("NETENCODERS_STRICT_PLUGINS", "1")
    install("taker", providing("AudioSpectrogram"))
    with pytest.raises(PluginConflictError, match="'AudioSpectrogram' is provided by netencoders"):
        NetEncoder("AudioSpectrogram")


def test_name_twice_in_one_plugin(install: Install) -> None:
    """A plugin can be in conflict with itself."""
    install("twice", providing("Sound", "Sound"))
    with pytest.warns(PluginWarning, match=r"'Sound' is registered twice by twice 2\.1"):
        assert "Sound" not in encoders()


def test_two_entry_points_of_one_name(install: Install) -> None:
    """Entry points belong to their distributions: the same name in two is no conflict."""
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
def test_choice_of_plugins(
    install: Install, monkeypatch: pytest.MonkeyPatch, setting: str | None, loaded: set[str]
) -> None:
    """NETENCODERS_PLUGINS chooses distributions as pip compares them; built-in ones stay."""
    install("plugin_one", providing("One"))
    install("plugin_two", providing("Two"))
    if setting is not None:
        monkeypatch.setenv("NETENCODERS_PLUGINS", setting)
    assert loaded | {"AudioSpectrogram"} == set(encoders()) & {"One", "Two", "AudioSpectrogram"}


def test_choice_of_an_unknown_plugin(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip in the list is not passed over in silence."""
    install("one", providing("One"))
    monkeypatch.setenv("NETENCODERS_PLUGINS", "one,oen")
    with pytest.warns(PluginWarning, match="NETENCODERS_PLUGINS names 'oen', which is not install"):
        assert "One" in encoders()


def test_plugin_that_is_not_chosen_is_not_imported(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left out cannot fail."""
    install("broken", "raise RuntimeError")
    monkeypatch.setenv("NETENCODERS_PLUGINS", "")
    assert "AudioSpectrogram" in encoders()
    assert "code_of_broken" not in sys.modules


@pytest.fixture
def spec_folder(fresh_registry: Callable[[], None], tmp_path: Path) -> Path:
    """Return a folder of YAML specs, with a file of another kind in it."""
    folder = tmp_path / "declared"
    folder.mkdir()
    (folder / "a.yaml").write_text(
        "schema: 1\nname: Low\nsummary: A low one.\nencoder: AudioSpectrogram\n"
        "parameters: {SampleRate: 8000, Offset: 10 ms}\n"
    )
    (folder / "b.yml").write_text(
        "schema: 1\nname: Lower\nencoder: Low\nparameters: {SampleRate: 4000}\n"
    )
    (folder / "c.txt").write_text("no spec")
    return folder


def test_specs_of_a_folder(spec_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Encoders are declared without a plugin, also one from another; given parameters go first."""
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
def test_specs_that_cannot_be_read(
    spec_folder: Path, monkeypatch: pytest.MonkeyPatch, entries: list[str], failure: str
) -> None:
    """A path that is wrong is named, and the others are read."""
    paths = [str(spec_folder / entry) for entry in entries]
    monkeypatch.setenv("NETENCODERS_SPECS", ":".join(["", *paths, ""]))
    with pytest.warns(PluginWarning, match=failure):
        table = encoders()
    assert ("Low" in table) == (entries[1] != "a.yaml")
    assert "AudioSpectrogram" in table
    assert len(failures()) == 1


def test_specs_that_lead_nowhere(spec_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent bases, circles and endless chains are left out, and told when they are used."""
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
        """Return one number's form."""
        return ArraySpec((1,))

    def encode(self, value: Any) -> Any:
        """Return what was given."""
        return np.full(1, value, np.float32)


class Again(Local):
    """The same cell, run twice."""


def test_register_in_this_process() -> None:
    """A class can be registered, replaced by a new one of its name, and taken back."""
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


def test_registered_puts_back_what_was_there() -> None:
    """Blocks can be nested, and leave all as it was even if what is in them fails."""
    with registered(Local):
        with registered(Again):
            assert encoders()["Local"].encoder is Again
        assert encoders()["Local"].encoder is Local
        with registered(Local):
            unregister(Local)
        assert encoders()["Local"].encoder is Local
        wrong: Any = (Again, int)
        with pytest.raises(PluginError, match="takes Encoder subcl"), registered(*wrong):
            pass
        assert encoders()["Local"].encoder is Local
        with pytest.raises(ZeroDivisionError, match="boom"), registered(Again):
            raise ZeroDivisionError("boom")
        assert encoders()["Local"].encoder is Local
    assert "Local" not in encoders()


@pytest.mark.parametrize("name", ["AudioSpectrogram", "Telephone"])
def test_registering_a_taken_name(name: str) -> None:
    """A class of this process has no precedence over a plugin either."""
    with pytest.raises(PluginConflictError, match=rf"'{name}' is .* and this process \({__name__}"):
        register(type("Taker", (Local,), {"name": name, "__module__": __name__}))
    assert NetEncoder(name).name == "AudioSpectrogram"


def test_discovery_happens_once(install: Install, tmp_path: Path) -> None:
    """Threads that use encoders first at the same time wait for one discovery."""
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


def test_warning_as_error_leaves_no_half_registry(install: Install) -> None:
    """A program that turns warnings into errors gets the same one on each use."""
    install("broken", "raise RuntimeError('boom')")
    for _ in range(2):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(PluginWarning, match="boom"):
                encoders()
    with pytest.warns(PluginWarning, match="boom"):
        assert "AudioSpectrogram" in encoders()


def test_discovery_and_imports_do_not_wait_for_each_other(install: Install) -> None:
    """A plugin that is imported by hand, and uses encoders, does not block another thread."""
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
