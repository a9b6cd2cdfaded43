"""Modules of torch and estimators of scikit-learn as layers of nets; it depends on neither."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netencoders_adapters.estimator_net import EstimatorNet
    from netencoders_adapters.torch_net import TorchNet

__all__ = ["EstimatorNet", "TorchNet"]


def __getattr__(name: str) -> Any:
    # Each process that makes an encoder imports this package with the plugin; few need the classes.
    if name == "EstimatorNet":
        from netencoders_adapters.estimator_net import EstimatorNet

        return EstimatorNet
    if name == "TorchNet":
        from netencoders_adapters.torch_net import TorchNet

        return TorchNet
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
