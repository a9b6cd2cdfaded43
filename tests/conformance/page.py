"""The tables of docs/conventions.md, and PROVENANCE.md, from the rows and the golden arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cannot import CANNOT, Cannot, replaced
from golden import error, load, ours
from libraries import DOCUMENTED
from rows import ROWS, Declaration, Row

__all__ = ["PAGE", "PROVENANCE", "measured", "provenance", "stated", "update"]

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "conventions.md"
PROVENANCE = HERE / "PROVENANCE.md"
LIBRARIES = tuple(dict.fromkeys(row.library for row in (*ROWS, *CANNOT)))

Errors = Mapping[str, tuple[str, ...]]
"""The errors of each row, as texts, by its name."""

INTRODUCTION = """\
# Golden arrays

The golden arrays are the results of the calls below, in float32 or complex64. The folder
`golden/` has a file for each library. `python tests/conformance/make_golden.py` makes these files
and writes this page. The recording x is `golden.recording()`, from
[tests/data](../data/PROVENANCE.md) and random numbers of numpy. The arrays of tensorflow come from
formulas in its documentation (see `libraries.py`); tensorflow was not run.

The presets of models have golden arrays of their own, `models/golden.npz`, made by
`python tests/conformance/make_models.py`. It has some values of each array, their call, their
versions and date, as [docs/models.md](../../docs/models.md#the-comparisons) lists them.
"""

# A column of errors: a number such as 1.4e-07.
ERROR = re.compile(r"\| (\d\.\de[+-]\d\d) (?=\|)")


def measured() -> dict[str, tuple[str, ...]]:
    """Return the errors of all rows relative to their golden arrays, in the format of the page."""
    errors = {row.name: (ours(row.same),) for row in ROWS}
    errors |= {row.name: (ours(row.same), replaced(row)) for row in CANNOT}
    return {
        row.name: tuple(
            f"{error(array, load(row.library)[row.name]):.1e}" for array in errors[row.name]
        )
        for row in (*ROWS, *CANNOT)
    }


def stated(text: str) -> dict[str, tuple[str, ...]]:
    """Return the errors that a page states, by row; empty texts for missing rows."""
    found = iter(ERROR.findall(text))
    rows = {row.name: 2 if isinstance(row, Cannot) else 1 for row in (*ROWS, *CANNOT)}
    return {name: tuple(next(found, "") for _ in range(count)) for name, count in rows.items()}


def update(text: str, errors: Errors) -> str:
    """Return a page with new tables and a new list of versions."""
    parts = {
        "rows": _table(
            ("library and transform", "call", "declaration", "largest error", "allowed"),
            (_row(row, errors[row.name]) for row in ROWS),
        ),
        "cannot": _table(
            ("library and transform", "call", "why not", "nearest", "error", "instead", "error"),
            (_cannot(row, errors[row.name]) for row in CANNOT),
        ),
        "versions": "\n".join(
            f"- {_name(library)}: {load(library)['made with']}, {load(library)['made on']}"
            for library in LIBRARIES
        ),
    }
    for part, content in parts.items():
        begin, end = f"<!-- {part}: make_golden.py writes this -->", f"<!-- end of {part} -->"
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = f"{before}{begin}\n{content}\n{end}{after}"
    return text


def provenance() -> str:
    """Return PROVENANCE.md: the library, the call and the date of each golden array."""
    lines = [INTRODUCTION]
    for library in LIBRARIES:
        kept = load(library)
        lines += [f"## {library}", "", f"With {kept['made with']}, on {kept['made on']}.", ""]
        rows = [row for row in (*ROWS, *CANNOT) if row.library == library]
        cells = (
            (f"`{row.name}`", f"{kept[row.name].shape}", _code(_call(kept, row))) for row in rows
        )
        lines += [_table(("array", "shape", "call"), cells), ""]
    return "\n".join(lines)


def _call(kept: Mapping[str, Any], row: Row) -> str:
    return str(kept[f"{row.name} call"])


def _row(row: Row, errors: tuple[str, ...]) -> tuple[str, ...]:
    return (_title(row), _code(row.call), _declaration(row.same), *errors, f"{row.units} eps")


def _cannot(row: Cannot, errors: tuple[str, ...]) -> tuple[str, ...]:
    steps = [f"x ← {_code(row.before)}"] if row.before else []
    steps += [f"y ← {_declaration(row.with_)}"]
    steps += [_code(row.after)] if row.after else []
    nearest, instead = errors
    return (
        _title(row),
        _code(row.call),
        row.why,
        _declaration(row.same),
        nearest,
        "; ".join(steps),
        instead,
    )


def _title(row: Row) -> str:
    return f"{_name(row.library)}: {row.transform}"


def _name(library: str) -> str:
    return f"{library}, by its documentation" if library in DOCUMENTED else library


def _declaration(declaration: Declaration) -> str:
    steps = ((declaration.encoder, declaration.parameters), *declaration.layers)
    return ", then ".join(_step(name, parameters) for name, parameters in steps)


def _step(name: str, parameters: Mapping[str, Any]) -> str:
    given = ", ".join(f"{each}={_value(value)}" for each, value in parameters.items())
    return f"{name} {_code(given)}" if given else name


def _value(value: Any) -> str:
    """Return a value as Python writes it; a long list without its middle."""
    if isinstance(value, list) and len(value) > 4:
        return f"[{value[0]!r}, {value[1]!r}, …, {value[-1]!r}]"
    return repr(value)


def _code(text: str) -> str:
    return f"`{text}`"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
