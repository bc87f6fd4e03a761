"""Given facts, when a command, then facts: the one shape of a decider's test."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import pytest

from domain import branch, catalogue, project, workspace
from domain.refusal import Refused

State = TypeVar("State")


class Spec(Generic[State]):
    def __init__(
        self,
        empty: State,
        evolve: Callable[[State, Any], State],
        decide: Callable[[Any, State], Sequence[Any]],
        facts: Sequence[Any] = (),
        command: Any = None,
    ) -> None:
        self._empty, self._evolve, self._decide = empty, evolve, decide
        self._facts, self._command = tuple(facts), command

    def given(self, *facts: Any) -> "Spec[State]":
        every = (*self._facts, *facts)
        return Spec(self._empty, self._evolve, self._decide, every, self._command)

    def when(self, command: Any) -> "Spec[State]":
        return Spec(self._empty, self._evolve, self._decide, self._facts, command)

    @property
    def state(self) -> State:
        """The given facts folded, each through the bytes under which it is stored."""
        state = self._empty
        for fact in self._facts:
            state = self._evolve(state, catalogue.decode(*catalogue.encode(fact)))
        return state

    def made(self) -> Sequence[Any]:
        return list(self._decide(self._command, self.state))

    def then(self, *facts: Any) -> "Spec[State]":
        assert self.made() == list(facts)
        return self.given(*facts)

    def nothing(self) -> "Spec[State]":
        return self.then()

    def refused(self, code: str, **details: Any) -> Refused:
        with pytest.raises(Refused) as caught:
            self.made()
        assert caught.value.code == code
        for name, value in details.items():
            assert caught.value.details[name] == value
        msgspec.json.encode(caught.value.details)
        return caught.value


def branches() -> Spec[branch.Branch]:
    return Spec(branch.Branch(), branch.evolve, branch.decide)


def projects() -> Spec[project.Project]:
    return Spec(project.Project(), project.evolve, project.decide)


def workspaces() -> Spec[workspace.Workspace]:
    return Spec(workspace.Workspace(), workspace.evolve, workspace.decide)
