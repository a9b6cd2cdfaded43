"""The readers of torch modules and estimators, without either library."""

import pytest

from netencoders import PortError
from netencoders.registry import net_readers
from netencoders_adapters import EstimatorNet, TorchNet
from netencoders_adapters.plugin import is_estimator, is_module


def of(module, name):
    """Return an object of a subclass of a class of this name."""
    return type("Own", (type(name, (), {"__module__": module}),), {})()


def test_readers_are_registered():
    """Both readers take objects, and no files."""
    found = net_readers()
    for name in ("TorchNet", "EstimatorNet"):
        _, reader = found[name]
        assert ((), None) == (reader.suffixes, reader.restore)


def test_objects_are_recognized_by_the_names_of_their_classes():
    """An object of a subclass is recognized; a class, or one of another module, is not."""
    assert is_module(of("torch.nn.modules.module", "Module"))
    assert is_estimator(of("sklearn.base", "BaseEstimator"))
    for other in (of("mine", "Module"), of("torch.nn.modules.module", "Other"), object(), int):
        assert not is_module(other)
        assert not is_estimator(other)
    assert not is_module(type(of("torch.nn.modules.module", "Module")))


def test_package_has_no_other_names():
    """A name that the package does not have is an AttributeError, as for any module."""
    import netencoders_adapters

    with pytest.raises(AttributeError, match="'netencoders_adapters' has no attribute 'Other'"):
        netencoders_adapters.Other  # noqa: B018 - the access raises


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (TorchNet, r"TorchNet takes a torch module\. Got 3\."),
        (EstimatorNet, r"EstimatorNet takes an estimator of scikit-learn\. Got 3\."),
    ],
)
def test_other_objects_are_refused(net, message):
    """Each class takes the objects of its library alone."""
    with pytest.raises(PortError, match=message):
        net(3)
