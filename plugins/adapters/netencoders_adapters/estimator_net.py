"""EstimatorNet: an estimator of scikit-learn as a layer of a net."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from netencoders import ArraySpec, NetModel, Port, PortError, SavedModel, Varying
from netencoders.parameters import short
from netencoders_adapters.plugin import is_estimator

__all__ = ["EstimatorNet"]

Array = npt.NDArray[Any]
METHODS: Final = ("predict_proba", "predict", "transform")


class EstimatorNet(NetModel):
    """A fitted estimator of scikit-learn: classifiers, regressors, transformers and pipelines.

    An estimator in a list of layers is short for ``EstimatorNet(estimator)``. A value of the net is
    one sample, a vector of features, and a batch is one call of the estimator.

    Parameters
    ----------
    estimator : object
        A fitted estimator, of scikit-learn or of a library that extends its `BaseEstimator`.
    method : {"predict_proba", "predict", "transform"}, optional
        The method that is called; by default the first of these that the estimator has.
    rows : bool
        Whether a value of the net is a matrix, each row of which is a sample: the frames of a
        spectrogram. The net may then stream.

    Raises
    ------
    PortError
        The estimator is not fitted, or lacks the method.

    Notes
    -----
    The features are given as float64, the type in which scikit-learn computes by default, so that
    each float32 number keeps its value. Probabilities are float64, in the order of `classes_`,
    which `summary` shows.

    Examples
    --------
    The class needs scikit-learn, so these lines are not run here::

        from netencoders import NetChain

        classifier = LogisticRegression().fit(features, labels)
        NetChain(["Mean", {"Reshape": {"Shape": [40]}}, classifier], Input="AudioMelSpectrogram")
    """

    kind = "EstimatorNet"

    def __init__(
        self,
        estimator: Any,
        method: Literal["predict_proba", "predict", "transform"] | None = None,
        *,
        rows: bool = False,
    ) -> None:
        if not is_estimator(estimator):
            raise PortError(
                f"EstimatorNet takes an estimator of scikit-learn. Got {short(estimator)}."
            )
        self._estimator, self._given, self._rows = estimator, method, rows
        self._name = type(estimator).__name__
        count = self._features()
        self._method = self._chosen(method)
        self._classes = getattr(estimator, "classes_", None)
        lead = (Varying,) if rows else ()
        axis = None if rows else 0
        form = None if count is None else ArraySpec((*lead, count), "float64")
        self.inputs = MappingProxyType({"Input": Port(form, axis)})
        output = None
        if self._method == "predict_proba" and isinstance(self._classes, np.ndarray):
            output = ArraySpec((*lead, len(self._classes)), "float64")
        self.outputs = MappingProxyType({"Output": Port(output, axis)})
        self.reach = "row" if rows else "whole"
        self.summary = f"{self._name}.{self._method}"
        if isinstance(self._classes, np.ndarray):
            self.summary += f", classes {short(self._classes.tolist())}"

    def run(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Return the arrays of the outputs, as `NetModel.run` does.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            The samples, one a row.

        Returns
        -------
        dict of str to ndarray

        Raises
        ------
        PortError
            The result is no array.
        Exception
            Any exception of the estimator.
        """
        result = getattr(self._estimator, self._method)(arrays["Input"])
        if isinstance(result, list):
            raise PortError(
                f"{self._name}.{self._method} gives {len(result)} arrays, one for each target: fit "
                "an estimator for one target, or use method='predict'."
            )
        if hasattr(result, "tocsr"):
            raise PortError(
                f"{self._name}.{self._method} gives a sparse matrix: set sparse_output=False, or "
                "add a step to the pipeline that makes it dense."
            )
        array = np.asarray(result)
        is_probability = self._method == "predict_proba" and array.dtype.kind == "f"
        return {"Output": array.astype(np.float64) if is_probability else array}

    def saved(self) -> SavedModel:
        """Refuse to save: an estimator is code.

        Returns
        -------
        SavedModel

        Raises
        ------
        PortError
            Always.
        """
        raise PortError(
            f"the estimator {self._name} cannot be saved, since it is code: skl2onnx makes a .onnx "
            "file of it, which can be saved."
        )

    def _features(self) -> int | None:
        """Return the number of features; None if the fitted estimator does not tell."""
        from sklearn.exceptions import NotFittedError
        from sklearn.utils.validation import check_is_fitted

        try:
            check_is_fitted(self._estimator)
        except NotFittedError:
            raise PortError(
                f"the estimator {self._name} is not fitted: call its fit method first."
            ) from None
        count = getattr(self._estimator, "n_features_in_", None)
        return None if count is None else int(count)

    def _chosen(self, method: str | None) -> str:
        """Return the method that is called."""
        if method is not None and method not in METHODS:
            raise PortError(f"method must be one of {', '.join(METHODS)}. Got {short(method)}.")
        has = [name for name in METHODS if hasattr(self._estimator, name)]
        if not has or (method is not None and method not in has):
            listed = f" It has: {', '.join(has)}." if has else ""
            wanted = method or "predict_proba, predict or transform"
            raise PortError(f"the estimator {self._name} has no method {wanted}.{listed}")
        return method or has[0]

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(EstimatorNet, self._estimator, self._given, rows=self._rows), ()

    def __repr__(self) -> str:
        given = [short(self._estimator)]
        given += [f"method={self._given!r}"] if self._given else []
        given += ["rows=True"] if self._rows else []
        return f"EstimatorNet({', '.join(given)})"
