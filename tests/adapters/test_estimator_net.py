"""EstimatorNet: methods, forms, results and batches."""

import pickle

import numpy as np
import pytest

from netencoders import ArraySpec, NetChain, Port, PortError, Varying
from netencoders_adapters import EstimatorNet

pytestmark = pytest.mark.models

SAMPLES = np.random.default_rng(0).standard_normal((40, 3))
LABELS = (SAMPLES[:, 0] > 0).astype(int)


def classifier(labels=LABELS):
    """Return a fitted classifier of two classes."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression().fit(SAMPLES, labels)


def regressor():
    """Return a fitted regressor."""
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit(SAMPLES, SAMPLES.sum(1))


def scaler():
    """Return a fitted transformer."""
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit(SAMPLES)


def test_classifier_is_a_layer():
    """A classifier gives its probabilities, of a declared form."""
    net = NetChain([classifier()])
    value = SAMPLES[0].astype(np.float32)
    assert np.allclose(classifier().predict_proba(value[None])[0], net(value), atol=1e-6)
    layer = net["EstimatorNet"]
    assert {"Input": Port(ArraySpec((3,), "float64"), 0)} == layer.inputs
    assert {"Output": Port(ArraySpec((2,), "float64"), 0)} == layer.outputs
    assert "LogisticRegression.predict_proba, classes [0, 1]" == layer.summary


def test_default_method_is_the_first_that_there_is():
    """Probabilities, else predictions, else a transformation."""
    assert "LinearRegression.predict" == EstimatorNet(regressor()).summary
    assert "StandardScaler.transform" == EstimatorNet(scaler()).summary
    assert np.isclose(3, NetChain([regressor()])(np.ones(3)))
    assert np.allclose(scaler().transform(SAMPLES)[1], NetChain([scaler()])(SAMPLES[1]))


def test_labels_may_be_texts():
    """A prediction may be a text; the classes are in the summary."""
    net = NetChain([EstimatorNet(classifier(np.where(LABELS, "yes", "no")), "predict")])
    assert ["yes" if label else "no" for label in LABELS[:5]] == [
        str(label) for label in net([*SAMPLES[:5]])
    ]
    assert "classes ['no', 'yes']" in net["EstimatorNet"].summary


def test_batch_is_one_call(monkeypatch):
    """A batch calls the estimator once, and gives the results of a loop."""
    own = classifier()
    calls = []
    predict = own.predict_proba
    own.predict_proba = lambda samples: calls.append(samples.shape) or predict(samples)
    net = NetChain([own])
    values = [*SAMPLES[:7]]
    results = list(net.map(values, batch_size=7))
    assert [(7, 3)] == calls
    for value, result in zip(values, results, strict=True):
        assert np.allclose(net(value), result, atol=1e-12)


def test_wrong_number_of_features_is_refused_when_the_net_is_made():
    """The number of features is known before any call."""
    with pytest.raises(PortError, match=r"dimensions \(1, 40\) do not fit \(3,\)"):
        NetChain(["Mean", classifier()], Input="AudioMelSpectrogram")


def test_rows_are_samples():
    """With rows=True each row of a value is a sample, and the net may stream."""
    layer = EstimatorNet(classifier(), rows=True)
    assert {"Input": Port(ArraySpec((Varying, 3), "float64"))} == layer.inputs
    assert {"Output": Port(ArraySpec((Varying, 2), "float64"))} == layer.outputs
    net = NetChain([layer])
    assert net.is_row_wise
    assert np.allclose(classifier().predict_proba(SAMPLES), net(SAMPLES))


@pytest.mark.parametrize("method", ["predict_proba", "predict", "transform"])
def test_estimator_that_is_not_fitted_is_refused(method):
    """An estimator without a fit is refused when the net is made."""
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(PortError, match="LogisticRegression is not fitted: call its fit method"):
        EstimatorNet(LogisticRegression(), method)


def test_pipelines_and_estimators_without_features_work():
    """A pipeline is an estimator; one that does not tell its features takes any form."""
    from sklearn.base import BaseEstimator
    from sklearn.pipeline import make_pipeline

    net = NetChain([make_pipeline(scaler(), classifier())])
    assert 3 == net["EstimatorNet"].inputs["Input"].form.dims[0]

    class Sums(BaseEstimator):
        def fit(self, samples):
            return self

        def __sklearn_is_fitted__(self):
            return True

        def transform(self, samples):
            return samples.sum(1)

    layer = EstimatorNet(Sums())
    assert {"Input": Port(None, 0)} == layer.inputs
    assert 6 == NetChain([layer])(np.full(4, 1.5))


def test_probabilities_are_float64():
    """Probabilities of an estimator that computes in float32 have the declared type."""
    from sklearn.base import BaseEstimator

    class Even(BaseEstimator):
        classes_ = np.array([0, 1])

        def fit(self, samples):
            return self

        def __sklearn_is_fitted__(self):
            return True

        def predict_proba(self, samples):
            return np.full((len(samples), 2), 0.5, np.float32)

    assert "float64" == NetChain([Even()])(SAMPLES[0]).dtype


def test_method_must_exist():
    """A method that the estimator lacks is refused with those that it has."""
    with pytest.raises(PortError, match=r"no method predict_proba\. It has: predict\."):
        EstimatorNet(regressor(), "predict_proba")
    with pytest.raises(PortError, match=r"must be one of predict_proba, .* Got 'score'"):
        EstimatorNet(regressor(), "score")
    from sklearn.cluster import DBSCAN

    with pytest.raises(PortError, match="no method predict_proba, predict or transform"):
        EstimatorNet(DBSCAN().fit(SAMPLES))


def test_results_that_are_no_array_are_refused():
    """Several targets and sparse matrices are refused, with the remedies."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.preprocessing import OneHotEncoder

    forest = RandomForestClassifier(2).fit(SAMPLES, np.stack([LABELS, LABELS], 1))
    with pytest.raises(PortError, match="gives 2 arrays, one for each target"):
        NetChain([forest])(SAMPLES[0])
    encoder = OneHotEncoder(handle_unknown="ignore").fit(SAMPLES)
    with pytest.raises(PortError, match="gives a sparse matrix: set sparse_output=False"):
        NetChain([encoder])(SAMPLES[0])


def test_estimator_may_be_pickled_but_not_saved():
    """A net with an estimator is picklable; to save it, it must become a .onnx file."""
    net = NetChain([EstimatorNet(classifier(), "predict", rows=True)])
    again = pickle.loads(pickle.dumps(net))
    assert np.array_equal(net(SAMPLES), again(SAMPLES))
    assert "EstimatorNet(LogisticRegression(), method='predict', rows=True)" == repr(
        again["EstimatorNet"]
    )
    with pytest.raises(PortError, match=r"LogisticRegression cannot be saved.*skl2onnx"):
        net["EstimatorNet"].saved()
