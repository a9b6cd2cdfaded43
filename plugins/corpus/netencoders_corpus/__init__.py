"""netencoders_corpus: manifests and folders encoded into shards, exactly once, and resumed.

`arrow` makes a function from table to table for any engine. `encode` writes a corpus, and `Corpus`
reads it.
"""

from netencoders_corpus.arrow import ArrowEncoder, arrow
from netencoders_corpus.checking import check
from netencoders_corpus.corpus import Corpus, CorpusRow
from netencoders_corpus.encoding import encode
from netencoders_corpus.errors import CorpusError, DamagedShardError, SourceError
from netencoders_corpus.items import Item
from netencoders_corpus.locks import Part
from netencoders_corpus.report import CorpusReport
from netencoders_corpus.sources import Problem, Source, open_source
from netencoders_corpus.statistics import Statistics, statistics
from netencoders_corpus.verification import Compared, verify

__all__ = [
    "ArrowEncoder",
    "Compared",
    "Corpus",
    "CorpusError",
    "CorpusReport",
    "CorpusRow",
    "DamagedShardError",
    "Item",
    "Part",
    "Problem",
    "Source",
    "SourceError",
    "Statistics",
    "arrow",
    "check",
    "encode",
    "open_source",
    "statistics",
    "verify",
]
