"""The entry point: registers the readers of torch modules and of estimators with netencoders.

It imports neither torch nor scikit-learn: an object is recognized by the names of its classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netencoders import NetReader, hookimpl

if TYPE_CHECKING:
    from netencoders_adapters import EstimatorNet, TorchNet

__all__ = ["is_estimator", "is_module", "register_net_readers"]


def is_module(value: object) -> bool:
    """Return whether an object is a torch module."""
    return _is_a(value, "torch.nn.modules.module", "Module")


def is_estimator(value: object) -> bool:
    """Return whether an object is an estimator of scikit-learn, or of a library that extends it."""
    return _is_a(value, "sklearn.base", "BaseEstimator")


def _is_a(value: object, module: str, name: str) -> bool:
    """Return whether one of the classes of an object has this name in this module."""
    kinds = type(value).__mro__
    return any((kind.__module__, kind.__name__) == (module, name) for kind in kinds)


def read_module(value: Any) -> TorchNet:
    """Return the layer for a torch module."""
    from netencoders_adapters.torch_net import TorchNet

    return TorchNet(value)


def read_estimator(value: Any) -> EstimatorNet:
    """Return the layer for an estimator."""
    from netencoders_adapters.estimator_net import EstimatorNet

    return EstimatorNet(value)


@hookimpl
def register_net_readers(register: Callable[[NetReader], None]) -> None:
    """Register the readers."""
    register(
        NetReader("TorchNet", "modules of torch in evaluation mode", read_module, (), is_module)
    )
    register(
        NetReader(
            "EstimatorNet", "fitted estimators of scikit-learn", read_estimator, (), is_estimator
        )
    )
