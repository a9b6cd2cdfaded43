"""Modules of torch and estimators of scikit-learn as layers of nets; it depends on neither."""

from netencoders_adapters.estimator_net import EstimatorNet
from netencoders_adapters.torch_net import TorchNet

__all__ = ["EstimatorNet", "TorchNet"]
