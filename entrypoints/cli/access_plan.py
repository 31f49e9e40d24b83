"""Roles, principals and bindings in a file: what it takes for the server to have the same."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.access.action import Action
from domain.errors import InvalidInput
from entrypoints.cli.access_client import path_of

_ROLE_FIELDS = {"description", "grants"}
_GRANT_FIELDS = {"effect", "actions", "names"}
_PRINCIPAL_FIELDS = {"kind", "roles"}
EVERY = "*"
_BINDING_FIELDS = {"issuer", "claims", "roles", "description"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call, and the lines of a diff that say what it changes."""

    method: str
    path: str
    body: Mapping[str, Any] | None
    diff: Sequence[str]


def read_plan(path: Path) -> dict[str, Any]:
    """Read the tables `roles` and `principals` and the list `bindings` of a TOML file.

    Raises:
        InvalidInput: it is no TOML, or has something that is not known.
    """
    try:
        plan = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("file", f"is not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("file", "is not text in UTF-8") from error
    _check(plan, {"roles", "principals", "bindings"}, "the file")
    for role in _table(plan, "roles").values():
        _check(role, _ROLE_FIELDS, "a role")
        for grant in _list(role, "grants"):
            _check(grant, _GRANT_FIELDS, "a grant")
            _texts(grant, "actions")
            _texts(grant, "names")
    for principal in _table(plan, "principals").values():
        _check(principal, _PRINCIPAL_FIELDS, "a principal")
        _texts(principal, "roles")
    for binding in _list(plan, "bindings"):
        _check(binding, _BINDING_FIELDS, "a binding")
        _texts(binding, "roles")
        if not isinstance(binding.get("claims"), dict):
            raise InvalidInput("file", "a binding has no table of claims")
    return plan


def steps_to(
    plan: Mapping[str, Any],
    roles: Mapping[str, Mapping[str, Any]],
    principals: Mapping[str, Mapping[str, Any]],
    bindings: Sequence[Mapping[str, Any]] = (),
) -> Sequence[Step]:
    """Return the calls, roles first. What the file does not name stays as it is.

    A binding is named by its issuer and its claims. One whose roles change is made anew before it
    is deleted, so that no workload is left without roles in between.
    """
    wanted = plan.get("roles", {})
    steps = [_role(name, wanted[name], roles.get(name)) for name in sorted(wanted)]
    people = plan.get("principals", {})
    steps += [_principal(name, people[name], principals.get(name)) for name in sorted(people)]
    for wanted in plan.get("bindings", []):
        steps += _binding(wanted, bindings)
    return [step for step in steps if step is not None]


def unknown_actions(step: Step) -> Sequence[str]:
    """Return the actions of a step that this version does not know, each once."""
    grants = (step.body or {}).get("grants", [])
    named = {action for grant in grants for action in grant["actions"]}
    return sorted(named - {EVERY} - {action.value for action in Action})


def _role(name: str, wanted: Mapping[str, Any], there: Mapping[str, Any] | None) -> Step | None:
    """Return what makes or changes a role."""
    grants = [_grant(grant) for grant in wanted.get("grants", [])]
    body = {"description": wanted.get("description"), "grants": grants}
    before = [] if there is None else _lines(there["grants"])
    diff = _diff(before, _lines(grants))
    if there is None:
        return Step(
            method="POST", path="/api/roles", body={"name": name, **body},
            diff=[f"+ role {name}", *diff],
        )  # fmt: skip
    if not diff and there["description"] == body["description"]:
        return None
    path = path_of("roles", name)
    return Step(method="PUT", path=path, body=body, diff=[f"~ role {name}", *diff])


def _principal(
    name: str, wanted: Mapping[str, Any], there: Mapping[str, Any] | None
) -> Step | None:
    """Return what takes in or binds a principal."""
    roles = sorted(set(wanted.get("roles", [])))
    diff = _diff([] if there is None else list(there["roles"]), roles)
    if there is None:
        body = {"name": name, "kind": wanted.get("kind", "service"), "roles": roles}
        return Step(
            method="POST", path="/api/principals", body=body, diff=[f"+ principal {name}", *diff]
        )
    if not diff:
        return None
    path = path_of("principals", name)
    return Step(method="PUT", path=path, body={"roles": roles}, diff=[f"~ principal {name}", *diff])


def _binding(wanted: Mapping[str, Any], there: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Return what makes a binding be exactly this one."""
    issuer, claims = wanted.get("issuer"), wanted.get("claims", {})
    roles = sorted(set(wanted.get("roles", [])))
    same = [item for item in there if (item["issuer"], item["claims"]) == (issuer, claims)]
    kept = next((item for item in same if sorted(item["roles"]) == roles), None)
    steps = []
    if kept is None:
        body = {**wanted, "roles": roles}
        diff = [f"+ binding {_named(issuer, claims)}", *_diff([], roles)]
        steps.append(Step(method="POST", path="/api/claim-bindings", body=body, diff=diff))
    return steps + [_unbinding(item) for item in same if item is not kept]


def _unbinding(there: Mapping[str, Any]) -> Step:
    """Return what ends a binding."""
    named = _named(there["issuer"], there["claims"])
    diff = [f"- binding {named}", *_diff(there["roles"], [])]
    path = f"/api/claim-bindings/{there['id']}"
    return Step(method="DELETE", path=path, body=None, diff=diff)


def _named(issuer: Any, claims: Mapping[str, str]) -> str:
    """Write whom a binding is for."""
    return f"{issuer}: {', '.join(f'{name} = {text}' for name, text in sorted(claims.items()))}"


def _grant(grant: Mapping[str, Any]) -> dict[str, Any]:
    """Return a grant in its full form."""
    return {
        "effect": grant.get("effect", "allow"),
        "actions": sorted(grant.get("actions", [])),
        "names": list(grant.get("names", ["**"])),
    }


def _lines(grants: Sequence[Mapping[str, Any]]) -> list[str]:
    """Write each grant on a line."""
    return [
        f"{grant['effect']} {', '.join(grant['actions'])} on {', '.join(grant['names'])}"
        for grant in grants
    ]


def _diff(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return what goes and what comes; the order of grants means nothing."""
    gone = [f"  - {line}" for line in before if line not in after]
    return gone + [f"  + {line}" for line in after if line not in before]


def _check(table: Any, known: set[str], what: str) -> None:
    """Refuse what nobody would look at."""
    if not isinstance(table, dict) or not known >= table.keys():
        raise InvalidInput("file", f"{what} has something else than {', '.join(sorted(known))}")


def _table(of: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a table of the file, empty when it is not there."""
    found = of.get(name, {})
    if not isinstance(found, dict):
        raise InvalidInput("file", f"'{name}' must be a table")
    return found


def _list(of: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list of the file, empty when it is not there."""
    found = of.get(name, [])
    if not isinstance(found, list):
        raise InvalidInput("file", f"'{name}' must be a list")
    return found


def _texts(of: Mapping[str, Any], name: str) -> None:
    """Refuse a list that holds something else than texts."""
    if not all(isinstance(item, str) for item in _list(of, name)):
        raise InvalidInput("file", f"'{name}' must be a list of texts")
