"""Sources: the kinds of manifests and folders that list the inputs of a corpus.

`open_source` recognizes the kind by its content, and returns a `Source`, whose items are read one
by one: a source may have millions of rows.
"""

from netencoders_corpus.sources.base import Problem, Source
from netencoders_corpus.sources.kinds import open_source

__all__ = ["Problem", "Source", "open_source"]
