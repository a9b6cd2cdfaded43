"""Limits, changed by a `with` block or by the environment variable."""

import threading
from dataclasses import fields

import numpy as np
import pytest

from netencoders import NetEncoder, ParameterError
from netencoders_audio import Audio, AudioError, Limits, limits
from netencoders_audio.limits import VARIABLE, check_coding, check_form, current_limits

ENCODER = NetEncoder("AudioSpectrogram")
WIDE = Audio(np.zeros((2000, 200)), 16000)


def test_block_changes_limits_until_its_end():
    """A block changes the given limits, within those of an outer block, until its end."""
    assert Limits() == current_limits()
    with limits(max_channels=200) as outer, limits(max_hours=1) as inner:
        assert outer == Limits(max_channels=200)
        assert inner == current_limits() == Limits(max_channels=200, max_hours=1)
    assert Limits() == current_limits()


def test_block_applies_to_its_thread_and_to_map():
    """A block applies to its thread, and to the threads that map starts in it."""
    seen = []
    with limits(max_channels=200):
        thread = threading.Thread(target=lambda: seen.append(current_limits()))
        thread.start()
        thread.join()
        assert 2 == len(list(ENCODER.map([WIDE, WIDE], workers=2)))
        lazy = ENCODER.map([WIDE], workers=1, isolate=True)
    assert [Limits()] == seen
    assert (15, 201) == next(lazy).shape
    with pytest.raises(AudioError, match="max_channels is 128"):
        ENCODER(WIDE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Limits()),
        ("max_channels=256", Limits(max_channels=256)),
        (" max_hours=0.5 , max_bytes=1000,", Limits(max_hours=0.5, max_bytes=1000)),
        ("max_rate=1e5", Limits(max_rate=100_000)),
        ("formats=+VOC+SVX", Limits(formats=Limits.formats | {"VOC", "SVX"})),
        ("formats=WAV+FLAC,codings=PCM_16", Limits(formats={"WAV", "FLAC"}, codings={"PCM_16"})),
    ],
)
def test_environment_variable_sets_limits(set_limits, text, expected):
    """The environment variable sets limits; a block overrides it."""
    set_limits(text)
    assert expected == current_limits()
    with limits(max_ratio=2):
        assert 2 == current_limits().max_ratio
        assert expected.max_channels == current_limits().max_channels


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"max_channel": 3}, "unknown limit 'max_channel'. Known: max_channels, min_rate"),
        ({"max_channels": 0}, "'max_channels' must be a number > 0. Got 0."),
        ({"max_hours": True}, "'max_hours' must be a number > 0. Got True."),
        ({"max_hours": "2"}, "'max_hours' must be a number > 0. Got '2'."),
        ({"max_hours": float("nan")}, "'max_hours' must be a number > 0. Got nan."),
        ({"formats": "WAV"}, "'formats' must be a set of strings. Got 'WAV'."),
        ({"codings": [1]}, r"'codings' must be a set of strings. Got \[1\]."),
        ({"a": 1, "max_bytes": -1}, "(?s)2 problems.*'a'.*'max_bytes'"),
    ],
)
def test_invalid_limits_are_refused(changes, problem):
    """Invalid limits are refused; one error has all problems."""
    with pytest.raises(ParameterError, match=problem), limits(**changes):
        pass


@pytest.mark.parametrize("text", ["max_channels", "max_channels=many", "channels=3", "max_hours=0"])
def test_invalid_environment_variable_is_named(set_limits, text):
    """The error for an invalid environment variable is a ParameterError with its name."""
    set_limits(text)
    for _ in range(2):
        with pytest.raises(ParameterError, match=f"^{VARIABLE}: 1 problem"):
            current_limits()


def test_environment_is_read_once(set_limits, monkeypatch):
    """The environment variable is read at the first recording, and then kept."""
    set_limits("max_channels=256")
    before = current_limits()
    monkeypatch.setenv(VARIABLE, "max_channels=1")
    assert before == current_limits() == Limits(max_channels=256)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_channels": 1}, r"2 channels, and the limit max_channels is 1 .*max_channels=2"),
        ({"min_rate": 32000}, r"16000 Hz, and the limit min_rate is 32000 .*min_rate=16000"),
        ({"max_rate": 8000}, r"16000 Hz, and the limit max_rate is 8000 .*max_rate=16000"),
        ({"max_ratio": 1.5}, r"16000 Hz would be resampled to 8000 Hz, .*max_ratio=2\)"),
        ({"max_hours": 1e-5}, r"longer than 1e-05 hours, .*max_hours=2e-05"),
        ({"max_bytes": 1000}, r"more than 1000 bytes, .*max_bytes=2000"),
        ({"formats": {"FLAC"}}, r"WAV is not among the formats .*formats=\+WAV"),
        ({"codings": {"FLOAT"}}, r"PCM_16 is not among the codings .*codings=\+PCM_16"),
    ],
)
def test_recording_beyond_a_limit_is_refused(recording, changes, message):
    """The error for a recording beyond a limit has the limit, and a value that allows it."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=8000)
    with limits(**changes), pytest.raises(AudioError, match=message) as caught:
        encoder(recording(16000, 2))
    expected = "not-allowed" if {"formats", "codings"} & set(changes) else "limit-exceeded"
    assert expected == caught.value.code
    assert encoder(recording(16000, 2)).size


@pytest.mark.parametrize(("kind", "coding"), [("VOC", "PCM_16"), ("AVR", "PCM_16")])
def test_rare_formats_are_refused_until_allowed(recording, kind, coding):
    """Other formats of libsndfile are refused, until they are allowed."""
    path = recording(16000, 1, kind, coding)
    with pytest.raises(AudioError) as caught:
        ENCODER(path)
    assert caught.value.code in ("unrecognized", "not-allowed")
    with limits(formats=Limits.formats | {kind}):
        assert np.array_equal(ENCODER(recording()), ENCODER(path))


def test_rare_codings_are_refused_until_allowed(recording):
    """Other codings of libsndfile are refused, until they are allowed."""
    path = recording(16000, 1, "WAV", "G721_32")
    with pytest.raises(AudioError, match="G721_32 is not among the codings"):
        ENCODER(path)
    with limits(codings=Limits.codings | {"G721_32"}):
        assert len(ENCODER(path)) >= len(ENCODER(recording()))


def test_every_limit_is_tested():
    """Each limit has a row in the tests of this module."""
    known = {"max_channels", "min_rate", "max_rate", "max_ratio", "max_hours", "max_bytes"}
    assert known | {"formats", "codings"} == {field.name for field in fields(Limits)}


def test_check_form_and_check_coding_refuse_values_beyond_limits():
    """Container and coding must both be allowed, channels and rate within their bounds."""
    check_coding("WAV", "PCM_16")
    check_form(128, 10_000_000)
    for container, coding in (("WAV", "GSM610"), ("PAF", "PCM_16")):
        with pytest.raises(AudioError, match=r"is not among the (codings|formats)") as caught:
            check_coding(container, coding)
        assert "not-allowed" == caught.value.code
    for channels, rate in ((129, 1), (1, 10_000_001)):
        with pytest.raises(AudioError, match="and the limit max_"):
            check_form(channels, rate)
