"""The errors of corpora: their messages stay the same in another process."""

import pickle

import pytest

from netencoders_corpus import CorpusError, SourceError


@pytest.mark.parametrize(
    "error", [CorpusError("a: b"), SourceError("a.csv", [("line 2", "x"), ("line 3", "y")], more=7)]
)
def test_errors_can_be_pickled(error):
    """A pickle keeps the class and the whole message, also the number of problems left out."""
    copy = pickle.loads(pickle.dumps(error))
    assert (type(error), str(error)) == (type(copy), str(copy))
    assert isinstance(error, CorpusError) or "7 more problems." in str(copy)
