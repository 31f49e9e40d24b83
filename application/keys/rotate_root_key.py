"""Replacing the root key: in its place, or by one of another source."""

from application.gate import Gate
from application.keys.plan_root_rotation import PlanRootRotation, RootRotationPlan
from application.keys.replace_root_key import ReplaceRootKey
from domain.access.caller import Caller
from domain.errors import CannotRotate, RootKeyMoved, WrongRootKey
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.clock import Clock
from domain.ports.key_wrapper import KeyWrapper
from domain.ports.root_key import RootKey
from domain.ports.root_key_source import RootKeySource, RootKeySuccession

ATTEMPTS = 5
"""How often to begin anew when a data key changes in between."""


class RotateRootKey:
    """Makes a successor, wraps every data key under it, and lets it take the place.

    A crash between any two steps leaves a store that starts: before the transaction the old key
    fits, after it the successor, which lies beside the old one until it is adopted.
    """

    def __init__(
        self, *, gate: Gate, wrapper: KeyWrapper, source: RootKeySource, clock: Clock
    ) -> None:
        """Take the gate, what wraps, and the source that the settings name."""
        self._gate = gate
        self._wrapper = wrapper
        self._source = source
        self._clock = clock

    def __call__(self, caller: Caller, target: RootKeySource | None = None) -> RootKeyRecord:
        """Rotate, and wait until it is durable. Slow where the root key is far away.

        Two rotations that were asked for at once end as one: whoever comes second returns what
        the first one made.

        Args:
            caller: who asks.
            target: the source of the new root key; `None` for a successor in the same place.

        Raises:
            CannotRotate: the source cannot replace its key in place.
            WrongRootKey: a root key is missing or does not give back what it wrapped.
            RootKeyUnavailable: the keeper of a root key does not answer.
            RootKeyMoved: data keys kept changing meanwhile.
        """
        plan: RootRotationPlan = self._gate.run(caller, PlanRootRotation())
        first = plan.record
        for _ in range(ATTEMPTS):
            try:
                return self._replace(caller, plan, target)
            except (RootKeyMoved, WrongRootKey) as error:
                # A root key that was replaced after the plan was made does not open what stands
                # in the plan, which looks like a wrong one.
                plan = self._gate.run(caller, PlanRootRotation())
                if plan.record.generation != first.generation:
                    self._wrapper.renew(plan.record, plan.keys)
                    return plan.record
                if isinstance(error, WrongRootKey):
                    raise
        raise RootKeyMoved

    def _replace(
        self, caller: Caller, plan: RootRotationPlan, target: RootKeySource | None
    ) -> RootKeyRecord:
        """Wrap and exchange everything once."""
        self._wrapper.renew(plan.record, plan.keys)
        successor = self._successor(target)
        record = plan.record.followed_by(
            source=(target or self._source).uri,
            since=self._clock.now(),
            principal=caller.principal,
        )
        after = self._wrapper.rewrap(plan.keys, successor)
        self._gate.run(caller, ReplaceRootKey(record=record, before=plan.keys, after=after))
        if target is None:
            # Adopts the successor, which alone fits now.
            self._wrapper.renew(record, after)
        return record

    def _successor(self, target: RootKeySource | None) -> RootKey:
        """Return the root key to be."""
        if target is not None:
            return target.load()
        if not isinstance(self._source, RootKeySuccession):
            raise CannotRotate(
                f"a root key at {self._source.uri} cannot be replaced in its place; name another"
                " place for the new one"
            )
        return self._source.propose()
