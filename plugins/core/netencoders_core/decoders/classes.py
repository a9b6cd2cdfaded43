"""The decoder Class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from netencoders import All, ArraySpec, Axis, Boolean, Decoder, Labels, Parameter, Property, Real
from netencoders_core.decoders.probabilities import (
    COUNT,
    SEED,
    binary_entropy,
    drawn,
    entropy,
    shares,
    single,
    uniform,
)

__all__ = ["Class"]


class Class(Decoder):
    """A label for an array with the probability of each label.

    The decision is the most probable label, and the first of several. With Multilabel, the
    probabilities are independent, and the decision is a list of the labels above Threshold.

    The rule is A161.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetDecoder
    >>> decoder = NetDecoder("Class", ["cat", "dog", "owl"])
    >>> decoder([0.25, 0.5, 0.25]), decoder([0.25, 0.5, 0.25], ("TopProbabilities", 2))
    ('dog', [('dog', 0.5), ('cat', 0.25)])
    >>> NetDecoder("Class", ["cat", "dog", "owl"], Multilabel=True)([0.75, 0.25, 1.0])
    ['cat', 'owl']
    """

    name = "Class"
    positional = ("Labels",)
    parameters = (
        Parameter(
            "Labels",
            Labels(integers=True),
            known_as=("classes", "class_names", "id2label"),
            doc="the label of each element",
        ),
        Parameter(
            "Multilabel",
            Boolean(),
            default=False,
            neutral=False,
            doc="whether the probabilities are independent, and the value is a list of labels",
        ),
        Parameter(
            "Threshold",
            Real(0, 1),
            default=0.5,
            neutral=0.5,
            doc="with Multilabel, the labels with a larger probability are decided",
        ),
    )
    properties = (
        Property("Decision", "the most probable label; with Multilabel, a list of labels"),
        Property("TopDecisions", "the labels by decreasing probability", (COUNT,)),
        Property(
            "TopProbabilities",
            "pairs of a label and its probability, by decreasing probability",
            (COUNT,),
        ),
        Property("Probabilities", "the probability of each label, by label"),
        Property("Entropy", "the entropy of the probabilities, in nats"),
        Property("RandomSample", "a label that is drawn with its probability", (SEED,)),
    )

    @classmethod
    def constraints(cls, resolved: Mapping[str, Any]) -> list[str]:
        """Return the threshold that has no effect."""
        if not resolved["Multilabel"] and resolved["Threshold"] != 0.5:
            return ["'Threshold' has an effect with Multilabel=True only: leave it out."]
        return []

    def input(self) -> ArraySpec:
        """Return the form of a vector with a probability for each label."""
        return ArraySpec((len(self.resolved["Labels"]),), axes=(Axis("code"),))

    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        """Return a property of the probabilities.

        Raises
        ------
        DecodeError
            They are negative, or do not sum to 1; with Multilabel, one is above 1.
        """
        labels, many = self.resolved["Labels"], self.resolved["Multilabel"]
        exact = single(array) if many else shares(array)
        if name == "Decision" and many:
            return [labels[place] for place in np.flatnonzero(exact > self.resolved["Threshold"])]
        if name == "Decision":
            return labels[int(array.argmax())]
        if name == "Probabilities":
            return dict(zip(labels, map(float, array), strict=True))
        if name == "Entropy":
            values = exact.tolist()
            return sum(map(binary_entropy, values)) if many else entropy(values)
        if name == "RandomSample":
            return self._sample(options["Seed"], exact)
        order = np.argsort(-array, kind="stable")  # of equal ones, the first label comes first
        order = order if options["Count"] is All else order[: options["Count"]]
        if name == "TopDecisions":
            return [labels[place] for place in order]
        return [(labels[place], float(array[place])) for place in order]

    def _sample(self, seed: int, exact: npt.NDArray[np.float64]) -> Any:
        labels = self.resolved["Labels"]
        if not self.resolved["Multilabel"]:
            return labels[drawn(seed, exact)]
        return [
            label
            for place, label in enumerate(labels)
            if uniform(seed, exact[place : place + 1], place) < exact[place]
        ]

    def encoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the encoder Class, which gives an indicator vector."""
        names = ("Labels", "Multilabel")
        given = {name: self.resolved[name] for name in names}
        return "Class", {**given, "Form": "IndicatorVector"}
