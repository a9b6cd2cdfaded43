"""The parameters that have no default, and are not given: the message has the options to add."""

from __future__ import annotations

import shlex
from collections.abc import Container, Sequence

from netencoders.cli.console import UsageError
from netencoders.parameters import Parameter
from netencoders.values import to_plain
from netencoders.yaml_specs.scalars import written

__all__ = ["check_given"]


def check_given(name: str, parameters: Sequence[Parameter], given: Container[str]) -> None:
    """Check that each required parameter is given.

    Raises
    ------
    UsageError
        Some are missing. The message describes each, with an example of the option.
    """
    missing = [each for each in parameters if each.is_required and each.name not in given]
    if not missing:
        return
    described = "; ".join(f"{each.name!r} is required: {each.describe()}" for each in missing)
    options = " ".join(_option(each) for each in missing)
    raise UsageError(f"{name}: {described} (for instance {options})")


def _option(parameter: Parameter) -> str:
    """Return the option with an example of the type, for a shell."""
    example = parameter.type.examples()[0]
    if isinstance(example, bytes):
        text = "{asset: FILE}"
    else:
        text = written(to_plain(parameter.check(example)), 1)
    return f"-p {shlex.quote(f'{parameter.name}={text}')}"
