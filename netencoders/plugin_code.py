"""Run the code of a plugin, and record its failures."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

from netencoders.errors import PluginError, PluginWarning, printable
from netencoders.records import PluginRecord

__all__ = ["UnfinishedError", "attempt", "report"]


class UnfinishedError(Exception):
    """The import of the plugin started the discovery, and is not finished."""


def attempt(record: PluginRecord, problem: str, action: Callable[[], Any]) -> Any:
    """Run code of a plugin; report an exception under the plugin's name, and return None."""
    try:
        return action()
    except UnfinishedError:
        raise
    except (Exception, SystemExit) as raised:  # code of a plugin may raise anything
        text = " ".join(f"{type(raised).__name__}: {raised}".split())
        message = printable(f"{problem}: {text}")
        error = PluginError(message, plugin=f"plugin {record.provider}")
        error.__cause__ = raised
        report(record, error)
        return None


def report(record: PluginRecord, error: PluginError) -> None:
    """Record a failure and warn of it; raise it if ``NETENCODERS_STRICT_PLUGINS`` is ``1``."""
    record.failures.append(error.message)
    if os.environ.get("NETENCODERS_STRICT_PLUGINS") == "1":
        raise error
    # No line of the user's code causes this warning: an installed plugin does.
    warnings.warn(f"{str(error).rstrip('.')}. Everything else works.", PluginWarning, stacklevel=2)
