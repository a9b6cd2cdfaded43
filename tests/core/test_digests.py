"""Digests: neutral parameters are left out, and a spec may state the digest of its encoder."""

from __future__ import annotations

from typing import Any

import pytest

from netencoders import (
    All,
    ArraySpec,
    Automatic,
    Choice,
    DigestError,
    Encoder,
    Integer,
    ListOf,
    NetEncoder,
    Parameter,
    ParameterError,
    PluginError,
    Real,
    Samples,
    SpecError,
    TupleOf,
    Union,
    registered,
)


class Plain(Encoder):
    """An encoder before a release adds parameters to it."""

    name = "Grown"
    parameters: tuple[Parameter, ...] = (
        Parameter("SampleRate", Integer(min=1), default=8000),
        Parameter("Size", Integer(min=1), default=256),
    )

    def output(self) -> ArraySpec:
        """Return one element."""
        return ArraySpec((1,))

    def encode(self, value: Any) -> Any:
        """Return the input."""
        return value


def with_parameters(*more: Parameter, **attributes: Any) -> type[Encoder]:
    """Return the encoder of a later release, with further parameters."""
    return type("Later", (Plain,), {"parameters": (*Plain.parameters, *more), **attributes})


def digest(cls: type[Encoder], **parameters: Any) -> str:
    """Return the digest of an encoder of the class."""
    with registered(cls):
        return NetEncoder("Grown", **parameters).digest


NEUTRAL = [
    Parameter("Gain", Real(), default=1, neutral=1),
    Parameter("Level", Union(Choice(None), Real(above=0)), default=None, neutral=None),
    Parameter("Length", Union(Choice(All), Samples(min=1)), default=All, neutral=All),
    Parameter("Delay", Samples(), default="0 ms", neutral=0),
    Parameter("Padded", Integer(), default=256, neutral=lambda Size: Size),
]


@pytest.mark.parametrize("parameter", NEUTRAL, ids=lambda parameter: parameter.name)
def test_a_parameter_with_a_neutral_default_changes_no_digest(parameter: Parameter) -> None:
    """Arrays stored under the digest of an earlier release are found again."""
    later = with_parameters(parameter)
    assert digest(Plain) == digest(later)
    other = next(value for value in (2, 3.0) if value != parameter.default)
    assert digest(Plain) != digest(later, **{parameter.name: other})


def test_the_resolved_value_decides() -> None:
    """A duration or an Automatic that resolves to the neutral value is neutral as well."""
    later = with_parameters(
        Parameter("Delay", Samples(), default=8, neutral=lambda SampleRate: SampleRate // 1000),
        Parameter("Gain", Real(), default=2, neutral=1, automatic=lambda: 1),
    )
    assert digest(Plain) != digest(later)
    assert digest(Plain) != digest(later, Gain=1, Delay=9)
    assert digest(Plain) == digest(later, Delay="1 ms", Gain=Automatic)
    # At another rate 8 samples are not neutral any more.
    assert digest(Plain, SampleRate=9000) != digest(later, SampleRate=9000, Gain=1)
    assert digest(Plain, SampleRate=9000) == digest(later, SampleRate=9000, Gain=1, Delay=9)


def test_a_neutral_value_has_a_type() -> None:
    """1.0 and True are not the neutral value 1: they are different parameters."""
    kind = Union(Choice(True), Integer(), Real())
    later = with_parameters(Parameter("Gain", kind, default=1, neutral=1))
    assert digest(Plain) == digest(later)
    assert 3 == len({digest(Plain), digest(later, Gain=1.0), digest(later, Gain=True)})


def test_a_rule_that_gives_no_value_of_the_parameter_is_never_neutral() -> None:
    """If the neutral rule gives a value that the type refuses, no value is neutral."""
    later = with_parameters(
        Parameter("Half", Integer(max=100), default=100, neutral=lambda Size: Size // 2)
    )
    assert digest(Plain) != digest(later)
    assert digest(Plain, Size=200) == digest(later, Size=200)


@pytest.mark.parametrize(
    ("neutral", "message"),
    [
        (-1, r"the neutral value of 'Gain' must be an integer >= 0\. Got -1\."),
        ("x", r"the neutral value of 'Gain' must be an integer >= 0\. Got 'x'\."),
        (lambda Siez: Siez, r"'Gain' depends on 'Siez', .* Did you mean 'Size'\?"),
        (int, r"the neutral value of 'Gain' must be a value, or a function with named arguments"),
    ],
)
def test_an_unsound_neutral_value_is_an_error_of_the_plugin(neutral: Any, message: str) -> None:
    """A class with an invalid neutral value is refused when it is created."""
    if neutral is int:  # a callable without a signature
        neutral = type("Opaque", (), {"__call__": int, "__signature__": 1})()
    with pytest.raises(PluginError, match=message):
        with_parameters(Parameter("Gain", Integer(min=0), default=1, neutral=neutral))


def test_neutral_values_must_follow_from_values_in_the_digest() -> None:
    """A cycle of neutral values would give two encoders one digest."""
    other = Parameter("Other", Integer(), default=1, neutral=lambda Gain: Gain)
    gain = Parameter("Gain", Integer(), default=1, neutral=lambda Other: Other)
    with pytest.raises(PluginError, match="neutral values depend on each other: Gain -> Other"):
        with_parameters(gain, other)
    itself = Parameter("Gain", Integer(), default=1, neutral=lambda Gain: Gain)
    with pytest.raises(PluginError, match="neutral values depend on each other: Gain -> Gain"):
        with_parameters(itself)
    # A duration is resolved with the sample rate.
    rate = Parameter("Rate", Integer(), 8000, neutral=lambda Delay: Delay * 40)
    delay = Parameter("Delay", Samples(rate="Rate"), default=200, neutral="25 ms")
    with pytest.raises(PluginError, match="neutral values depend on each other: "):
        with_parameters(rate, delay)


def test_a_neutral_value_may_be_a_duration() -> None:
    """The neutral value is resolved as a given value is."""
    later = with_parameters(Parameter("Delay", Samples(), default=8, neutral="1 ms"))
    assert digest(Plain) == digest(later)
    assert digest(Plain, SampleRate=16000) != digest(later, SampleRate=16000)


class Named(Choice):
    """A type whose values name something with a revision."""

    revision = 1

    def content(self, value: Any) -> Any:
        """Return the name with its revision, which is left out at 1."""
        return value if self.revision == 1 else [value, self.revision]


def test_a_content_that_json_cannot_hold_is_an_error_of_the_plugin() -> None:
    """The error names the method of the type."""
    kind = type("Broken", (Choice,), {"content": lambda self, value: {1, 2}})("a")
    later = with_parameters(Parameter("Mode", kind, default="a"))
    message = r"content\(\) of the type of 'Mode' returns \{1, 2\}, which JSON cannot hold"
    with registered(later), pytest.raises(PluginError, match=message):
        NetEncoder("Grown")


def test_the_content_of_a_value_is_in_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type decides on the content of its values, also inside of other types."""
    kinds = [
        Parameter("One", Named("a"), default="a"),
        Parameter("Either", Union(Integer(), Named("a")), default="a"),
        Parameter("Pair", TupleOf(Integer(), Named("a")), default=(1, "a")),
        Parameter("Many", ListOf(Named("a")), default=("a",)),
    ]
    before = [digest(with_parameters(kind)) for kind in kinds]
    monkeypatch.setattr(Named, "revision", 2)
    after = [digest(with_parameters(kind)) for kind in kinds]
    assert 8 == len({*before, *after})
    assert digest(with_parameters(kinds[1]), Either=3) not in after


def test_a_neutral_rule_that_raises_is_an_error_of_the_plugin() -> None:
    """The error names the parameter and the exception."""

    def rule(Size: int) -> int:
        return 1 // (Size - 256)

    later = with_parameters(Parameter("Gain", Integer(), default=1, neutral=rule))
    with registered(later), pytest.raises(PluginError, match="neutral value of 'Gain' raised Zero"):
        NetEncoder("Grown")


SPEC = """schema: 1
encoder: AudioSpectrogram
parameters: {SampleRate: 8000}
digest: %s
"""
WRONG = "0" * 64


def test_a_spec_that_states_its_digest_loads() -> None:
    """The digest is compared, and to_yaml(pin=True) and to_dict(pin=True) state it."""
    encoder = NetEncoder("AudioSpectrogram", SampleRate=8000)
    assert encoder == NetEncoder.from_yaml(SPEC % f'"{encoder.digest}"')
    text = encoder.to_yaml(pin=True)
    assert f"digest: {encoder.digest}" in text.replace('"', "")
    assert encoder == NetEncoder.from_yaml(text)
    assert encoder == NetEncoder.from_dict(encoder.to_dict(pin=True))
    assert "digest" not in encoder.to_dict()
    assert "digest" not in encoder.to_yaml()


def test_a_spec_that_states_another_digest_is_refused() -> None:
    """The error names both digests, the revision, the version and the remedy."""
    actual = NetEncoder("AudioSpectrogram", SampleRate=8000).digest
    with pytest.raises(DigestError) as caught:
        NetEncoder.from_yaml(SPEC % f'"{WRONG}"')
    text = str(caught.value)
    assert isinstance(caught.value, SpecError)
    assert "\n" not in text  # the command line joins lines by semicolons
    for part in (WRONG, actual, "revision 3", "netencoders 0.", "state the new digest"):
        assert part in text
    with pytest.raises(DigestError, match=actual):
        NetEncoder.from_dict({**NetEncoder("AudioSpectrogram").to_dict(), "digest": actual})


def test_a_raised_revision_is_seen_by_a_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec with the digest of an earlier revision is refused."""
    encoder = NetEncoder("AudioSpectrogram")
    text = encoder.to_yaml(pin=True)
    monkeypatch.setattr(type(encoder._encoder), "revision", 4)
    with pytest.raises(DigestError, match=r"revision 4 of AudioSpectrogram"):
        NetEncoder.from_yaml(text)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ("12", r"'digest' must be a sha256: 64 hexadecimal digits, in quotes\. Got 12\."),
        ('"ABC"', r"'digest' must be a sha256.* Got 'ABC'\. 'netencoders show NAME' prints it\."),
        ("", "'digest' must be a sha256.* Got nothing"),
        ("[a]", "'digest' must be a sha256.* Got a list"),
        ('"' + "A" * 64 + '"', "'digest' must be a sha256"),
    ],
)
def test_a_digest_that_is_none_is_refused(stated: str, message: str) -> None:
    """Any other text or value is a SpecError at its line."""
    with pytest.raises(SpecError, match=rf"(?s)line 4, column 1: {message}"):
        NetEncoder.from_yaml(SPEC % stated)


def test_a_pinned_spec_with_a_bad_parameter_names_its_file(tmp_path: Any) -> None:
    """The error of the parameter keeps the name of the file."""
    file = tmp_path / "bad.yaml"
    file.write_text((SPEC % f'"{WRONG}"').replace("8000", "-1"))
    with pytest.raises(ParameterError, match=r"bad\.yaml: AudioSpectrogram: 1 problem"):
        NetEncoder.from_yaml(file)


FAMILY = """schema: 1
encoders:
  - name: Base
    encoder: AudioSpectrogram
    parameters: {SampleRate: 8000}
    digest: %s
  - name: Child
    encoder: Base
    parameters: {Offset: 80}
"""


def test_a_digest_counts_for_specs_that_derive_from_it() -> None:
    """The stated digest is that of the spec itself, without the changes of a derived spec."""
    base = NetEncoder("AudioSpectrogram", SampleRate=8000)
    child = NetEncoder.from_yaml(FAMILY % f'"{base.digest}"', name="Child")
    assert base.replace(Offset=80) == child
    with pytest.raises(DigestError, match="the spec of 'Base' states the digest"):
        NetEncoder.from_yaml(FAMILY % f'"{WRONG}"', name="Child")


def test_a_named_spec_is_compared_with_any_parameters(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, fresh_registry: Any
) -> None:
    """A spec that is found by name is compared when it is used, also with other parameters."""
    file = tmp_path / "base.yaml"
    base = NetEncoder("AudioSpectrogram", SampleRate=8000)
    file.write_text(FAMILY % f'"{base.digest}"')
    monkeypatch.setenv("NETENCODERS_SPECS", str(file))
    fresh_registry()
    assert base.replace(Offset=40) == NetEncoder("Base", Offset=40)
    file.write_text(FAMILY % f'"{WRONG}"')
    fresh_registry()
    with pytest.raises(DigestError, match=r"base\.yaml: the spec of 'Base'"):
        NetEncoder("Base", Offset=40)
