"""A gate whose commands are told of, by the action that each is."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from adapters.tracing.step import CURRENT, back_in, begin, ending, within
from application.absent import Absent
from application.gate import Gate
from domain.access.caller import Caller
from domain.errors import StrongroomError

A = TypeVar("A")
R = TypeVar("R")

ACTION = "strongroom.action"


class TracedGate(Gate):
    """Does what the gate does. The caller, the name and the command itself are not told."""

    def submit(self, caller: Caller, command: object) -> Future[Any]:
        """Run one command."""
        if CURRENT.get() is None:
            return super().submit(caller, command)
        action = self._use_cases[type(command)].action.value
        step = begin(action, {ACTION: action})
        if step is None:
            return super().submit(caller, command)
        return ending(step, within(step, super().submit, caller, command))

    def submit_each(
        self, caller: Caller, commands: Sequence[object]
    ) -> Future[list[Any | StrongroomError]]:
        """Run readings side by side on one snapshot."""
        if CURRENT.get() is None:
            return super().submit_each(caller, commands)
        actions = {self._use_cases[type(command)].action.value for command in commands}
        action = actions.pop() if len(actions) == 1 else "bulk"
        step = begin(action, {ACTION: action, "strongroom.commands": len(commands)})
        if step is None:
            return super().submit_each(caller, commands)
        return ending(step, within(step, super().submit_each, caller, commands))

    def _fetch(
        self,
        absent: Sequence[Absent],
        again: Callable[[], Future[A]],
        settle: Callable[[frozenset[str], Future[A]], Future[R]],
        tried: frozenset[str],
    ) -> Future[R]:
        """Fetch what is absent, with a step around each."""
        return super()._fetch([_traced(one) for one in absent], again, settle, tried)


class _TracedAbsent(Absent):
    """One whose fetching is told of."""


def _traced(absent: Absent) -> Absent:
    """Return what is absent with its fetching told of."""
    if isinstance(absent, _TracedAbsent):
        return absent
    return _TracedAbsent(str(absent), what=absent.what, fetch=partial(_fetch, absent))


def _fetch(absent: Absent) -> Future[None]:
    """Fetch. Nothing of the trace goes to whoever is asked: one answer serves all who wait."""
    parent, step = CURRENT.get(), begin("fetch", {"strongroom.kind": type(absent).__name__})
    if step is None:
        return absent.fetch()
    return back_in(parent, ending(step, absent.fetch()))
