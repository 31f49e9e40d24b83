"""The roles that are always there, for every name. They cannot be changed or removed."""

from collections.abc import Mapping

from domain.access.action import Action
from domain.access.grant import EVERY_ACTION, Effect, Grant
from domain.access.role import Role

ADMINISTRATOR = "administrator"

_SEES = {Action.READ, Action.LIST_VERSIONS}
_EDITS = {
    Action.CREATE, Action.UPDATE, Action.DELETE, Action.RESTORE, Action.RESTORE_VERSION,
}  # fmt: skip
_LOOKS_AFTER = {
    Action.EXPLAIN, Action.LIST_ROLES, Action.LIST_PRINCIPALS, Action.LIST_TOKENS,
    Action.LIST_BINDINGS, Action.LIST_KEYS, Action.READ_ROTATION, Action.READ_METRICS,
}  # fmt: skip
_IS_TOLD = {
    Action.LIST_ALERTS, Action.ACKNOWLEDGE_ALERT, Action.LIST_DECOYS, Action.READ_DELIVERIES,
}  # fmt: skip
_AUDITS = {Action.READ_ACTIVITY, Action.LIST_ENTRIES, Action.PROVE, Action.READ_CHECKPOINT}


def _role(name: str, description: str, actions: set[Action] | frozenset[Action]) -> Role:
    """Return a role that is allowed some actions on every name."""
    grant = Grant(effect=Effect.ALLOW, actions=frozenset(actions))
    return Role(name=name, description=description, grants=(grant,))


BUILT_IN: Mapping[str, Role] = {
    role.name: role
    for role in (
        _role(ADMINISTRATOR, "may do everything", EVERY_ACTION),
        _role("editor", "reads and changes secrets", _SEES | _EDITS | {Action.REVEAL}),
        _role("reader", "reads values", _SEES | {Action.REVEAL}),
        _role("viewer", "sees what there is, without values", _SEES),
        _role("writer", "sets values, never reads them", {Action.CREATE, Action.UPDATE}),
        _role("auditor", "sees who may do and did what", _SEES | _LOOKS_AFTER | _AUDITS | _IS_TOLD),
    )
}
