"""Databases: SQLite, which is refused in a process that was forked while another thread used it.

SQLite has locks that all threads of a process share. If one thread forks while another one holds
such a lock, it stays held in the new process, and the first call of SQLite there waits for ever.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any, Final

from netencoders_corpus.errors import CorpusError

__all__ = ["Database"]

_open: Final[dict[int, int]] = {}
"""The thread of each open database; changes of a dict are whole steps for other threads."""

_is_stuck = False


class Database(sqlite3.Connection):
    """A connection to a database: the ``factory`` of `sqlite3.connect`.

    Raises
    ------
    CorpusError
        This process was forked while another thread had an open database.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        if _is_stuck:
            raise CorpusError(
                "this process was forked while another thread of its parent worked on a corpus, "
                "and the locks of that thread stay closed here. Start processes by 'spawn' or "
                "'forkserver' (multiprocessing.get_context), or before the thread."
            )
        _open[id(self)] = threading.get_ident()
        try:
            super().__init__(*arguments, **options)
        except BaseException:
            _open.pop(id(self), None)
            raise

    def close(self) -> None:
        """Close the connection."""
        try:
            super().close()
        finally:
            _open.pop(id(self), None)


def _forked() -> None:
    global _is_stuck
    _is_stuck = _is_stuck or bool({*_open.values()} - {threading.get_ident()})
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
