"""The choice of the compiled kernel: the environment variable, the processor, and the sources."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from netencoders import NetEncoder
from netencoders.kernel import library as module
from netencoders.kernel.compile import (
    SHARED,
    KernelCompileError,
    compile_kernel,
    compilers,
    library_name,
    sources_number,
)
from netencoders.kernel.library import KernelError, chosen, loaded
from netencoders_audio import Audio
from netencoders_audio.kernel import kernel_path, kernel_text
from netencoders_audio.kernel.library import FOLDER, library, with_functions


def compiled(lanes):
    """Return a library that supports a number of lanes."""

    class Functions(dict):
        def __missing__(self, name):
            return SimpleNamespace(name=name)

        netencoders_lanes = staticmethod(lambda: lanes)

    return Functions()


@pytest.fixture
def variable(monkeypatch):
    """Return a function that sets the environment variable; it is read again."""

    def setter(value):
        monkeypatch.setenv(module.VARIABLE, value)
        library.cache_clear()

    yield setter
    library.cache_clear()


@pytest.mark.parametrize(
    ("machine", "lanes", "wanted", "expected"),
    [
        ("x86_64", 8, None, ("avx2", 8)),
        ("AMD64", 8, "sse2", ("sse2", 4)),
        ("x86_64", 8, "avx2", ("avx2", 8)),
        ("x86_64", 4, None, ("sse2", 4)),
        ("aarch64", 4, None, ("neon", 4)),
    ],
)
def test_widest_kernel_is_used_unless_one_is_wanted(monkeypatch, machine, lanes, wanted, expected):
    """The widest kernel of the processor is used, or the wanted one."""
    monkeypatch.setattr(module.platform, "machine", lambda: machine)
    found = with_functions(chosen(compiled(lanes), wanted))
    assert expected == (found.path, found.lanes)
    assert f"netencoders_frames_{found.lanes}" == found.frames.name


def test_missing_library_leaves_numpy_and_scipy():
    """Without a compiled library, numpy and scipy are used; a wanted kernel is an error."""
    assert None is chosen(None, None)
    with pytest.raises(KernelError, match="'avx2', and this installation has no compiled kernel"):
        chosen(None, "avx2")


def test_kernel_of_another_processor_is_an_error(monkeypatch):
    """A wanted kernel that the processor does not support is an error."""
    monkeypatch.setattr(module.platform, "machine", lambda: "aarch64")
    with pytest.raises(KernelError, match="is 'sse2', and this processor supports neon"):
        chosen(compiled(4), "sse2")


def test_off_uses_numpy_and_scipy(variable):
    """The value `off` uses no kernel."""
    variable("off")
    assert ("off", "kernel off: numpy and scipy") == (kernel_path(), kernel_text())


def test_empty_variable_is_no_variable(variable):
    """An empty variable is like an unset one."""
    variable("")
    assert (chosen(loaded(FOLDER), None) or SimpleNamespace(path="off")).path == kernel_path()
    assert kernel_text().startswith(f"kernel {kernel_path()}")


def test_wrong_value_is_an_error_of_every_call(variable):
    """Another value is a typed error with a code and a remedy, before anything is encoded."""
    variable("avx512")
    with pytest.raises(KernelError, match="must be one of off, sse2, avx2; it is 'avx512'"):
        kernel_path()
    encoder = NetEncoder("AudioSpectrogram", WindowSize=50)
    with pytest.raises(KernelError, match="NETENCODERS_KERNEL must be one of") as caught:
        encoder(Audio([0.0] * 1000, 8000))
    assert "kernel" == caught.value.code
    assert "before the process starts" in caught.value.remedy


@pytest.mark.parametrize("folder", [FOLDER, SHARED])
def test_library_of_other_sources_is_not_used(monkeypatch, folder):
    """A library that was compiled from other sources is not used."""
    if loaded(folder) is None:
        pytest.skip("of the compiled kernel")
    monkeypatch.setattr(module, "sources_number", lambda folder: sources_number(folder) ^ 1)
    assert loaded(folder) is None


def test_file_that_is_no_library_is_not_used(tmp_path):
    """A missing file, and a file that is no library of this system, are not used."""
    assert loaded(tmp_path) is None
    (tmp_path / library_name(module.platform.system())).write_bytes(b"\x7fELF")
    assert loaded(tmp_path) is None


def test_library_name_follows_the_system():
    """Each system has its suffix."""
    names = [library_name(system) for system in ("Linux", "Darwin", "Windows")]
    assert ["so", "dylib", "dll"] == [name.rpartition(".")[2] for name in names]


def test_compilers_are_those_of_the_environment():
    """CC is tried alone, with its arguments."""
    assert [["zig", "cc", "-target", "x"]] == compilers({"CC": "zig cc -target x"})


def test_failures_of_compilers_are_reported(tmp_path):
    """All compilers that fail are named with their output; nothing is left behind."""
    broken = [sys.executable, "-c", "import sys; sys.exit('no such header')"]
    with pytest.raises(KernelCompileError, match=r"(?s)missing-compiler.*no such header"):
        compile_kernel(FOLDER, tmp_path / "library.so", [["missing-compiler"], broken])
    with pytest.raises(KernelCompileError, match="no C compiler: set CC, or install gcc or clang"):
        compile_kernel(FOLDER, tmp_path / "library.so", [])
    assert [] == list(tmp_path.iterdir())


@pytest.mark.skipif(not compilers(os.environ), reason="of a C compiler")
@pytest.mark.parametrize("folder", [FOLDER, SHARED])
def test_compiled_library_has_the_number_of_its_sources(tmp_path, folder):
    """A compiler of this machine makes a library that the other modules accept."""
    target = compile_kernel(folder, tmp_path / library_name(module.platform.system()))
    program = (
        "import ctypes; from pathlib import Path; from netencoders.kernel import compile\n"
        f"found = ctypes.CDLL({str(target)!r}).netencoders_sources() % 2**32\n"
        f"print(found == compile.sources_number(Path({str(folder)!r})))"
    )
    output = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert "True" == output.strip()


@pytest.mark.parametrize(
    "path", [path for folder in (FOLDER, SHARED) for path in folder.glob("*.[ch]")], ids=str
)
def test_sources_are_short(path):
    """Each file of the kernels has fewer than 500 lines."""
    assert len(path.read_text("utf-8").splitlines()) < 500
