"""Window functions: against scipy's, and the names and arguments that are refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.signal import windows

from netencoders import NetEncoder, RefusedError, Window
from netencoders.windows import SCIPY_WINDOWS, window_samples


@given(st.integers(1, 2000), st.sampled_from(["hann", "boxcar"]), st.booleans())
def test_hann_and_boxcar_equal_windows_of_scipy(size: int, name: str, periodic: bool) -> None:
    """Hann and boxcar equal scipy's windows, without importing scipy.signal."""
    expected = getattr(windows, name)(size, sym=not periodic)
    for suffix in ["", "_periodic"] if periodic else ["_symmetric"]:
        found = window_samples(name + suffix, size)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("hamming", windows.hamming(9, sym=False)),
        ("hamming_symmetric", windows.hamming(9)),
        ("blackman", windows.blackman(9, sym=False)),
        (("kaiser", 14.0), windows.kaiser(9, 14, sym=False)),
        (("gaussian_symmetric", 2.5), windows.gaussian(9, 2.5)),
        (("tukey", 0.25), windows.tukey(9, 0.25, sym=False)),
        (("general_gaussian", 1.5, 7.0), windows.general_gaussian(9, 1.5, 7, sym=False)),
        (("taylor", 4.0, 30.0), windows.taylor(9, 4, 30, sym=False)),
    ],
    ids=str,
)
def test_named_window_equals_the_window_of_scipy(
    window: str | tuple[Any, ...], expected: Any
) -> None:
    """Any window of scipy.signal, with its arguments, periodic unless its name says otherwise."""
    assert Window().check(window) == window
    np.testing.assert_array_equal(window_samples(window, 9), expected, strict=True)


@pytest.mark.parametrize("name", ["povey", "povey_periodic", "povey_symmetric"])
def test_povey_takes_no_arguments(name: str) -> None:
    """Kaldi's window, which the audio plugin registers, is a name without arguments."""
    assert name.removesuffix("_periodic") == Window().check(name)
    with pytest.raises(RefusedError, match="the window 'povey' takes no arguments"):
        Window().check([name, 0.85])


@pytest.mark.parametrize("window", ["hann", "hann_symmetric", "povey", "boxcar", ("kaiser", 14.0)])
def test_window_of_one_sample_is_one(window: str | tuple[Any, ...]) -> None:
    """A window of one sample is 1 (A7)."""
    assert window_samples(window, 1).tolist() == [1.0]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("hamning", "Did you mean 'hamming'"),
        ("Hann", "Did you mean 'hann'"),
        ("povy", "Did you mean 'povey'"),
        ("hamning_symmetric", "Did you mean 'hamming'"),
        ("kaiser", "must have parameters|needs one or more parameters"),
        ("14", "^$"),
        ("ha nn", "^$"),
        ("x" * 10**6, "^$"),
        (["kaiser", float("nan")], "^$"),
        (["kaiser", True], "^$"),
        (["kaiser", 10_001], "^$"),
        (["kaiser", 9_999], "is not finite"),
        (["gaussian", 0], "is not finite"),
        (["general_cosine", 0.5], "does not take these arguments"),
        (["taylor", 4.5], "does not take these arguments"),
        (["taylor", 1e9], "^$"),
        ("HannWindow", r"^scipy\.signal\.windows lists the names\.$"),
        ("cheb", "must have parameters|needs one or more parameters"),
        ([["hann"]], "^$"),
        (14.0, "^$"),
    ],
    ids=lambda value: f"{value!s:.30}",
)
def test_unknown_window_is_refused(value: Any, hint: str) -> None:
    """An unknown window is refused without a warning, and the error suggests the nearest name."""
    with pytest.raises(RefusedError, match=hint) as caught:
        Window().check(value)
    assert len(str(caught.value)) < 200


def test_window_argument_wider_than_eight_samples_is_accepted() -> None:
    """A window is accepted even if its argument is too large for eight samples."""
    assert Window().check(["dpss", 5]) == ("dpss", 5.0)
    with pytest.raises(ValueError, match=r"NW must be less than M/2"):
        window_samples(("dpss", 5.0), 8)


def test_common_windows_do_not_import_scipy() -> None:
    """The default window, and a window of a plugin, do not import scipy.signal."""
    code = (
        "import sys; from netencoders.windows import Window, window_samples;"
        "Window().check('hann_symmetric'); window_samples('boxcar', 5);"
        "Window().check('povey_symmetric'); window_samples('povey', 5);"
        "print([name for name in sys.modules if name.partition('.')[0] == 'scipy'])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_periodic_suffix_is_dropped():
    """The canonical name omits _periodic: a window has one name, and so one digest."""
    assert "hann" == Window().check("hann_periodic")
    assert ("kaiser", 14.0) == Window().check(["kaiser_periodic", 14])
    assert "hann_symmetric" == Window().check("hann_symmetric")


def scipy_names() -> dict[str, str]:
    """Return every name that scipy's get_window takes, with the name of the function behind it."""
    from scipy.signal.windows import _windows

    # Its name depends on scipy's release; the values are functions, or pairs that begin with one.
    table = getattr(_windows, "_WIN_FUNCS", None) or _windows._win_equiv
    functions = {
        name: value[0] if isinstance(value, tuple) else value for name, value in table.items()
    }
    return {name: function.__name__ for name, function in functions.items() if " " not in name}


def test_reserved_window_names_are_those_of_scipy() -> None:
    """A plugin cannot take any name of scipy's windows, and can take all other names."""
    # Earlier releases write this name with spaces.
    assert {*scipy_names(), "kaiser_bessel_derived"} == SCIPY_WINDOWS
    assert {*windows.__all__} - {"get_window"} <= SCIPY_WINDOWS


ARGUMENTS = {
    "chebwin": [60],
    "gaussian": [7.5],
    "general_gaussian": [1.5, 7],
    "kaiser": [14],
    "kaiser_bessel_derived": [4],
}


@pytest.mark.parametrize("name", sorted(scipy_names()))
@pytest.mark.parametrize("suffix", ["", "_symmetric"])
def test_synonyms_resolve_to_one_name(name: str, suffix: str) -> None:
    """Each of scipy's names resolves to the name of its function, with the same samples."""
    main = scipy_names()[name]
    given = (name + suffix, *ARGUMENTS.get(main, []))
    resolved = Window().resolve(given if given[1:] else given[0], {})
    assert main + suffix == (resolved[0] if isinstance(resolved, tuple) else resolved)
    if main in ("dpss", "general_cosine", "general_hamming", "kaiser_bessel_derived"):
        return  # without synonyms that one argument suits, or for few sizes only
    for size in (1, 2, 30, 400):
        expected = window_samples((main + suffix, *given[1:]), size)
        assert np.array_equal(expected, window_samples(given, size))


@pytest.mark.parametrize(
    "name",
    [
        f"hann_{first}_{last}"
        for first in ("periodic", "symmetric")
        for last in ("periodic", "symmetric")
    ],
)
def test_two_suffixes_are_refused(name: str) -> None:
    """A name with two suffixes is refused, whether they are equal or not."""
    with pytest.raises(RefusedError, match="has one suffix: _periodic or _symmetric"):
        Window().check(name)


def test_synonyms_have_equal_digests() -> None:
    """The given name is kept, and the digest is that of the main name."""
    named = NetEncoder("AudioSpectrogram", WindowFunction="hamm")
    main = NetEncoder("AudioSpectrogram", WindowFunction="hamming")
    assert "hamm" == named.parameters["WindowFunction"]
    assert "hamming" == named.resolved["WindowFunction"]
    assert named.digest == main.digest
    assert named != main
