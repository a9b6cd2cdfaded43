"""netencoders_corpus: manifests and folders encoded into shards, exactly once, and resumed.

`arrow` makes a function from table to table for any engine. `encode` writes a corpus, and `Corpus`
reads it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Not late: the function replaces the module of its name.
from netencoders_corpus.arrow import ArrowEncoder, arrow

if TYPE_CHECKING:
    from netencoders_corpus.checking import check
    from netencoders_corpus.corpus import Corpus, CorpusRow
    from netencoders_corpus.encoding import encode
    from netencoders_corpus.errors import CorpusError, DamagedShardError, SourceError
    from netencoders_corpus.feature_statistics import Statistics, statistics
    from netencoders_corpus.items import Item
    from netencoders_corpus.locks import Part
    from netencoders_corpus.report import CorpusReport
    from netencoders_corpus.sources import Problem, Source, open_source
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

_MODULES = {
    "checking": ("check",),
    "corpus": ("Corpus", "CorpusRow"),
    "encoding": ("encode",),
    "errors": ("CorpusError", "DamagedShardError", "SourceError"),
    "feature_statistics": ("Statistics", "statistics"),
    "items": ("Item",),
    "locks": ("Part",),
    "report": ("CorpusReport",),
    "sources": ("Problem", "Source", "open_source"),
    "verification": ("Compared", "verify"),
}
_NAMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    # Each process that makes an encoder imports this package with the plugin; few need more.
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
