"""Beam search over the paths of CTC: the most probable sequences of labels.

A path has a label or the blank for each frame. Its sequence is that of its labels, where equal ones
in a row count once, and blanks not at all. The probability of a sequence is the sum of those of its
paths. The search keeps the most probable sequences after each frame, each with two sums: of the
paths that end with the blank, and of those that end with its last label.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["search"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def search(probabilities: Floats, blank: int, size: int) -> list[tuple[tuple[int, ...], float]]:
    """Return the most probable sequences, each with the logarithm of its probability.

    Parameters
    ----------
    probabilities : ndarray of shape (frames, labels + 1)
        Each row sums to 1.
    blank : int
        The column of the blank.
    size : int
        The number of sequences that are kept after each frame.

    Returns
    -------
    list of (tuple of int, float)
        Columns without the blank, so the places of labels, and natural logarithms; the most
        probable first. Of equal ones, the one that was found first comes first.

    Examples
    --------
    >>> search(np.array([[0.5, 0.5], [0.5, 0.5]]), blank=1, size=2)
    [((0,), -0.28...), ((), -1.38...)]
    """
    with np.errstate(divide="ignore"):
        logs = np.log(probabilities)
    blanks = logs[:, blank]
    labels = np.delete(logs, blank, axis=1)
    tree = _Tree()
    beam = _Beam(np.array([0]), np.array([-1]), np.array([0.0]), np.array([-np.inf]))
    for frame, at_blank in zip(labels, blanks, strict=True):
        beam = _advanced(beam, tree, frame, at_blank, size)
    totals = beam.totals()
    order = np.argsort(-totals, kind="stable")
    return [(tree.sequence(int(beam.nodes[place])), float(totals[place])) for place in order]


@dataclass
class _Tree:
    """The sequences that were kept: each node is its parent, and a label after it."""

    parents: list[int] = field(default_factory=lambda: [-1])
    labels: list[int] = field(default_factory=lambda: [-1])
    children: dict[tuple[int, int], int] = field(default_factory=dict)

    def child(self, node: int, label: int) -> int:
        """Return the node of a sequence with one more label."""
        found = self.children.setdefault((node, label), len(self.parents))
        if found == len(self.parents):
            self.parents.append(node)
            self.labels.append(label)
        return found

    def sequence(self, node: int) -> tuple[int, ...]:
        """Return the labels of a node."""
        found = []
        while node:
            found.append(self.labels[node])
            node = self.parents[node]
        return tuple(reversed(found))


@dataclass
class _Beam:
    """Nodes with their last labels, and the two sums of each."""

    nodes: Ints
    last: Ints
    with_blank: Floats
    with_label: Floats

    def totals(self) -> Floats:
        """Return the logarithms of the probabilities."""
        return np.logaddexp(self.with_blank, self.with_label)


def _advanced(beam: _Beam, tree: _Tree, frame: Floats, at_blank: Any, size: int) -> _Beam:
    """Return the beam after one more frame."""
    totals = beam.totals()
    is_empty = beam.last < 0
    with_blank = totals + at_blank
    repeated = np.where(is_empty, -np.inf, frame[beam.last])
    with_label = beam.with_label + repeated
    longer = totals[:, None] + frame
    some = np.flatnonzero(~is_empty)
    # A label after itself is another one only if a blank is between them.
    longer[some, beam.last[some]] = beam.with_blank[some] + frame[beam.last[some]]
    places = {int(node): place for place, node in enumerate(beam.nodes)}
    for place, node in enumerate(beam.nodes.tolist()):
        parent = places.get(tree.parents[node], -1)
        if parent >= 0:  # the longer sequence is in the beam: the sums of its paths join
            label = tree.labels[node]
            with_label[place] = np.logaddexp(with_label[place], longer[parent, label])
            longer[parent, label] = -np.inf
    kept = _largest(np.concatenate([np.logaddexp(with_blank, with_label), longer.ravel()]), size)
    stay, grown = kept[kept < len(totals)], kept[kept >= len(totals)] - len(totals)
    parents, added = np.divmod(grown, len(frame)) if len(frame) else (grown, grown)
    nodes = [
        tree.child(node, label)
        for node, label in zip(beam.nodes[parents].tolist(), added.tolist(), strict=True)
    ]
    return _Beam(
        np.concatenate([beam.nodes[stay], np.array(nodes, np.int64)]),
        np.concatenate([beam.last[stay], added]),
        np.concatenate([with_blank[stay], np.full(len(grown), -np.inf)]),
        np.concatenate([with_label[stay], longer.ravel()[grown]]),
    )


def _largest(scores: Floats, size: int) -> Ints:
    """Return the places of the largest scores above -inf, in order; of equal ones the first."""
    if len(scores) > size:
        limit = np.partition(scores, len(scores) - size)[len(scores) - size]
        above, equal = np.flatnonzero(scores > limit), np.flatnonzero(scores == limit)
        places = np.concatenate([above, equal[: size - len(above)]])
        places.sort()
    else:
        places = np.arange(len(scores))
    result: Ints = places[scores[places] > -np.inf]
    return result
