"""DeclarationContract: the tests of the parameters of an encoder, a layer or a decoder."""

from __future__ import annotations

import pickle
from abc import ABC, abstractmethod
from typing import Any

import netencoders
from netencoders import LayerError, Parameter, ParameterError, PluginError
from netencoders.declared_value import DeclaredValue
from netencoders.testing.checks import checked, require_equal
from netencoders.values import is_shortened

__all__ = ["DeclarationContract"]


class DeclarationContract(ABC):
    """Tests that the parameters of every encoder, layer and decoder must pass."""

    @abstractmethod
    def make(self, **more: Any) -> DeclaredValue:
        """Return the encoder or layer under test; `more` replaces parameters."""

    @abstractmethod
    def declarations(self) -> tuple[Parameter, ...]:
        """Return the declarations of the parameters."""

    def test_parameters_are_documented(self) -> None:
        """Each parameter has a `doc`."""
        missing = [parameter.name for parameter in self.declarations() if not parameter.doc]
        assert not missing, f"these parameters have no doc: {missing}. Give each Parameter a doc=."

    def test_parameters_take_good_values(self) -> None:
        """Each parameter takes the examples of its type, and a spec can contain them.

        An example that does not fit the other parameters, or the layers of a spec, is skipped. For
        instance, no filter may fit a sample rate of 1.
        """
        for parameter in self.declarations():
            examples = parameter.type.examples()
            assert examples, f"{parameter}: examples() of its type must return at least one value"
            taken = 0
            for value in examples:
                canonical = checked(parameter, value)
                try:
                    kept = self.make(**{parameter.name: value}).parameters[parameter.name]
                except (ParameterError, LayerError):
                    continue  # it does not fit the others or a layer, and the type is correct
                except PluginError as error:
                    raise AssertionError(
                        f"{parameter.name}={value!r} is taken, but it cannot be created. "
                        "Let the type refuse the value, or constraints() if it does not fit other "
                        f"parameters. {error}"
                    ) from error
                assert canonical == kept, f"{parameter.name}={value!r} is kept as {kept!r}"
                taken += 1
            assert taken, (
                f"constraints() or resolve() refuses every example of {parameter.name!r}: "
                f"{[*examples]}. State examples that fit, such as Text(examples=[...]), in "
                "examples() of a type of your own, or set `parameters` of this test."
            )

    def test_parameters_refuse_bad_values(self) -> None:
        """Each parameter refuses the counterexamples of its type with the standard message."""
        for parameter in self.declarations():
            head = f"{parameter.name!r} must be {parameter.describe()}. Got "
            for value in parameter.type.counterexamples():
                bad = f"{parameter.name}={value!r}"
                try:
                    self.make(**{parameter.name: value})
                except ParameterError as error:
                    assert any(text.startswith(head) for text in error.problems), (
                        f"{bad} is not refused by the type of the parameter: {error}"
                    )
                except PluginError as error:
                    raise AssertionError(
                        f"{bad}: check() of the type must raise RefusedError, and no other error. "
                        f"{error}"
                    ) from error
                else:
                    raise AssertionError(
                        f"{bad} is taken, although counterexamples() of the type returns it. "
                        "Let check() raise RefusedError, or remove the counterexample."
                    )

    def test_unknown_parameter_is_named(self) -> None:
        """A parameter that is not declared is refused by name."""
        try:
            self.make(NoSuchParameter=1)
        except ParameterError as error:
            assert "unknown parameter 'NoSuchParameter'" in str(error), str(error)
        else:
            raise AssertionError("it takes a parameter that it does not declare")

    def test_pickle_round_trip(self) -> None:
        """An unpickled value is equal, with the same digest and hash."""
        value = self.make()
        again = pickle.loads(pickle.dumps(value))
        require_equal(value, again, "pickle")
        assert hash(value) == hash(again), "the hash changes with pickle; see check()"

    def test_repr_evaluates(self) -> None:
        """The repr is an expression for an equal value, unless it shortens a long vector."""
        value = self.make()
        if any(map(is_shortened, value.parameters.values())):
            return
        require_equal(value, eval(repr(value), vars(netencoders)), f"eval({value!r})")
