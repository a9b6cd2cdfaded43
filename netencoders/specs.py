"""Strict YAML specs. (INTERFACE STUB, being written)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

SCHEMA = 1


@dataclass(frozen=True)
class Declaration:
    name: str  # "" if unnamed
    encoder: str
    parameters: Mapping[str, Any] = field(default_factory=dict)  # Python terms: sentinels, tuples
    summary: str = ""
    source: str | None = None


def read(source: str | PathLike[str]) -> tuple[bytes | str, str | None]: ...


def declarations(text: bytes | str, *, source: str | None = None) -> list[Declaration]: ...


def declaration(mapping: dict[str, Any]) -> Declaration: ...


def dump(mapping: Mapping[str, Any]) -> str: ...
