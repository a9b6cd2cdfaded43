"""The hooks for windows, commands, policies, and hooks that plugins specify."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netencoders import (
    Command,
    NetEncoder,
    PluginConflictError,
    PluginError,
    PluginWarning,
    Policy,
    RefusedError,
    Window,
    encoders,
    registrations,
)
from netencoders.registry import commands, declared_policies, plugins, window_names
from netencoders.windows import window_samples

Install = Callable[..., None]


def hook(name: str, *calls: str) -> str:
    """Return the code of a hook that calls `register` with each of the arguments."""
    body = "".join(f"    register({call})\n" for call in calls) or "    pass\n"
    return f"@hookimpl\ndef {name}(register):\n{body}"


def specifying(*names: str) -> str:
    """Return the code of a plugin that specifies hooks."""
    specs = "".join(f"    @hookspec\n    def {name}(self, register): ...\n" for name in names)
    head = f"from netencoders import hookspec\nclass Specs:\n{specs}"
    return head + hook("register_hookspecs", "Specs")


LEVEL = "def level(size, periodic): return np.full(size, 2 + periodic)\n"
COMMAND = "from netencoders import Command\n"
POLICY = "from netencoders import Policy\n"
ENCODER = hook("register_encoders", "made('Good')")


def failures() -> dict[str, list[str]]:
    """Return the plugins that failed, with their failures."""
    return {str(record.provider): record.failures for record in plugins() if record.failures}


# hooks that plugins specify


@pytest.mark.parametrize(("specifier", "implementer"), [("aa", "bb"), ("bb", "aa")])
def test_plugin_implements_the_hook_of_another(
    install: Install, specifier: str, implementer: str
) -> None:
    """A plugin implements a hook that another one specifies, in any order of loading."""
    install(specifier, specifying("register_readers") + hook("register_readers", "1"))
    install(implementer, hook("register_readers", "2", "3"))
    found = [(provider.distribution, item) for provider, item in registrations("register_readers")]
    assert [(specifier, 1), (implementer, 2), (implementer, 3)] == sorted(found, key=lambda p: p[1])
    assert sorted(found) == found
    assert {} == failures()


def test_claim_of_two_plugins_is_a_conflict(install: Install) -> None:
    """Items of a hook of a plugin that state one claim are reported like names; others are not."""
    item = "from types import SimpleNamespace\nITEM = SimpleNamespace(claim='x in y')\n"
    install("aa", specifying("register_readers") + item + hook("register_readers", "ITEM", "1"))
    install("bb", item + hook("register_readers", "ITEM", "1"))
    with pytest.warns(PluginWarning, match="the reader 'x in y' is provided by aa"):
        assert 4 == len(registrations("register_readers"))
    [(provider, [failure])] = failures().items()
    assert provider.startswith("bb")
    assert failure.startswith("the reader 'x in y' is provided by aa")


def test_hook_without_implementations_has_no_items(install: Install) -> None:
    """A hook without implementations has no items."""
    install("aa", specifying("register_readers"))
    assert () == registrations("register_readers")


def test_module_may_hold_specifications(install: Install) -> None:
    """A module may hold specifications, as a class may."""
    code = (
        "import sys\nfrom netencoders import hookspec\n"
        "@hookspec\ndef register_readers(register): ...\n"
    )
    install("aa", code + hook("register_hookspecs", "sys.modules[__name__]"))
    install("bb", hook("register_readers", "5"))
    assert [5] == [item for _, item in registrations("register_readers")]


@pytest.mark.parametrize(
    ("body", "returned"),
    [("yield register(1)", "<generator object"), ("return [1]", r"\[1\]")],
)
def test_hook_that_returns_its_items_is_refused(install: Install, body: str, returned: str) -> None:
    """A hook that returns its items, or is a generator, is an error, not an empty plugin."""
    install("aa", f"@hookimpl\ndef register_encoders(register):\n    {body}\n")
    message = (
        rf"register_encoders failed: PluginError: it returned {returned}.* call register\(item\)"
    )
    with pytest.warns(PluginWarning, match=message):
        encoders()


def test_plugin_that_implements_a_hook_wrongly_takes_its_own_hooks_with_it(
    install: Install,
) -> None:
    """A plugin is left out if the plugin that specifies its hook is left out for any reason."""
    install("aa", specifying("register_one") + "@hookimpl\ndef register_two(other): pass\n")
    install("bb", specifying("register_two"))
    install("cc", hook("register_one", "2") + ENCODER)
    with pytest.warns(PluginWarning, match="cannot be loaded") as caught:
        assert "Good" not in encoders()
    assert 2 == len(caught)
    assert ["aa 2.1 (main)", "cc 2.1 (main)"] == sorted(failures())


def test_plugin_is_left_out_with_the_plugin_that_specifies_its_hook(install: Install) -> None:
    """If a plugin is left out, the plugins that implement its hooks are left out, too."""
    install("aa", specifying("register_readers") + hook("register_unknown", "1"))
    install("bb", hook("register_readers", "2") + ENCODER)
    with pytest.warns(PluginWarning, match="implements the hook 'register_") as caught:
        assert "Good" not in encoders()
    assert 2 == len(caught)
    assert ["aa 2.1 (main)", "bb 2.1 (main)"] == sorted(failures())
    with pytest.raises(PluginError, match="no plugin specifies the hook 'register_readers'"):
        registrations("register_readers")


def test_hook_that_raises_registers_nothing(install: Install) -> None:
    """An implementation that raises registers nothing; other hooks and plugins work."""
    install("aa", specifying("register_readers") + hook("register_readers", "1"))
    install("bb", hook("register_readers", "2", "1 / 0") + ENCODER)
    failed = r"^plugin bb 2\.1 \(main\): register_readers failed: ZeroDivisionError: division by"
    with pytest.warns(PluginWarning, match=failed):
        found = registrations("register_readers")
    assert [1] == [item for _, item in found]
    assert "Good" in encoders()
    assert ["bb 2.1 (main)"] == [*failures()]


def test_hook_that_raises_is_an_error_with_strict_plugins(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With strict plugins, a hook of a plugin that fails raises an error."""
    monkeypatch.setenv("NETENCODERS_STRICT_PLUGINS", "1")
    install("aa", specifying("register_readers") + hook("register_readers", "1 / 0"))
    with pytest.raises(PluginError, match="register_readers failed: ZeroDivisionError"):
        registrations("register_readers")


def test_implementation_with_other_arguments_leaves_out_its_plugin(install: Install) -> None:
    """An implementation with other arguments than the specification leaves out its plugin."""
    install("aa", specifying("register_readers") + hook("register_readers", "1"))
    install("bb", "@hookimpl\ndef register_readers(registrar): ...\n" + ENCODER)
    with pytest.warns(PluginWarning, match="plugin bb 2.1 .*PluginValidationError: .*registrar"):
        assert [1] == [item for _, item in registrations("register_readers")]
    assert "Good" not in encoders()


def test_unspecified_hook_leaves_out_its_plugin(install: Install) -> None:
    """The plugin and its windows are left out, and the message names the nearest hook."""
    install("aa", specifying("register_readers"))
    windows = hook("register_windows", "'level', level")
    install("bb", LEVEL + hook("register_reader", "1") + ENCODER + windows)
    expected = (
        r"^plugin bb 2\.1 \(main\): cannot be loaded: PluginError: it implements the hook "
        r"'register_reader', which neither netencoders nor a loaded plugin specifies\. Did you "
        r"mean 'register_readers'\? Install the plugin that specifies it, or mark"
    )
    with pytest.warns(PluginWarning, match=expected):
        assert "Good" not in encoders()
    assert ["povey"] == window_names()


def test_optional_implementation_works_without_the_specification(install: Install) -> None:
    """An optional implementation works with and without the specifying plugin."""
    code = hook("register_readers", "1").replace("hookimpl", "hookimpl(optionalhook=True)", 1)
    install("bb", code + ENCODER)
    assert "Good" in encoders()
    install("aa", specifying("register_readers"))
    assert [1] == [item for _, item in registrations("register_readers")]
    assert {} == failures()


def test_hook_of_two_specifications_is_unusable(install: Install) -> None:
    """A hook that two plugins specify cannot be used; other hooks and plugins work."""
    install("aa", specifying("register_readers", "register_writers"))
    install("bb", specifying("register_readers"))
    install("cc", hook("register_readers", "1") + hook("register_writers", "2") + ENCODER)
    expected = (
        r"^the hook 'register_readers' is provided by aa 2\.1 \(main\) and bb 2\.1 \(main\): "
        "none of them is used"
    )
    with pytest.warns(PluginWarning, match=expected):
        assert "Good" in encoders()
    assert ["bb 2.1 (main)"] == [*failures()]
    assert [2] == [item for _, item in registrations("register_writers")]
    with pytest.raises(PluginConflictError, match=expected):
        registrations("register_readers")


def test_plugin_cannot_specify_a_framework_hook(install: Install) -> None:
    """A plugin cannot specify a hook of netencoders; its other hooks work."""
    install("aa", specifying("register_specs", "register_readers") + hook("register_readers", "1"))
    expected = (
        r"^the hook 'register_specs' is provided by netencoders \(hookspecs\) and aa 2\.1 \(main\)"
    )
    with pytest.warns(PluginWarning, match=expected):
        assert "Telephone" in encoders()
    assert [1] == [item for _, item in registrations("register_readers")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("register_reader", "no plugin specifies the hook 'register_reader'. Did you mean "),
        ("register_encoders", "'register_encoders' is a hook of netencoders itself: registrations"),
    ],
)
def test_registrations_of_an_unknown_hook_raise(install: Install, name: str, expected: str) -> None:
    """A name that no plugin specifies is an error, with the nearest name."""
    install("aa", specifying("register_readers"))
    with pytest.raises(PluginError, match=expected):
        registrations(name)


def test_registrations_during_loading_raise(install: Install) -> None:
    """A plugin cannot ask for items while the plugins are being loaded."""
    code = "from netencoders import registrations\nregistrations('register_readers')"
    install("aa", code)
    with pytest.warns(PluginWarning, match="plugin aa .*cannot be used while the plugins are"):
        encoders()


# items that are refused

BAD = {
    "no specs": (
        hook("register_hookspecs", "42"),
        "PluginError: register_hookspecs takes a module or class with functions marked .* Got 42",
    ),
    "spec name": (
        specifying("collect_readers"),
        r"the hook 'collect_readers' must have the form register_<items>.register.\. Got collect",
    ),
    "spec arguments": (
        specifying("register_readers").replace(
            "(self, register): ...", "(self, register, all): ..."
        ),
        r"'register_readers' must have the form .*\. Got register_readers\(register, all\)",
    ),
    "historic": (
        specifying("register_readers").replace("@hookspec\n", "@hookspec(historic=True)\n"),
        "the hook 'register_readers' must not be historic or firstresult",
    ),
    "firstresult": (
        specifying("register_readers").replace("@hookspec\n", "@hookspec(firstresult=True)\n"),
        "the hook 'register_readers' must not be historic or firstresult",
    ),
    "two items": (
        specifying("register_readers") + hook("register_readers", "1, 2"),
        "register_readers failed: TypeError: ",
    ),
    "window name": (
        LEVEL + hook("register_windows", "'Level', level"),
        "register_windows failed: PluginError: a window's name must be lower-case .* Got 'Level'",
    ),
    "window suffix": (
        LEVEL + hook("register_windows", "'level_symmetric', level"),
        "without the suffix _periodic or _symmetric. Got 'level_symmetric'",
    ),
    "no function": (
        hook("register_windows", "'level', 5"),
        "the window 'level' must be a function of size and periodic. Got 5",
    ),
    "half a window": (
        hook("register_windows", "'level'"),
        "register_windows failed: TypeError: .*missing 1 required positional argument: 'function'",
    ),
    "no command": (
        hook("register_commands", "print"),
        "register_commands failed: PluginError: register_commands takes a Command. Got <built-in",
    ),
    "bad command": (
        COMMAND + hook("register_commands", "Command('x', 'y', run=5)"),
        "register_commands failed: PluginError: command x: 'run' must be a function. Got 5",
    ),
    "no policy": (
        hook("register_policies", "'truncated'"),
        "register_policies failed: PluginError: register_policies takes a Policy. Got 'truncated'",
    ),
}


@pytest.mark.parametrize(("code", "expected"), BAD.values(), ids=BAD)
def test_invalid_item_is_refused_with_a_warning(install: Install, code: str, expected: str) -> None:
    """A warning names the hook and the plugin; the hook registers nothing, and others work."""
    install("bad", code + ENCODER)
    with pytest.warns(PluginWarning, match=rf"^plugin bad 2\.1 \(main\): .*{expected}"):
        assert "Good" in encoders()
    assert (["povey"], ["corpus"], ["truncated"]) == (
        window_names(),
        [*commands()],
        [*declared_policies()],
    )


@pytest.mark.parametrize(("code", "expected"), BAD.values(), ids=BAD)
def test_invalid_item_raises_with_strict_plugins(
    install: Install, monkeypatch: pytest.MonkeyPatch, code: str, expected: str
) -> None:
    """With strict plugins, an invalid item raises an error."""
    monkeypatch.setenv("NETENCODERS_STRICT_PLUGINS", "1")
    install("bad", code + ENCODER)
    with pytest.raises(PluginError, match=expected):
        encoders()


RUN = {"run": print}


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Command("Count", "count", **RUN), "a command's name must be .* Got 'Count'"),
        (lambda: Command("-x", "count", **RUN), "a command's name must be .* Got '-x'"),
        (lambda: Command("x", "two\nlines", **RUN), "^command x: 'help' must be one line. Got "),
        (lambda: Command("x", "", **RUN), "^command x: 'help' must be one line. Got ''"),
        (lambda: Command("x", "y", print, 3), "^command x: 'add_arguments' must be a function. G"),
        (lambda: Policy("a-b", ("c",), "c", "d"), "a policy's name must be .* Got 'a-b'"),
        (lambda: Policy("a", "cc", "c", "d"), "^policy a: 'choices' must be a tuple of texts. Got"),
        (lambda: Policy("a", (), "c", "d"), "^policy a: 'choices' must be a tuple of texts. Got"),
        (lambda: Policy("a", (1,), 1, "d"), "^policy a: 'choices' must be a tuple of texts. Got"),
        (lambda: Policy("a", ("c",), "d", "e"), r"'default' must be one of \('c',\). Got 'd'"),
        (lambda: Policy("a", ("c",), "c", "d\n"), "^policy a: 'help' must be one line. Got "),
    ],
)
def test_invalid_command_or_policy_is_refused(make: Callable[[], Any], expected: str) -> None:
    """A command or policy checks its fields when it is created."""
    with pytest.raises(PluginError, match=expected):
        make()


def test_commands_and_policies_are_sorted_by_name(install: Install) -> None:
    """Commands and policies are returned by name, sorted, with their providers."""
    made = [f"Command({name!r}, 'count', run=print)" for name in ("greet", "count")]
    policy = "Policy('a_b', ('c', 'd'), 'c', 'e')"
    install(
        "counting",
        COMMAND + POLICY + hook("register_commands", *made) + hook("register_policies", policy),
    )
    assert ["corpus", "count", "greet"] == [*commands()]
    assert "counting 2.1 (main)" == str(commands()["count"][0])
    assert ("--a-b", ("c", "d")) == (
        declared_policies()["a_b"][1].option,
        declared_policies()["a_b"][1].choices,
    )


# conflicts

NAMES = {
    "command": (COMMAND, "register_commands", "Command({name!r}, 'x', run=print)", "list", "cli"),
    "policy": (POLICY, "register_policies", "Policy({name!r}, ('a',), 'a', 'x')", "force", "cli"),
    "window": (LEVEL, "register_windows", "{name!r}, level", "hamm", "scipy.signal"),
}


def usable() -> set[str]:
    """Return the names of all commands, policies and windows that can be used."""
    return {*commands(), *declared_policies(), *window_names()}


@pytest.mark.parametrize(("kind", "parts"), NAMES.items(), ids=NAMES)
def test_name_of_two_plugins_is_unusable(
    install: Install, kind: str, parts: tuple[str, ...]
) -> None:
    """A name of two plugins cannot be used; the message names both; other names work."""
    head, function, item, *_ = parts
    for plugin, names in (("aa", ["one", "both"]), ("bb", ["both", "two"])):
        install(plugin, head + hook(function, *(item.format(name=name) for name in names)))
    expected = (
        rf"^the {kind} 'both' is provided by aa 2\.1 \(main\) and bb 2\.1 \(main\): none of them is"
    )
    with pytest.warns(PluginWarning, match=expected):
        assert {"one", "two"} == usable() - {"corpus", "povey", "truncated"}
    assert ["bb 2.1 (main)"] == [*failures()]


@pytest.mark.parametrize(("kind", "parts"), NAMES.items(), ids=NAMES)
def test_name_registered_twice_by_one_plugin_is_unusable(
    install: Install, kind: str, parts: tuple[str, ...]
) -> None:
    """A plugin that registers a name twice is in conflict with itself."""
    head, function, item, *_ = parts
    install("aa", head + hook(function, *[item.format(name="both")] * 2))
    expected = (
        rf"^the {kind} 'both' is registered twice by aa 2\.1 \(main\): give each {kind} a unique n"
    )
    with pytest.warns(PluginWarning, match=expected):
        assert {"corpus", "povey", "truncated"} == usable()


@pytest.mark.parametrize(("kind", "parts"), NAMES.items(), ids=NAMES)
def test_plugin_cannot_take_a_name_of_the_framework(
    install: Install, kind: str, parts: tuple[str, ...]
) -> None:
    """A plugin cannot take a name of netencoders or of a window of scipy."""
    head, function, item, name, owner = parts
    install("aa", head + hook(function, item.format(name=name), item.format(name="other")))
    expected = (
        rf"^the {kind} '{name}' is provided by netencoders \({owner}\) and aa 2\.1 \(main\): "
    )
    with pytest.warns(PluginWarning, match=expected):
        assert {"corpus", "povey", "truncated", "other"} == usable()
    assert ["aa 2.1 (main)"] == [*failures()]


@pytest.mark.parametrize(("kind", "name"), [("window", "povey"), ("policy", "truncated")])
def test_built_in_plugin_keeps_its_names(install: Install, kind: str, name: str) -> None:
    """A built-in plugin keeps its names, and its items work."""
    head, function, item, *_ = NAMES[kind]
    before = window_samples("povey", 9).tolist()
    install("aa", head + hook(function, item.format(name=name)))
    expected = (
        rf"^the {kind} '{name}' is provided by netencoders \S+ \(audio\) and aa 2\.1 \(main\): "
    )
    with pytest.warns(PluginWarning, match=expected):
        assert {"corpus", "povey", "truncated"} == usable()
    assert ("error", "warn") == declared_policies()["truncated"][1].choices
    assert before == window_samples("povey", 9).tolist()


def test_conflict_raises_with_strict_plugins(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With strict plugins, a conflict raises an error."""
    monkeypatch.setenv("NETENCODERS_STRICT_PLUGINS", "1")
    install("aa", LEVEL + hook("register_windows", "'hann', level"))
    with pytest.raises(PluginConflictError, match="the window 'hann' is provided by netencoders"):
        encoders()


# windows


def test_window_of_a_plugin_returns_its_samples(install: Install) -> None:
    """The function returns the samples, periodic unless the name ends in _symmetric."""
    install("aa", LEVEL + hook("register_windows", "'level', level"))
    assert "level_symmetric" == Window().check("level_symmetric")
    assert "level" == Window().check("level_periodic")
    assert np.full(4, 3.0).tolist() == window_samples("level", 4).tolist()
    assert np.full(4, 2.0).tolist() == window_samples("level_symmetric", 4).tolist()
    assert np.float64 == window_samples("level", 4).dtype
    assert [1.0] == window_samples("level", 1).tolist()
    assert "level" == NetEncoder("AudioSTFT", WindowFunction="level").resolved["WindowFunction"]
    with pytest.raises(RefusedError, match="the window 'level' takes no arguments"):
        Window().check(["level", 0.5])
    with pytest.raises(RefusedError, match="Did you mean 'level'"):
        Window().check("levl")


def test_samples_of_a_window_are_a_copy(install: Install) -> None:
    """If a function returns the same array each time, a caller cannot change it."""
    code = "same = np.ones(4)\ndef level(size, periodic): return same\n"
    install("aa", code + hook("register_windows", "'level', level"))
    window_samples("level", 4)[:] = 7
    assert [1.0] * 4 == window_samples("level", 4).tolist()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("1 / 0", "the window 'level' raised ZeroDivisionError: division by zero"),
        ("[1.0]", "the window 'level' does not give 512 finite samples"),
        ("np.full(size, np.nan)", "the window 'level' does not give 512 finite samples"),
    ],
)
def test_window_function_with_a_bug_names_the_plugin(
    install: Install, body: str, expected: str
) -> None:
    """An error names the plugin whose function does not return a window."""
    code = f"def level(size, periodic): return {body}\n"
    install("aa", code + hook("register_windows", "'level', level"))
    with pytest.raises(PluginError, match=rf"^plugin aa 2\.1 \(main\): {expected}"):
        Window().check("level")


def test_window_of_two_plugins_is_unusable(install: Install) -> None:
    """The window cannot be used, and the error names both plugins."""
    for name in ("aa", "bb"):
        install(name, LEVEL + hook("register_windows", "'level', level"))
    expected = r"the window 'level' is provided by aa 2\.1 \(main\) and bb 2\.1 \(main\)"
    with (
        pytest.warns(PluginWarning, match=expected),
        pytest.raises(PluginConflictError, match=expected),
    ):
        window_samples("level", 4)


DEFAULT = """
from netencoders import Parameter, Window
def windowed(name):
    return made('Good', parameters=(Parameter('Shape', Window(), name),))
"""


@pytest.mark.parametrize(
    ("first", "second", "works"),
    [("aa", "bb", True), ("bb", "aa", False)],
    ids=["loaded before", "loaded after"],
)
def test_window_of_an_earlier_plugin_may_be_a_default(
    install: Install, first: str, second: str, works: bool
) -> None:
    """A class that is created at import may use the windows of plugins that load before it."""
    install(first, LEVEL + hook("register_windows", "'level', level"))
    code = DEFAULT + "Good = windowed('level')\n"
    install(second, code + hook("register_encoders", "Good"))
    if works:
        assert "level" == NetEncoder("Good").resolved["Shape"]
        assert {} == failures()
    else:
        with pytest.warns(PluginWarning, match="plugin aa .*: cannot be loaded: PluginError: .*Sh"):
            assert "Good" not in encoders()


def test_built_in_window_may_be_a_default(install: Install) -> None:
    """Every plugin may use the windows of the built-in plugins."""
    code = DEFAULT + "Good = windowed('povey_symmetric')\n"
    install("aa", code + hook("register_encoders", "Good"))
    assert "povey_symmetric" == NetEncoder("Good").resolved["Shape"]


def test_window_of_the_same_plugin_may_be_a_default(install: Install) -> None:
    """A class that is created in register_encoders may use a window of the same plugin."""
    code = LEVEL + hook("register_windows", "'level', level") + DEFAULT
    install("aa", code + hook("register_encoders", "windowed('level')"))
    assert "level" == NetEncoder("Good").resolved["Shape"]


def test_plugin_imported_directly_may_use_windows(install: Install) -> None:
    """A class may use windows while its plugin is imported directly; discovery finds the plugin."""
    install("zz", LEVEL + hook("register_windows", "'level', level"))
    code = DEFAULT + "Good = windowed('level')\n"
    install("aa", code + hook("register_encoders", "Good"))
    program = (
        "import warnings; warnings.simplefilter('error')\n"
        "import code_of_aa\n"
        "from netencoders import NetEncoder\n"
        "print(NetEncoder('Good').resolved['Shape'])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    assert ("level\n", "") == (done.stdout, done.stderr)


def test_package_imported_directly_may_use_windows(install: Install) -> None:
    """A class may use windows while the package of its entry point is still being imported."""
    install("zz", LEVEL + hook("register_windows", "'level', level"))
    install("aa", None, entry_points="main = code_of_aa.plugin")
    site = next(path for path in sys.path if path.endswith("site") and "pytest" in path)
    os.mkdir(f"{site}/code_of_aa")
    with open(f"{site}/code_of_aa/__init__.py", "w") as file:
        file.write("from code_of_aa.encoders import Good\n")
    with open(f"{site}/code_of_aa/encoders.py", "w") as file:
        code = (
            "import numpy as np\nfrom netencoders import ArraySpec, Encoder\n"
            "def made(name, **more):\n"
            "    body = {'name': name, 'output': lambda self: ArraySpec((1,)),\n"
            "            'encode': lambda self, value: np.ones(1, np.float32)}\n"
            "    return type('Made', (Encoder,), {**body, **more})\n"
        )
        file.write(code + DEFAULT + "Good = windowed('level')\n")
    with open(f"{site}/code_of_aa/plugin.py", "w") as file:
        head = "from netencoders import hookimpl\nfrom code_of_aa.encoders import Good\n"
        file.write(head + hook("register_encoders", "Good"))
    program = (
        "import warnings; warnings.simplefilter('error')\n"
        "import code_of_aa\n"
        "from netencoders import NetEncoder\n"
        "print(NetEncoder('Good').resolved['Shape'])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    assert ("level\n", "") == (done.stdout, done.stderr)


def test_revision_of_a_window_changes_the_digest(
    install: Install, tmp_path: Path, fresh_registry: Callable[[], None]
) -> None:
    """The digest contains the revision of a window, except revision 1."""
    for name, revision in {"none": "", "one": ", revision=1", "two": ", 2"}.items():
        install(f"aa{name}", LEVEL + hook("register_windows", f"{name!r}, level{revision}"))
    contents = [Window().content(f"{name}_symmetric") for name in ("none", "one", "two")]
    assert ["none_symmetric", "one_symmetric", ["two_symmetric", 2]] == contents
    before = NetEncoder("AudioSTFT", WindowFunction="two").digest
    module = tmp_path / "site" / "code_of_aatwo.py"
    module.write_text(module.read_text().replace(", 2)", ", 33)"))
    del sys.modules["code_of_aatwo"]
    fresh_registry()
    assert before != NetEncoder("AudioSTFT", WindowFunction="two").digest


@pytest.mark.parametrize("revision", ["0", "True", "1.0", "'2'"])
def test_revision_of_a_window_must_be_an_integer(install: Install, revision: str) -> None:
    """A revision that is not an integer >= 1 is an error of the plugin."""
    install("aa", LEVEL + hook("register_windows", f"'level', level, {revision}"))
    message = r"the revision of the window 'level' must be an integer >= 1\. Got "
    with pytest.warns(PluginWarning, match=message):
        encoders()


def test_plugin_being_imported_by_another_thread_is_loaded(install: Install, tmp_path: Any) -> None:
    """A plugin whose package another thread is importing is loaded, not left out."""
    install(
        "slow", hook("register_encoders", "made('Slow')"), entry_points="main = slow_package.end"
    )
    package = tmp_path / "site" / "slow_package"
    package.mkdir()
    (package / "end.py").write_text((tmp_path / "site" / "code_of_slow.py").read_text())
    (package / "__init__.py").write_text(
        "import slow_package.end, sys; sys.entered.set(); sys.looked.wait(60)\n"
    )
    program = (
        "import sys, threading, warnings\n"
        "warnings.simplefilter('error')\n"
        "import netencoders\n"
        "sys.entered, sys.looked = threading.Event(), threading.Event()\n"
        "thread = threading.Thread(target=lambda: __import__('slow_package'))\n"
        "thread.start()\n"
        "sys.entered.wait(60)\n"
        "print('Slow' in netencoders.encoders())\n"
        "sys.looked.set(); thread.join()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ("True\n", "") == (done.stdout, done.stderr)


def test_error_of_a_window_in_constraints_names_the_plugin_of_the_window(install: Install) -> None:
    """A window that fails for one size only has its own error, not one of the encoder."""
    code = "def short(size, periodic): return np.full(size if size == 512 else 3, 1.0)\n"
    install("aa", code + hook("register_windows", "'short', short"))
    expected = r"^plugin aa 2\.1 \(main\): the window 'short' does not give 400 finite samples\.$"
    with pytest.raises(PluginError, match=expected):
        NetEncoder("AudioSpectrogram", WindowFunction="short")
