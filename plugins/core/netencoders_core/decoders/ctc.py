"""The decoder CTCBeamSearch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from netencoders import (
    All,
    ArraySpec,
    Axis,
    Choice,
    Decoder,
    Integer,
    Labels,
    Parameter,
    Property,
    Varying,
)
from netencoders_core.decoders.beams import search
from netencoders_core.decoders.probabilities import COUNT, shares

__all__ = ["CTCBeamSearch"]


class CTCBeamSearch(Decoder):
    """Sequences of labels for frames of probabilities of labels and of a blank.

    A path gives a label or the blank to each frame. Equal labels in a row count once, then blanks
    are left out. The probability of a sequence is the sum over all its paths that are kept: after
    each frame, the BeamSize most probable sequences.

    The rule is A163.

    Parameters
    ----------
    resolved : mapping
        The resolved value of each parameter.

    Examples
    --------
    >>> from netencoders import NetDecoder
    >>> decoder = NetDecoder("CTCBeamSearch", ["a", "b"])
    >>> decoder([[0.75, 0.0, 0.25], [0.25, 0.75, 0.0]])
    ['a', 'b']
    >>> decoder([[0.75, 0.0, 0.25], [0.25, 0.75, 0.0]], "Text")
    'ab'
    """

    name = "CTCBeamSearch"
    positional = ("Labels",)
    parameters = (
        Parameter(
            "Labels",
            Labels(integers=True),
            known_as=("vocab", "vocabulary", "tokens"),
            doc="the labels, without the blank",
        ),
        Parameter(
            "BeamSize",
            Integer(1, 100_000),
            default=100,
            known_as=("beam_width", "beam_size", "top_paths"),
            doc="the number of sequences that are kept after each frame",
        ),
        Parameter(
            "BlankPosition",
            Choice("Last", "First"),
            default="Last",
            known_as=("blank_id", "blank_index"),
            doc="the place of the blank among the probabilities: after the labels, or before them",
        ),
    )
    properties = (
        Property("Decoding", "the most probable sequence, a list of labels"),
        Property("Text", "the labels of the most probable sequence, joined"),
        Property("Decodings", "sequences by decreasing probability", (COUNT,)),
        Property("LogLikelihood", "the natural logarithm of the probability of the decoding"),
        Property(
            "LogLikelihoods",
            "pairs of a sequence and the logarithm of its probability, by decreasing probability",
            (COUNT,),
        ),
    )

    def input(self) -> ArraySpec:
        """Return the form of frames with a probability for each label, and for the blank."""
        size = len(self.resolved["Labels"]) + 1
        return ArraySpec((Varying, size), axes=(Axis("frame"), Axis("code")), minimum=0)

    def decode(self, array: npt.NDArray[Any], name: str, options: Mapping[str, Any]) -> Any:
        """Return a property of the most probable sequences.

        Raises
        ------
        DecodeError
            The elements of a frame are negative, or do not sum to 1.
        """
        labels = self.resolved["Labels"]
        blank = len(labels) if self.resolved["BlankPosition"] == "Last" else 0
        found = search(shares(array), blank, self.resolved["BeamSize"])
        count = options.get("Count", 1)
        best = [
            ([labels[place] for place in places], score)
            for places, score in (found if count is All else found[:count])
        ]
        if name == "Decoding":
            return best[0][0]
        if name == "Text":
            return "".join(map(str, best[0][0]))
        if name == "LogLikelihood":
            return best[0][1]
        return [sequence for sequence, _ in best] if name == "Decodings" else best
