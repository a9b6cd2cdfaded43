"""Pickles: equal bytes in every process, and an error if the numbers differ."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from netencoders import (
    DigestError,
    EncoderNotFoundError,
    NetEncoder,
    Parameter,
    Real,
    SpecError,
    registered,
)
from netencoders.base import Encoder
from netencoders.pickling import restore, state

# Values that Python may hold once or twice: texts, tuples, equal numbers.
CODE = """
import pickle, sys
from netencoders import NetEncoder
rate = int("8" + "000")
window = "".join(["ka", "iser"])
encoder = NetEncoder("AudioMFCC", SampleRate=rate, WindowFunction=[window, float("14")],
                     Normalization=["M" + "ax".lower(), 1], Offset="10 ms")
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    print(pickle.dumps(encoder, protocol).hex())
"""


def test_equal_declarations_pickle_to_equal_bytes() -> None:
    """Another process, which creates its values in another way, writes the same bytes."""
    command = [sys.executable, "-c", CODE]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    encoder = NetEncoder(
        "AudioMFCC",
        Offset="10 ms",
        Normalization=("Max", 1.0),
        WindowFunction=("kaiser", 14),
        SampleRate=8000,
    )
    protocols = range(pickle.HIGHEST_PROTOCOL + 1)
    assert [pickle.dumps(encoder, protocol).hex() for protocol in protocols] == there
    for text in there:
        assert encoder == pickle.loads(bytes.fromhex(text))


def test_a_pickle_carries_resolved_values_and_digest() -> None:
    """The text in a pickle is JSON."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=8000)
    content = json.loads(state(encoder))
    assert encoder.digest == content["digest"]
    assert ("Automatic", 67) == (content["parameters"]["Offset"], content["resolved"]["Offset"])
    assert content["version"].startswith("netencoders 0.")


def test_a_raised_revision_changes_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle of an earlier revision has other bytes, so a cache does not return its arrays."""
    encoder = NetEncoder("AudioSpectrogram")
    before = pickle.dumps(encoder)
    monkeypatch.setattr(type(encoder._encoder), "revision", 4)
    assert before != pickle.dumps(NetEncoder("AudioSpectrogram"))
    with pytest.raises(DigestError) as caught:
        pickle.loads(before)
    text = str(caught.value)
    assert encoder.digest in text
    assert NetEncoder("AudioSpectrogram").digest in text
    assert "its revision was 3, is 4" in text
    assert 2 == text.count("netencoders 0.")  # both versions, here the same


def test_a_changed_declaration_of_a_neutral_value_is_named() -> None:
    """The values and the revision are the same: only the declarations differ."""
    level = Parameter("Level", Real(), default=0, neutral=0)
    with registered(later(level)):
        text = state(NetEncoder("Versioned"))
    with (
        registered(later(Parameter("Level", Real(), default=0))),
        pytest.raises(DigestError, match="its declarations, or a window of a plugin, have changed"),
    ):
        restore(NetEncoder, text)


WHOLE = '{"name":"Audio","revision":1,"digest":"0","version":"1","resolved":{},"parameters":{}}'


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"name": "Versioned"}', "3", "[" * 100_000]
    + [WHOLE.replace(f'"{key}"', '"other"') for key in ("digest", "version", "resolved")]
    + [WHOLE.replace("{}", "[]")],
    ids=lambda text: f"{text:.20}",
)
def test_a_text_of_another_format_is_refused(text: str) -> None:
    """A pickle that another program wrote is a SpecError."""
    with pytest.raises(SpecError, match="does not hold a NetEncoder as this version writes it"):
        restore(NetEncoder, text)


def test_encoders_of_two_revisions_are_not_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache whose key is the encoder does not serve arrays of an earlier revision."""
    before = NetEncoder("AudioSpectrogram")
    monkeypatch.setattr(type(before._encoder), "revision", 4)
    assert before != NetEncoder("AudioSpectrogram")


def test_the_version_is_that_of_the_class(tmp_path: Path, fresh_registry: Any) -> None:
    """For a spec, the distribution of the encoder class counts, not that of the spec."""
    file = tmp_path / "named.yaml"
    file.write_text("schema: 1\nname: Named\nencoder: AudioSpectrogram\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETENCODERS_SPECS", str(file))
        fresh_registry()
        assert NetEncoder("Named").version.startswith("netencoders 0.")


class Versioned(Encoder):
    """An encoder of a release."""

    name = "Versioned"
    parameters: tuple[Parameter, ...] = (Parameter("Gain", Real(), default=1),)

    def output(self) -> Any:
        """Return one element."""
        from netencoders import ArraySpec

        return ArraySpec((1,))

    def encode(self, value: Any) -> Any:
        """Return the input."""
        return value


def later(*parameters: Parameter) -> type[Encoder]:
    """Return the encoder of another release."""
    return type("Later", (Versioned,), {"parameters": parameters})


def test_the_values_that_differ_are_named() -> None:
    """If an Automatic rule gives another value, the error names both values."""

    def declared(value: float) -> Parameter:
        return Parameter("Gain", Real(), default=1.0, automatic=lambda: value)

    from netencoders import Automatic

    with registered(later(declared(1.0))):
        text = state(NetEncoder("Versioned", Gain=Automatic))
    with (
        registered(later(declared(2.0), Parameter("Level", Real(), default=3))),
        pytest.raises(
            DigestError, match=r"'Gain' was 1\.0, is 2\.0; 'Level' was not declared, is 3"
        ),
    ):
        restore(NetEncoder, text)


def test_a_neutral_parameter_of_a_later_release_is_no_difference() -> None:
    """A pickle of an earlier release loads if a new parameter has no effect."""
    with registered(Versioned):
        text = state(NetEncoder("Versioned"))
    level = Parameter("Level", Real(), default=0, neutral=0)
    with registered(later(*Versioned.parameters, level)):
        assert NetEncoder("Versioned") == restore(NetEncoder, text)


def test_a_neutral_parameter_is_not_blamed_for_a_revision() -> None:
    """Where a later release adds a neutral parameter and raises the revision, that is the cause."""
    with registered(Versioned):
        text = state(NetEncoder("Versioned"))
    cls = later(*Versioned.parameters, Parameter("Level", Real(), default=0, neutral=0))
    cls.revision = 2
    with (
        registered(cls),
        pytest.raises(DigestError, match=r": its revision was 1, is 2\. Install"),
    ):
        restore(NetEncoder, text)


def test_a_parameter_that_is_gone_is_refused_with_both_versions() -> None:
    """The error names both versions, and then the problem of the parameters."""
    with registered(Versioned):
        text = state(NetEncoder("Versioned", Gain=2))
    with (
        registered(later(Parameter("Level", Real(), default=0))),
        pytest.raises(
            DigestError,
            match=r"Versioned was pickled with this process, and the installed version, this "
            r"process, refuses its parameters: (?s:.)*unknown parameter 'Gain'",
        ),
    ):
        restore(NetEncoder, text)


def test_an_encoder_that_is_not_installed_is_named() -> None:
    """A pickle whose plugin is not installed is an error."""
    with registered(Versioned):
        data = pickle.dumps(NetEncoder("Versioned"))
    with pytest.raises(EncoderNotFoundError, match="no encoder 'Versioned'"):
        pickle.loads(data)
