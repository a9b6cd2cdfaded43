"""The exceptions: their texts, their attributes, and their pickles."""

from __future__ import annotations

import copy
import difflib
import pickle
import re
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

import netencoders.errors as module
from netencoders import (
    EncodeError,
    EncoderNotFoundError,
    NetEncodersError,
    ParameterError,
    PluginConflictError,
    PluginError,
    PluginWarning,
    PortError,
    SpecError,
)
from netencoders.errors import input_name, nearest, printable


def test_tree_in_the_docstring_names_every_exception() -> None:
    """The tree in the docstring contains every exception, and no other names."""
    listed = re.findall(r"[A-Z]\w+(?:Error|Warning)\b", module.__doc__ or "")
    assert set(module.__all__) == set(listed) - {"LookupError", "ValueError", "UserWarning"}


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (EncoderNotFoundError, LookupError),
        (ParameterError, ValueError),
        (SpecError, ValueError),
        (PortError, ValueError),
        (PluginConflictError, PluginError),
        (EncodeError, NetEncodersError),
    ],
)
def test_error_derives_from_its_bases(error: type[Exception], builtin: type[Exception]) -> None:
    """Each error derives from the common base and from the expected built-in exception."""
    assert issubclass(error, builtin)
    assert issubclass(error, NetEncodersError)
    assert not issubclass(PluginWarning, NetEncodersError)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ParameterError("Toy", ["a."]), "Toy: 1 problem\n  a."),
        (ParameterError("Toy", ["a.", "b."]), "Toy: 2 problems\n  a.\n  b."),
        (SpecError("bad"), "bad"),
        (SpecError("bad", source="a.yaml"), "a.yaml: bad"),
        (SpecError("bad", line=3, column=7), "line 3, column 7: bad"),
        (SpecError("bad", source="a.yaml", line=3, column=7), "a.yaml, line 3, column 7: bad"),
        (PluginError("bad"), "bad"),
        (PluginConflictError("bad", plugin="plugin x"), "plugin x: bad"),
        (EncodeError("bad"), "bad"),
        (EncodeError("bad", source="a.wav"), "a.wav: bad"),
        (EncodeError("bad", source="a.wav", index=0, remedy="go"), "element 0: a.wav: bad (go)"),
        (EncodeError("b\na\x1b[31md", source="a\n\udc80.wav"), r"a\n\udc80.wav: b\na\x1b[31md"),
    ],
)
def test_text_survives_pickle_and_copy(error: NetEncodersError, text: str) -> None:
    """Each error has its text, and keeps it and its attributes when pickled and copied."""
    assert text == str(error)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(error) is type(other)
        assert text == str(other)
        assert vars(error) == vars(other)


@given(st.text())
def test_printable_text_is_one_line_in_any_encoding(text: str) -> None:
    """Any file name is printable on one line of any terminal."""
    assert printable(text).isprintable()
    printable(text).encode()


@pytest.mark.parametrize("name", ["call.wav", "naïve café.wav", "通话.flac", "-x.wav", "a 😀 b"])
def test_printable_characters_are_unchanged(name: str) -> None:
    """Names of printable characters of any language are unchanged."""
    assert name == printable(name)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("a.wav", "a.wav"),
        (Path("a.wav"), "a.wav"),
        ("", "an empty text"),
        ("x" * 1000, "x" * 1000),
        ("ab" * 501, "ab" * 40 + "... (1002 characters)"),
        (3, "a value of type int"),
    ],
    ids=lambda value: f"{value!s:.20}",
)
def test_name_of_an_input(value: object, name: str) -> None:
    """A path names itself; a long text, which is an input itself, is named by its beginning."""
    assert name == input_name(value)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("Samplerate", " Did you mean 'SampleRate'?"),
        ("SAMPLERATE", " Did you mean 'SampleRate'?"),
        ("sample_rate", " Did you mean 'SampleRate'?"),
        ("Ofset", " Did you mean 'Offset'?"),
        ("Samplerates", " Did you mean 'SampleRate'?"),
        ("PowerOffset", " Did you mean 'Offset'?"),
        ("on", ""),
        ("OtherSet", ""),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_nearest_name_of_a_typing_error(word: str, hint: str) -> None:
    """A typing error or another case finds the known name; a different word finds none."""
    assert hint == nearest(word, ["SampleRate", "Offset"])
    assert nearest(word, []) == ""


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("hoplength", " Did you mean 'Offset'?"),
        ("hop_lenth", " Did you mean 'Offset'?"),
        ("hop_len", ""),
        ("hop_length_in_samples", ""),
        ("length", ""),
    ],
)
def test_nearest_name_of_another_library(word: str, hint: str) -> None:
    """A name of another library is compared without underscores, and more strictly."""
    assert hint == nearest(word, ["SampleRate", "Offset"], {"hop_length": "Offset"})


def test_nearest_does_not_search_long_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A very long name gets no suggestion."""

    def compare(*_: object, **__: object) -> list[str]:
        raise AssertionError

    monkeypatch.setattr(difflib, "get_close_matches", compare)
    assert nearest("SampleRate" * 1_000_000, ["SampleRate"]) == ""
    assert nearest("x" * 101, ["x" * 100]) == ""
    with pytest.raises(AssertionError):
        nearest("x" * 100, ["x" * 99])
