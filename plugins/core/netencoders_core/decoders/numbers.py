"""The decoders Boolean and Scalar, whose arrays have no dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from netencoders import ArraySpec, Decoder, Parameter, Property, Real
from netencoders_core.decoders.probabilities import SEED, binary_entropy, single, uniform

__all__ = ["Boolean", "Scalar"]


class Boolean(Decoder):
    """True or False for the probability of True, an array of shape ().

    The decision is True if the probability is above Threshold.

    The rule is A161.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetDecoder
    >>> decoder = NetDecoder("Boolean")
    >>> decoder(0.75), decoder([0.75, 0.5])
    (True, [True, False])
    >>> decoder(0.75, "Probabilities")
    {True: 0.75, False: 0.25}
    """

    name = "Boolean"
    parameters = (
        Parameter(
            "Threshold",
            Real(0, 1),
            default=0.5,
            doc="the decision is True for a larger probability",
        ),
    )
    properties = (
        Property("Decision", "True or False"),
        Property("Probability", "the probability of True"),
        Property("Probabilities", "the probabilities of True and of False"),
        Property("Entropy", "the entropy of both probabilities, in nats"),
        Property("RandomSample", "True with its probability, else False", (SEED,)),
    )

    def input(self) -> ArraySpec:
        """Return the form of a number."""
        return ArraySpec(())

    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        """Return a property of a probability."""
        probabilities = single(array)
        probability = float(probabilities)
        if name == "Decision":
            return probability > self.resolved["Threshold"]
        if name == "Probability":
            return probability
        if name == "Probabilities":
            return {True: probability, False: 1 - probability}
        if name == "Entropy":
            return binary_entropy(probability)
        return uniform(options["Seed"], probabilities) < probability

    def encoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the encoder Boolean."""
        return "Boolean", {}


class Scalar(Decoder):
    """The number of an array of shape ().

    Parameters
    ----------
    resolved : mapping
        Empty: there are no parameters.

    Examples
    --------
    >>> from netencoders import NetDecoder
    >>> NetDecoder("Scalar")([0.5, 3])
    [0.5, 3.0]
    """

    name = "Scalar"
    properties = (Property("Number", "the number, as a float"),)

    def input(self) -> ArraySpec:
        """Return the form of a number."""
        return ArraySpec(())

    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> float:
        """Return the number."""
        return float(array)

    def encoder(self) -> tuple[str, Mapping[str, Any]]:
        """Return the encoder Scalar."""
        return "Scalar", {}
