"""Every parameter of a shipped encoder has an effect on its array."""

import numpy as np
import pytest

from netencoders import NetEncoder, ParameterError, encoders
from netencoders_audio import Audio
from netencoders_audio.errors import AudioError

PARAMETERS = [
    (name, parameter)
    for name, record in encoders().items()
    if record.provider.is_built_in
    and record.derived_from is None
    # tests/kinds/test_kinds_contracts.py tests those of texts, classes and numbers.
    and not record.encoder.__module__.startswith("netencoders_core")
    for parameter in record.parameters
    # It decides between an error and an array: see test_empty_filters_give_zeros.
    if parameter.name != "EmptyFilters"
    # tests/image and tests/text test those of others.
    and not record.encoder.__module__.startswith(("netencoders_image", "netencoders_text"))
]


# Other parameters without which these have no effect.
TOGETHER = {
    "TargetSide": {"TargetLength": 8000},
    "TargetFill": {"MinimumLength": 50_000},
    "FillSide": {"MinimumLength": 50_000},
    "Augmentation": {"Seed": 1},
    "Seed": {"Augmentation": {"Volume": [0.5, 1]}},
    "Epoch": {"Augmentation": {"Volume": [0.5, 1]}, "Seed": 1},
}


def audio():
    """Return a constant, noise and silence in two channels; their rate is not the default.

    The noise is 500 dB above the silence, so that DynamicRange has an effect. At the default rate
    these are 19162 samples and a fraction: with the Ceiling there is another partition.
    """
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 11025)
    samples = np.concatenate([np.full(4410, 0.1), noise, np.zeros(10973)])
    return Audio(1e10 * np.stack([samples, 0.5 * samples], axis=1), 22050)


@pytest.mark.filterwarnings("ignore:Audio. its samples reach")
@pytest.mark.parametrize(
    ("name", "parameter"), PARAMETERS, ids=lambda value: getattr(value, "name", value)
)
def test_parameter_has_an_effect(name, parameter):
    """At least one example of the parameter's type changes the array.

    A window shorter than the transform and few coefficients leave room for every parameter.
    """
    base = {"FFTLength": 1024, "NumberOfCoefficients": 2, "LogarithmFloor": 1e-37}
    base |= TOGETHER.get(parameter.name, {})
    known = {declared.name for declared in encoders()[name].parameters}
    encoder = NetEncoder(name, **{key: value for key, value in base.items() if key in known})
    expected = encoder(audio())
    for value in parameter.type.examples():
        try:
            actual = encoder.replace(**{parameter.name: value})(audio())
        except (ParameterError, AudioError):
            continue  # the example does not fit the other parameters, or refuses this audio
        if expected.shape != actual.shape or not np.array_equal(expected, actual):
            return
    pytest.fail(f"{parameter.name} changes no array: does a stage of {name} take it?")
