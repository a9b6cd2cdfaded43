"""The build hook: wheels with the compiled kernel, and without it."""

import importlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest

from netencoders.kernel.compile import compilers, library_name

ROOT = Path(__file__).parents[3]


def build(folder, **variables):
    """Return the process that builds a wheel in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def libraries(wheel):
    """Return the compiled libraries in a wheel."""
    return [Path(name).name for name in ZipFile(wheel).namelist() if "netencoders.kernel." in name]


@pytest.mark.skipif(not compilers(os.environ), reason="of a C compiler")
def test_wheel_with_the_kernel_has_the_tag_of_its_platform(tmp_path):
    """With a compiler the wheel has the library, and is for any Python 3 of one platform."""
    assert 0 == build(tmp_path, NETENCODERS_BUILD_KERNEL="required").returncode
    (wheel,) = tmp_path.iterdir()
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    assert 2 == len(libraries(wheel))


@pytest.mark.parametrize(
    "variables", [{"CC": "missing-compiler"}, {"NETENCODERS_BUILD_KERNEL": "off"}]
)
def test_wheel_without_the_kernel_is_pure(tmp_path, variables):
    """Without a compiler, or on request, the wheel is pure Python; the build says so."""
    done = build(tmp_path, **variables)
    (wheel,) = tmp_path.iterdir()
    assert (0, True, []) == (done.returncode, wheel.name.endswith("-any.whl"), libraries(wheel))
    assert ("CC" in variables) == ("the kernel is left out" in done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"NETENCODERS_BUILD_KERNEL": "required", "CC": "missing-compiler"}, "missing-compiler"),
        ({"NETENCODERS_BUILD_KERNEL": "yes"}, "must be off or required. Got 'yes'"),
    ],
)
def test_failed_builds_name_the_reason(tmp_path, variables, message):
    """A required kernel that cannot be compiled, and a wrong value, end the build."""
    done = build(tmp_path, **variables)
    assert (True, []) == (done.returncode != 0, list(tmp_path.iterdir()))
    assert message in done.stdout + done.stderr


@pytest.mark.skipif(not compilers(os.environ), reason="of a C compiler")
@pytest.mark.parametrize(
    ("tag", "suffix"), [("win_amd64", "dll"), ("macosx_11_0_arm64", "dylib"), ("a_x86_64", "so")]
)
def test_tag_of_another_platform_names_the_library(tmp_path, tag, suffix):
    """A tag of another platform is used with the suffix of its system; CC compiles for it."""
    stand_in = tmp_path / "compiler.py"
    stand_in.write_text("import sys; open(sys.argv[sys.argv.index('-o') + 1], 'w').write('x')")
    folder = tmp_path / "wheels"
    variables = {"NETENCODERS_BUILD_TAG": tag, "CC": f"{sys.executable} {stand_in}"}
    assert 0 == build(folder, **variables).returncode
    (wheel,) = folder.iterdir()
    assert wheel.name.endswith(f"-py3-none-{tag}.whl")
    assert [f"netencoders.kernel.{suffix}"] * 2 == libraries(wheel)


@pytest.mark.skipif(not compilers(os.environ), reason="of a C compiler")
@pytest.mark.parametrize("fails", [False, True])
def test_library_of_a_checkout_stays_while_the_new_one_is_compiled(tmp_path, monkeypatch, fails):
    """Processes that use an editable installation have a library at any time of another build."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    libraries = []
    for folder in module.FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.so"))
        libraries.append(tmp_path / folder / library_name(platform.system()))
        libraries[-1].write_text("old")
    stand_in = tmp_path / "compiler.py"
    stand_in.write_text(
        f"import sys, pathlib\n"
        f"for name in {[str(path) for path in libraries]}:\n"
        f"    with open({str(tmp_path / 'seen')!r}, 'a') as file:\n"
        f"        file.write(pathlib.Path(name).read_text() + ' ')\n"
        f"if {fails}: sys.exit(1)\n"
        f"open(sys.argv[sys.argv.index('-o') + 1], 'w').write('new')\n"
    )
    monkeypatch.setenv("CC", f"{sys.executable} {stand_in}")
    monkeypatch.setattr(
        importlib.import_module("hatchling.builders.hooks.plugin.interface").BuildHookInterface,
        "app",
        SimpleNamespace(display_warning=lambda _: None),
    )
    hook = module.KernelHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    hook.initialize("editable", {"force_include": {}})
    seen = (tmp_path / "seen").read_text().split()
    assert ["old", "old"] == seen[:2]
    assert [not fails] * 2 == [path.exists() for path in libraries]
