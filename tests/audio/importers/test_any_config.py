"""Configs of any content give an encoder or the declared error, and nothing else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netencoders import ConfigError, NetEncoder
from netencoders_audio.importers.kaldi_options import SHARED
from netencoders_audio.importers.nemo_front_end import NEMO_FRONT_END
from netencoders_audio.importers.transformers_classes import FRONT_ENDS

TARGET = "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor"
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 600)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["fusion", "hann", "hann_window", "add", "${a}", "NA", "pad", "eps", ""])
    | st.sampled_from([1e308, -1e308, 5e-324, 2**63 - 1, 2**24])
    | st.text(max_size=3)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
# The registry is read once, and the files have new names.
FAST = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def attempt(source: Any, part: str | None = None) -> None:
    """Import a config; only a ConfigError may be raised."""
    with contextlib.suppress(ConfigError):
        NetEncoder.from_config(source, part=part)


@pytest.mark.parametrize("name", FRONT_ENDS)
@given(data=st.data())
@FAST
def test_any_fields_of_a_class_give_an_encoder_or_the_error(name: str, data: st.DataObject) -> None:
    """Known fields with any values, and unknown fields, of a class of transformers."""
    known = [field.name for field in FRONT_ENDS[name].fields if field.name != "auto_map"]
    keys = st.sampled_from(known) | st.text(max_size=3)
    content = data.draw(st.dictionaries(keys, VALUES, max_size=4))
    part = "Target" if FRONT_ENDS[name].parts else None
    attempt({**content, "feature_extractor_type": name}, part)


@given(
    content=st.dictionaries(
        st.sampled_from([field.name for field in NEMO_FRONT_END.fields]) | st.text(max_size=3),
        VALUES,
        max_size=4,
    )
)
@FAST
def test_any_section_of_nemo_gives_an_encoder_or_the_error(content: dict[str, Any]) -> None:
    """Known fields with any values, and unknown fields, of NeMo's preprocessor."""
    attempt({"preprocessor": {"_target_": TARGET, **content}})


@pytest.mark.parametrize("part", ["fbank", "mfcc"])
@given(
    options=st.dictionaries(
        st.sampled_from([field.name for field in SHARED]) | st.text(max_size=3).map("--".__add__),
        VALUES | st.integers(-9, 9999).map(str) | st.floats().map(str) | st.just("true"),
        max_size=4,
    )
)
@FAST
def test_any_options_of_kaldi_give_an_encoder_or_the_error(
    part: str, options: dict[str, Any]
) -> None:
    """Known options with any values, and unknown options, of Kaldi."""
    attempt({"--dither": "0", "--use-energy": "false", **options}, part)


@given(value=VALUES)
@FAST
def test_any_json_file_gives_an_encoder_or_the_error(tmp_path: Path, value: Any) -> None:
    """Any value of JSON, as a file and as a section of one."""
    for content in (value, {"feature_extractor": value}, {"preprocessor": value}):
        (tmp_path / "any.json").write_text(json.dumps(content))
        attempt(tmp_path / "any.json")


@pytest.mark.parametrize("suffix", ["json", "yaml", "conf"])
@given(data=st.binary(max_size=60) | st.text('{}[]":,-=#\n a1&*!', max_size=40).map(str.encode))
@FAST
def test_any_bytes_give_an_encoder_or_the_error(tmp_path: Path, suffix: str, data: bytes) -> None:
    """Any bytes, as a file of each format."""
    path = tmp_path / f"fbank.{suffix}"
    path.write_bytes(data)
    attempt(path)
