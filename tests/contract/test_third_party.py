"""A third-party plugin is built and installed next to the built project, and used by name."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import distributions
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import netencoders
import netencoders_audio
from netencoders.testing import EncoderContract, LayerContract

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "tests" / "third_party" / "netencoders-zerocrossing"
RECORDING = ROOT / "tests" / "data" / "ten_of_clubs_16k_mono.wav"
OWN_TESTS = 9  # of the plugin, beside the three contracts


class Installation:
    """A virtual environment with the wheels of the project and of a third-party plugin."""

    def __init__(self, base):
        self.base = base
        self.environment = base / "environment"
        self.plugin = base / "plugin"
        venv.create(self.environment, symlinks=os.name != "nt")
        scripts = sysconfig.get_path("scripts", "venv", {"base": str(self.environment)})
        self.python = shutil.which("python", path=scripts)
        self.scripts = Path(scripts)
        self._install(self._wheel(ROOT), self._wheel(self._plugin_folder()))

    def run(self, *command, exit_code=0, **environ):
        """Run a command of the environment, and return its output."""
        command = [str(self.scripts / command[0]), *map(str, command[1:])]
        outer = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "NETENCODERS_"))
        }
        return _run(
            command, self.base, exit_code, outer | {"NETENCODERS_STRICT_PLUGINS": "1"} | environ
        )

    def answer(self, code, *arguments):
        """Run Python code in the environment, and return the JSON that it prints."""
        return json.loads(self.run("python", "-c", code, *arguments))

    def _plugin_folder(self):
        # A copy: nothing is written into the repository, and pytest finds no settings above it.
        shutil.copytree(PLUGIN, self.plugin, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        return self.plugin

    def _wheel(self, source):
        folder = self.base / "wheels" / source.name
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
        _run([*build, "--outdir", folder, source], self.base)
        (wheel,) = folder.glob("*.whl")
        return wheel

    def _install(self, project, plugin):
        # Installed by pip into an empty environment, as users do. Sharing the outer packages would
        # hide an undeclared dependency, and might expose the outer, editable netencoders. The
        # constraints select the installed versions, which are in pip's cache: this takes seconds.
        constraints = self.base / "constraints.txt"
        versions = {d.name: d.version for d in distributions() if d.name != "netencoders"}
        constraints.write_text("".join(f"{name}=={v}\n" for name, v in sorted(versions.items())))
        pip = [sys.executable, "-m", "pip", "--python", self.python, "install", "--no-compile"]
        _run([*pip, "--constraint", constraints, project, f"{plugin}[test]"], self.base)


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """Return the environment; it is installed once."""
    return Installation(tmp_path_factory.mktemp("installation"))


def test_environment_has_only_the_installed_wheels(installation):
    """Imports find the installed wheels, and netencoders is installed once."""
    code = """
import json, netencoders, netencoders_audio, netencoders_zerocrossing
from importlib.metadata import distributions
from itertools import pairwise
files = [m.__file__ for m in (netencoders, netencoders_audio, netencoders_zerocrossing)]
print(json.dumps([files, sorted(d.name for d in distributions() if "netencoders" in d.name)]))
"""
    files, installed = installation.answer(code)
    assert ["netencoders", "netencoders-zerocrossing"] == installed
    assert [] == [f for f in files if installation.environment.resolve() not in Path(f).parents]


def test_encoder_and_spec_work_in_python(installation):
    """The encoder and its spec are found by name, and their arrays follow the definition."""
    code = """
import json, sys
from netencoders import NetEncoder, encoders
encoder = NetEncoder("ZeroCrossingRate", SampleRate=8000)
telephone = NetEncoder("TelephoneZeroCrossingRate")
print(json.dumps({
    "imported": "netencoders_zerocrossing" in sys.modules,
    "provider": str(encoders()["ZeroCrossingRate"].provider),
    "equal": encoder == telephone and encoder.digest == telephone.digest,
    "resolved": dict(telephone.resolved),
    "rates": encoder(sys.argv[1]).tolist(),
}))
"""
    found = installation.answer(code, RECORDING)
    rates = found.pop("rates")
    assert {
        "imported": True,
        "provider": "netencoders-zerocrossing 0.1.0 (zerocrossing)",
        "equal": True,
        "resolved": {"SampleRate": 8000, "WindowSize": 200, "Offset": 67},
    } == found
    assert _naive_rates(8000, 200, 67) == pytest.approx(np.ravel(rates), rel=1e-6)


def test_spec_of_a_user_derives_from_the_plugin(installation):
    """A user's spec derives from the spec of the plugin."""
    spec = installation.base / "spec.yaml"
    spec.write_text(
        "schema: 1\nname: Coarse\nencoder: TelephoneZeroCrossingRate\nparameters: {Offset: 50 ms}\n"
    )
    code = """
import json, sys
from netencoders import NetEncoder
encoder = NetEncoder.from_yaml(sys.argv[1])
print(json.dumps([encoder.name, dict(encoder.resolved), encoder.digest]))
"""
    name, resolved, digest = installation.answer(code, spec)
    assert "ZeroCrossingRate" == name
    assert {"SampleRate": 8000, "WindowSize": 200, "Offset": 400} == resolved
    assert digest in installation.run("netencoders", "show", "--spec", spec)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("list", r"ZeroCrossingRate +Zero-crossing rate: .* netencoders-zerocrossing 0\.1\.0"),
        ("list", r"TelephoneZeroCrossingRate +zero-crossing rate of 8 kHz speech"),
        ("list", r"Change +Change over time: .* netencoders-zerocrossing 0\.1\.0"),
        ("list", r"AudioSpectrogram +.* netencoders \d"),
        ("show ZeroCrossingRate", r"WindowSize +Automatic +400 +samples +the length of a part"),
        ("show Change", r"Lag +1 +1 +rows +the number of rows from one"),
        ("show TelephoneZeroCrossingRate", r"float32 \(Varying, 1\)"),
        (
            "plugins",
            r"netencoders-zerocrossing +0\.1\.0 +zerocrossing +ZeroCrossingRate, TelephoneZero",
        ),
    ],
)
def test_command_line_lists_and_shows(installation, command, expected):
    """The command lists and shows the plugin, its version, its encoder, its spec and its layer."""
    text = installation.run("netencoders", *command.split())
    assert re.search(f"^.*{expected}", text, re.MULTILINE), text
    assert "failed" not in text


def test_command_line_encodes(installation):
    """The command writes an array that follows the definition."""
    out = installation.base / "rates.npy"
    installation.run("netencoders", "encode", RECORDING, "-e", "ZeroCrossingRate", "-o", out)
    rates = np.load(out)
    assert ("float32", (131, 1)) == (str(rates.dtype), rates.shape)
    assert _naive_rates(16000, 400, 134) == pytest.approx(rates[:, 0], rel=1e-6)


def test_switched_off_plugin_raises_an_error(installation):
    """If the plugin is switched off, its name raises an error and the rest works."""
    nothing = {"NETENCODERS_PLUGINS": "", "exit_code": 2}
    text = installation.run("netencoders", "show", "ZeroCrossingRate", **nothing)
    assert "error: no encoder 'ZeroCrossingRate'" in text
    assert "AudioSpectrogram" in installation.run("netencoders", "list", NETENCODERS_PLUGINS="")


def test_plugin_passes_its_own_tests(installation):
    """All checks of the shipped contracts run under pytest in the folder of the plugin."""
    encoder, layer = (
        sum(name.startswith("test_") for name in dir(contract))
        for contract in (EncoderContract, LayerContract)
    )
    text = installation.run("python", "-m", "pytest", "-q", "-W", "error", installation.plugin)
    assert f"\n{2 * encoder + layer + OWN_TESTS} passed" in text


@pytest.mark.parametrize("path", sorted(PLUGIN.rglob("*.py")), ids=lambda path: path.name)
def test_plugin_imports_public_names_only(path):
    """The plugin imports public names only."""
    public = {
        "netencoders": netencoders.__all__,
        "netencoders_audio": netencoders_audio.__all__,
        "netencoders.policies": netencoders.policies.__all__,
        "netencoders.testing": ["EncoderContract", "LayerContract"],
        "netencoders_zerocrossing.change": ["Change"],
    }
    taken = [
        (node.module, alias.name)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("netencoders")
        for alias in node.names
    ]
    assert taken, "it imports nothing of netencoders"
    assert [] == [(module, name) for module, name in taken if name not in public.get(module, [])]


def _run(command, folder, exit_code=0, environ=None):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,  # not the repository, where `import netencoders` would find the sources
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert exit_code == done.returncode, f"{command}\n{done.stdout}"
    return done.stdout


def _naive_rates(rate, size, offset):
    """Return the zero-crossing rates, counted over one pair of samples at a time."""
    samples = netencoders_audio.mono_samples(RECORDING, rate).tolist()
    rates = []
    for start in range(0, len(samples), offset):
        part = samples[start : start + size]
        crossings = sum((a < 0) != (b < 0) for a, b in pairwise(part))
        rates.append(crossings / (size - 1))
    return rates
