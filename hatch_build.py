"""The build hook: compiles the kernels of the framework and the audio plugin, with a C compiler.

Without one the wheel is pure Python, and netencoders uses numpy and scipy instead, with the
same bits. The environment variable ``NETENCODERS_BUILD_KERNEL`` may be ``off`` (no kernel) or
``required`` (an error if it cannot be compiled). ``NETENCODERS_BUILD_TAG``, a platform tag such as
``win_amd64``, is for a ``CC`` that compiles for another platform: `.ci/wheels.py` uses it.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# In the checkout, and in the wheel.
FOLDERS = {
    Path("netencoders/kernel"): "netencoders/kernel",
    Path("plugins/audio/netencoders_audio/kernel"): "netencoders_audio/kernel",
}
COMPILER = Path("netencoders/kernel/compile.py")


class KernelHook(BuildHookInterface):  # type: ignore[type-arg] # the type of its configuration is not needed
    """Adds the compiled kernel to a wheel, or puts it beside the sources for an editable one."""

    _folder: str | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the kernel, before the files of the wheel are collected."""
        if self.target_name != "wheel":
            return
        wanted = os.environ.get("NETENCODERS_BUILD_KERNEL", "")
        if wanted not in ("", "off", "required"):
            raise ValueError(f"NETENCODERS_BUILD_KERNEL must be off or required. Got {wanted!r}.")
        tag = os.environ.get("NETENCODERS_BUILD_TAG") or _own_tag()
        root, compiler = Path(self.root), _compiler(Path(self.root) / COMPILER)
        system, machine = _system(tag), tag.partition("_")[2]
        name = compiler.library_name(system)
        if version != "editable":
            self._folder = tempfile.mkdtemp()
        targets = {
            folder: (root / folder if self._folder is None else Path(self._folder) / str(number))
            / name
            for number, folder in enumerate(FOLDERS)
        }
        if wanted == "off":
            _remove(targets.values())
            return
        try:
            for folder, target in targets.items():
                target.parent.mkdir(exist_ok=True)
                compiler.compile_kernel(
                    root / folder, target, machine=_machine(machine), system=system
                )
        except compiler.KernelCompileError as problem:
            _remove(targets.values())
            if wanted == "required":
                raise
            self.app.display_warning(f"the kernel is left out: numpy and scipy are used. {problem}")
            return
        if self._folder is not None:
            for folder, target in targets.items():
                build_data["force_include"][str(target)] = f"{FOLDERS[folder]}/{name}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{tag}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder of the compiled file."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _compiler(path: Path) -> Any:
    """Return the module of the sources; the package itself needs numpy."""
    spec = importlib.util.spec_from_file_location("netencoders_kernel_compile", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _remove(targets: Iterable[Path]) -> None:
    """Remove the libraries of an earlier installation, perhaps from other sources.

    They stay while new ones are compiled: other processes may use this checkout.
    """
    for target in targets:
        target.unlink(missing_ok=True)


def _own_tag() -> str:
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


def _system(tag: str) -> str:
    """Return the system of a platform tag, as `platform.system` names it."""
    starts = {"win": "Windows", "macosx": "Darwin"}
    return next((system for start, system in starts.items() if tag.startswith(start)), "Linux")


def _machine(text: str) -> str:
    """Return the machine at the end of a platform tag."""
    known = ("x86_64", "amd64", "aarch64", "arm64")
    return next((name for name in known if text.endswith(name)), platform.machine())
