"""The public names of the audio plugin, which the author of a third-party encoder needs."""

import inspect

import pytest

import netencoders_audio
from netencoders import Encoder, encoders

CALLABLES = [
    name
    for name in netencoders_audio.__all__
    if inspect.isroutine(value := getattr(netencoders_audio, name))
    or (inspect.isclass(value) and not issubclass(value, Exception))
]


@pytest.mark.parametrize("name", netencoders_audio.__all__)
def test_public_names_exist(name):
    """All public names exist; classes and functions have a docstring."""
    value = getattr(netencoders_audio, name)
    assert not callable(value) or inspect.getdoc(value)


@pytest.mark.parametrize("name", CALLABLES)
def test_public_names_document_their_parameters(name):
    """A public function or class describes each of its parameters, and has an example."""
    value = getattr(netencoders_audio, name)
    documented = inspect.getdoc(value)
    sections = ["Parameters", "Examples"] if inspect.signature(value).parameters else ["Examples"]
    assert [] == [section for section in sections if f"{section}\n-" not in documented]
    assert [] == [name for name in inspect.signature(value).parameters if name not in documented]


def test_the_shipped_encoders_are_public():
    """Each encoder class of the plugin can be extended by a third-party plugin."""
    shipped = {
        name
        for name, record in encoders().items()
        if record.encoder.__module__.startswith("netencoders_audio") and not record.derived_from
    }
    classes = [getattr(netencoders_audio, name) for name in netencoders_audio.__all__]
    public = {
        value.name
        for value in classes
        if inspect.isclass(value) and issubclass(value, Encoder) and hasattr(value, "name")
    }
    assert shipped == public
