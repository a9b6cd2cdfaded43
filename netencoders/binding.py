"""Binding: checks given parameter values, and resolves them in the order of their dependencies."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, cast

from netencoders.errors import NetEncodersError, ParameterError, PluginError, folded, nearest
from netencoders.parameters import Parameter, is_name, short
from netencoders.sentinels import Absent, Automatic
from netencoders.values import RefusedError, ValueType, alternatives

__all__ = ["bind", "dependency_order"]


def bind(
    owner: str,
    parameters: Sequence[Parameter],
    given: Mapping[str, Any],
    constraints: Callable[[Mapping[str, Any]], Sequence[str]] = lambda resolved: (),
    *,
    declared: Sequence[Parameter] | None = None,
    hint: Callable[[str, Mapping[str, Any]], str] = lambda name, given: "",
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check the given values, and resolve all values.

    Parameters
    ----------
    owner : str
        The name of the encoder, for the message.
    parameters : sequence of Parameter
        The declarations, in dependency order.
    given : mapping
        Values by name.
    constraints : callable
        Takes the resolved values, and returns one sentence for each conflict between them. It is
        called only if each value is valid by itself.
    declared : sequence of Parameter, optional
        The declarations in the order in which messages name them.
    hint : callable
        Takes a name that is no parameter, and the given values, and returns a sentence about the
        name, or an empty text.

    Returns
    -------
    checked : dict
        The given value of every parameter, in canonical form, or its default.
    resolved : dict
        The resolved value of every parameter.

    Raises
    ------
    ParameterError
        The message lists every problem.
    PluginError
        `constraints` or `hint` raises.
    """
    refused: dict[str, str] = {}
    checked: dict[str, Any] = {}
    resolved: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.is_required and parameter.name not in given:
            refused[parameter.name] = (
                f"{parameter.name!r} is required"
                f"{f' ({parameter.doc})' if parameter.doc else ''}: {parameter.describe()}."
            )
            continue
        try:
            value = parameter.check(given.get(parameter.name, parameter.default))
            checked[parameter.name] = value
            if all(name in resolved for name in parameter.depends):
                resolved[parameter.name] = parameter.resolve(value, resolved)
        except ValueError as error:
            refused[parameter.name] = str(error)
    shown = parameters if declared is None else declared
    problems = [refused[item.name] for item in shown if item.name in refused] if refused else []
    if not problems:
        problems += _called("constraints", lambda: _listed(constraints(resolved)))
    problems.extend(_unknown(given, shown, hint))
    if problems:
        raise ParameterError(owner, problems)
    return checked, resolved


def dependency_order(owner: str, parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """Return the parameters, each after those that it depends on.

    Raises
    ------
    PluginError
        A declaration is invalid: a name is repeated or malformed, a type is not a ValueType, a
        dependency is not declared or part of a cycle, or the parameter refuses its own default.
    """
    for parameter in parameters:
        problem = _declaration_problem(parameter)
        if problem:
            raise PluginError(problem, plugin=owner)
    by_name = {parameter.name: parameter for parameter in parameters}
    if len(by_name) != len(parameters):
        names = [parameter.name for parameter in parameters]
        repeated = next(name for name in names if names.count(name) > 1)
        raise PluginError(f"the parameter {repeated!r} is declared twice", plugin=owner)
    for parameter in parameters:
        for name in (*parameter.depends, *parameter.neutral_depends):
            if name not in by_name:
                raise PluginError(
                    f"parameter {parameter.name!r} depends on {name!r}, which is not declared."
                    + nearest(name, by_name.keys() - {parameter.name}),
                    plugin=owner,
                )
        try:
            if not parameter.is_required:
                parameter.check(parameter.default)
        except ValueError as error:
            rule = " It needs a rule: automatic=." if parameter.default is Automatic else ""
            raise PluginError(f"the default is refused: {error}{rule}", plugin=owner) from None
        _check_neutral(owner, parameter)
    # A digest leaves neutral values out: each must follow from values that it holds.
    neutral = {
        name: (*parameter.neutral_depends, *parameter.type.depends)
        for name, parameter in by_name.items()
        if parameter.neutral is not Absent
    }
    _sorted(owner, neutral, "neutral values depend on each other")
    graph = {name: parameter.depends for name, parameter in by_name.items()}
    names = _sorted(owner, graph, "parameters depend on each other")
    return tuple(by_name[name] for name in names)


def _sorted(owner: str, graph: Mapping[str, Sequence[str]], problem: str) -> list[str]:
    """Return the names, each after those it depends on."""
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        path = " -> ".join(error.args[1])
        raise PluginError(f"{problem}: {path}", plugin=owner) from None


def _declaration_problem(parameter: object) -> str | None:
    """Return the problem of one declaration by itself, or None."""
    if not isinstance(parameter, Parameter):
        return f"'parameters' must be Parameter values. Got {short(parameter)}."
    name, kind = cast("tuple[object, object]", (parameter.name, parameter.type))
    if not is_name(name) or keyword.iskeyword(name):
        return (
            "a parameter's name must be a letter, then letters, digits and underscores, and not a "
            f"keyword of Python. Got {short(name)}."
        )
    if not isinstance(kind, ValueType):
        return f"the type of {name!r} must be a ValueType, such as Integer(). Got {short(kind)}."
    phrases: dict[str, object] = {
        f"'known_as' of {name!r}": parameter.known_as,
        f"'depends' of the type of {name!r}": kind.depends,
        f"describe() of the type of {name!r}": kind.describe(),
    }
    for owner, texts in phrases.items():
        if not isinstance(texts, tuple) or not all(isinstance(text, str) for text in texts):
            return f"{owner} must be a tuple of texts. Got {short(texts)}."
    try:
        parameter.rule_depends  # noqa: B018 - for the error that it may raise
    except (TypeError, ValueError):
        return f"the Automatic rule of {name!r} must be a function with named arguments."
    try:
        parameter.neutral_depends  # noqa: B018 - for the error that it may raise
    except (TypeError, ValueError):
        return f"the neutral value of {name!r} must be a value, or a function with named arguments."
    return None


def _check_neutral(owner: str, parameter: Parameter) -> None:
    """Refuse a neutral value, declared as a constant, that the parameter does not take."""
    if parameter.neutral is Absent or callable(parameter.neutral):
        return
    try:
        parameter.type.check(parameter.neutral)
    except RefusedError:
        raise PluginError(
            f"the neutral value of {parameter.name!r} must be "
            f"{alternatives(parameter.type.describe())}. Got {short(parameter.neutral)}.",
            plugin=owner,
        ) from None


def _unknown(
    given: Mapping[str, Any],
    parameters: Sequence[Parameter],
    hint: Callable[[str, Mapping[str, Any]], str],
) -> list[str]:
    """Return one sentence for each unknown name; the last without a hint lists the parameters."""
    known = [parameter.name for parameter in parameters]
    problems: list[str] = []
    listed = None
    for name in given:
        if name in known:
            continue
        text = ""
        if isinstance(name, str):
            text = _called("hint", hint, name, given) or _similar(name, given[name], parameters)
        if not text:
            listed = len(problems)
        problems.append(f"unknown parameter {short(name)}.{' ' if text else ''}{text}")
    if listed is not None:
        problems[listed] += f" Known: {', '.join(known)}." if known else " It has no parameters."
    return problems


def _similar(name: str, value: object, parameters: Sequence[Parameter]) -> str:
    """Return a sentence that suggests a parameter, with its line for the same quantity."""
    # Imported late: only a mistake needs it.
    from netencoders.corrections import written

    others = {other: parameter.name for parameter in parameters for other in parameter.known_as}
    text = nearest(name, [parameter.name for parameter in parameters], others).strip()
    for parameter in parameters:
        same = folded(name) in map(folded, (parameter.name, *parameter.known_as))
        if not (same and repr(parameter.name) in text):
            continue
        if not parameter.takes(value):
            text = f"{text} {parameter.meant(value)}".rstrip()
        elif "..." not in short(value):  # which shortens long values
            text = f"{text} Write {written(parameter.name, value)}."
    return text


def _listed(found: Sequence[str]) -> list[str]:
    """Return the sentences of constraints() as a list."""
    return [found] if isinstance(found, str) else list(found)


def _called(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a function of a plugin."""
    try:
        return function(*arguments)
    except NetEncodersError:  # a window of another plugin, for instance, has its own error
        raise
    except Exception as bug:  # code of a plugin may raise anything
        raise PluginError(f"{name}() raised {type(bug).__name__}: {bug}") from bug
