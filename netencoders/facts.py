"""Facts: numbers that an encoder finds out about an input, besides its array.

An encoder states a fact with `state`, such as the sample rate of a file. A caller that wants the
facts of a call collects them. Without such a caller, stating one takes a fraction of a microsecond.

>>> from netencoders.facts import collected
>>> from netencoders import NetEncoder
>>> import numpy as np
>>> from netencoders_audio import Audio
>>> with collected() as facts:
...     array = NetEncoder("AudioSpectrogram")(Audio(np.ones(8000), 8000))
>>> facts
{'rate': 8000, 'duration': 1.0}
"""

from __future__ import annotations

from contextvars import ContextVar

__all__ = ["collected", "state"]

_facts: ContextVar[dict[str, float] | None] = ContextVar("netencoders_facts", default=None)


def state(name: str, value: float | None) -> None:
    """State a fact about the input that is being encoded.

    Parameters
    ----------
    name : str
        The name of the fact. ``"rate"`` is the sample rate of the input in Hz, and ``"duration"``
        its length in s.
    value : float or None
        None if it is unknown: the fact is then left out.
    """
    facts = _facts.get()
    if facts is not None and value is not None:
        facts[name] = value


class collected:  # noqa: N801 - used as a function; it runs once for each row of a corpus
    """Collect the facts that encoders state in the ``with`` block, in this thread.

    The block gets a dict with the facts by name. A later fact of the same name replaces an earlier
    one.
    """

    def __enter__(self) -> dict[str, float]:
        facts: dict[str, float] = {}
        self._token = _facts.set(facts)
        return facts

    def __exit__(self, *problem: object) -> None:
        _facts.reset(self._token)
