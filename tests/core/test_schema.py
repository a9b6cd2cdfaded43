"""The JSON Schema of specs: it accepts all valid specs, and no wrong key or type."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from netencoders import All, Encoder, NetEncoder, SpecError, schema
from netencoders.values import to_plain
from netencoders.yaml_specs import declarations


@pytest.fixture(scope="module")
def full_schema(toy: type[Encoder]) -> dict[str, Any]:
    """Return the schema of all encoders, including the toy encoder."""
    return schema.json_schema(None)


def problems(full_schema: dict[str, Any], document: Any) -> list[str]:
    """Return the errors of the schema for a document."""
    return [error.message for error in Draft202012Validator(full_schema).iter_errors(document)]


def one(**parameters: Any) -> dict[str, Any]:
    """Return a spec of one toy encoder."""
    return {"schema": 1, "encoder": "Toy", "parameters": parameters}


def test_schema_is_valid_under_its_draft(full_schema: dict[str, Any]) -> None:
    """The schema is valid JSON, and valid under the draft that it names."""
    Draft202012Validator.check_schema(json.loads(json.dumps(full_schema, allow_nan=False)))


def test_schema_describes_every_parameter(full_schema: dict[str, Any], toy: type[Encoder]) -> None:
    """Each parameter has its meaning, unit and default, in the order of declaration."""
    described = full_schema["$defs"]["of"]["Toy"]
    assert toy.summary() == described["description"]
    assert [parameter.name for parameter in toy.parameters] == list(described["properties"])
    rate = described["properties"]["SampleRate"]
    assert {"description": "target <rate> (Hz)", "default": 8000} | rate == rate
    assert "Automatic" == described["properties"]["Hop"]["default"]
    assert "All" == described["properties"]["Length"]["default"]


def test_schema_accepts_the_examples_of_every_type(
    full_schema: dict[str, Any], toy: type[Encoder]
) -> None:
    """Every example of every parameter's type fits, and so does the dict of every encoder."""
    for parameter in toy.parameters:
        for value in parameter.type.examples():
            document = one(**{parameter.name: to_plain(parameter.check(value))})
            assert [] == problems(full_schema, document)
    assert [] == problems(full_schema, NetEncoder("Toy", Hop="25 ms", Length=All).to_dict())


@pytest.mark.parametrize(
    "document",
    [
        one(),
        {"schema": 1, "encoder": "Toy"},
        {
            "schema": 1,
            "encoders": [
                {"name": "A", "summary": "s", "encoder": "Unknown", "parameters": {"P": [[]]}}
            ],
        },
        {"schema": 1, "encoders": [{"name": "A", "encoder": "Toy", "parameters": {"Hop": 3}}]},
        {"schema": 1, "encoder": "Toy", "layers": []},
        {"schema": 1, "encoder": "Toy", "layers": ["Log", {"Log": {"Base": 10}}, {"Log": None}]},
        {"schema": 1, "encoder": "Toy", "layers": ["Unknown", {"Unknown": {"P": [1]}}]},
        {
            "schema": 1,
            "encoders": [
                {"name": "A", "encoder": "Unknown", "parameters": {"P": [{"asset": "a.npy"}]}}
            ],
        },
    ],
)
def test_schema_accepts_valid_specs(full_schema: dict[str, Any], document: Any) -> None:
    """Both forms of a spec fit; parameters of unknown encoders may have any values."""
    assert [] == problems(full_schema, document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "is not of type 'object'"),
        ({"encoder": "Toy"}, "'schema' is a required property"),
        ({"schema": 2, "encoder": "Toy"}, "1 was expected"),
        ({"schema": True, "encoder": "Toy"}, "1 was expected"),
        ({"schema": 1}, "'encoder' is a required property"),
        ({"schema": 1, "encoder": "Toy", "layers": "Log"}, "'Log' is not of type 'array'"),
        ({"schema": 1, "encoder": "Toy", "layers": [3]}, "3 is not valid under any"),
        ({"schema": 1, "encoder": "Toy", "layers": ["a b"]}, "'a b' is not valid under any"),
        ({"schema": 1, "encoder": "Toy", "layers": [{"Log": 3}]}, "is not valid under any"),
        (
            {"schema": 1, "encoder": "Toy", "layers": [{"Log": {}, "B": {}}]},
            "is not valid under any",
        ),
        ({"schema": 1, "encoder": ""}, "should be non-empty"),
        ({"schema": 1, "encoder": 3}, "is not of type 'string'"),
        ({"schema": 1, "encoder": "Toy", "name": "my name"}, "does not match"),
        ({"schema": 1, "encoder": "Toy", "nam": "A"}, "'nam' was unexpected"),
        ({"schema": 1, "encoder": "X", "parameters": []}, "is not of type 'object'"),
        (
            {"schema": 1, "encoder": "X", "parameters": {"P": {"asset": "a", "b": 1}}},
            "is not valid under any",
        ),
        (
            {"schema": 1, "encoder": "X", "parameters": {"P": {"asset": 1}}},
            "is not valid under any",
        ),
        ({"schema": 1, "encoders": []}, "should be non-empty"),
        ({"schema": 1, "encoders": ["Toy"]}, "is not of type 'object'"),
        ({"schema": 1, "encoders": [{"encoder": "Toy"}]}, "'name' is a required property"),
        (
            {"schema": 1, "encoder": "Toy", "encoders": [{"name": "A", "encoder": "X"}]},
            "unexpected",
        ),
    ],
)
def test_schema_refuses_invalid_specs(
    full_schema: dict[str, Any], document: Any, message: str
) -> None:
    """An invalid spec does not fit, and is also refused as YAML."""
    assert message in " ".join(problems(full_schema, document))
    reasons = "must|missing|not the name of a file|more than 'asset'|unknown key|reads schema"
    with pytest.raises(SpecError, match=f"{reasons}|declared by"):
        declarations(json.dumps(document))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"Samplerate": 1}, "'Samplerate' was unexpected"),
        ({"SampleRate": 0}, "less than the minimum"),
        ({"SampleRate": True}, "is not of type 'integer'"),
        ({"SampleRate": "Automatic"}, "is not of type 'integer'"),
        ({"Gain": 11}, "greater than the maximum"),
        ({"Hop": "25"}, "is not valid under any"),
        ({"Mode": "b"}, "is not one of"),
        ({"Bands": [1] * 5}, "is too long"),
    ],
)
def test_schema_refuses_wrong_parameters(
    full_schema: dict[str, Any], parameters: dict[str, Any], message: str
) -> None:
    """Parameters of a known encoder are checked by their declarations, in both forms of a spec."""
    document = one(**parameters)
    assert message in " ".join(problems(full_schema, document))
    item = {"name": "A", "encoder": "Toy", "parameters": parameters}
    assert message in " ".join(problems(full_schema, {"schema": 1, "encoders": [item]}))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"encoder": "Wideband", "parameters": {"Samplerate": 3}}, "'Samplerate' was unexpected"),
        ({"encoder": "Wideband", "parameters": {"SampleRate": 0}}, "less than the minimum"),
        ({"encoder": "Whisper", "parameters": {"n_mels": 80}}, "'n_mels' was unexpected"),
        ({"encoder": "Widebnd"}, "'Widebnd' is not one of"),
        ({"encoder": "audiospectrogram"}, "'audiospectrogram' is not one of"),
    ],
)
def test_schema_refuses_wrong_names(document: dict[str, Any], message: str) -> None:
    """The shipped schema knows the names of encoders and specs, and the parameters of both."""
    shipped = schema.json_schema()
    assert message in " ".join(problems(shipped, {"schema": 1, **document}))
    right = {"encoder": "Wideband", "parameters": {"SampleRate": 8000}}
    assert [] == problems(shipped, {"schema": 1, **right})


def test_schema_accepts_names_that_a_list_declares(full_schema: dict[str, Any]) -> None:
    """An encoder of a list may be derived from another one of the list."""
    items = [{"name": "A", "encoder": "Toy"}, {"name": "B", "encoder": "A", "parameters": {"P": 1}}]
    assert [] == problems(full_schema, {"schema": 1, "encoders": items})


def test_schema_describes_shipped_encoders_by_default(toy: type[Encoder]) -> None:
    """By default the schema describes only shipped encoders, so that it is the same everywhere."""
    described = schema.json_schema()["$defs"]["of"]
    assert "AudioSpectrogram" in described
    assert "Toy" not in described
    assert ["Toy"] == list(schema.json_schema("this process")["$defs"]["of"])
    nobody = schema.json_schema("nobody")
    assert [] == problems(nobody, one(Anything=1))


@pytest.mark.parametrize(("arguments", "toys"), [([], 0), (["--all"], 1)])
def test_command_prints_the_schema(
    arguments: list[str], toys: int, toy: type[Encoder], capsys: pytest.CaptureFixture[str]
) -> None:
    """The command prints the schema with a final line break; --all adds registered encoders."""
    schema.main(arguments)
    text = capsys.readouterr().out
    assert text.endswith("}\n")
    assert toys == json.loads(text)["$defs"]["encoder"]["examples"].count("Toy")


def test_schema_checks_the_parameters_of_layers(full_schema: dict[str, Any]) -> None:
    """The parameters of a known layer must fit its declarations."""
    for wrong in ({"Base": 3}, {"Bse": 10}):
        document = {"schema": 1, "encoder": "Toy", "layers": [{"Log": wrong}]}
        assert [f"{{'Log': {wrong}}} is not valid under any of the given schemas"] == problems(
            full_schema, document
        )
