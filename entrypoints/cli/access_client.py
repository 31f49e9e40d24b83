"""The calls about access."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from entrypoints.cli.client import PAGE, Client


def token_create(client: Client, body: dict[str, Any]) -> dict[str, Any]:
    """Make a token."""
    made: dict[str, Any] = client.call("POST", "/api/tokens", json=body)
    return made


def tokens(client: Client) -> Iterator[dict[str, Any]]:
    """Return what is known of every token, page by page."""
    after = 0
    while page := client.call("GET", "/api/tokens", params={"limit": PAGE, "after": after}):
        yield from page
        after = page[-1]["id"]
        if len(page) < PAGE:
            return


def token_revoke(client: Client, number: int) -> dict[str, Any]:
    """Revoke a token."""
    done: dict[str, Any] = client.call("DELETE", f"/api/tokens/{number}")
    return done


def explain(client: Client, **question: str | None) -> dict[str, Any]:
    """Ask which rule decides; all pages as one answer."""
    params: dict[str, Any] = {name: text for name, text in question.items() if text is not None}
    answer: dict[str, Any] = client.call("GET", "/api/explain", params=params)
    page = answer
    while page["next"] is not None:
        page = client.call("GET", "/api/explain", params={**params, "after": page["next"]})
        answer["decisions"] += page["decisions"]
    return {**answer, "next": None}


def roles(client: Client) -> dict[str, dict[str, Any]]:
    """Return the roles that are not built in, by name."""
    found = client.call("GET", "/api/roles")
    return {role["name"]: role for role in found if not role.pop("built_in")}


def principals(client: Client) -> dict[str, dict[str, Any]]:
    """Return the principals by name, page by page."""
    found: dict[str, dict[str, Any]] = {}
    after = ""
    while page := client.call("GET", "/api/principals", params={"limit": PAGE, "after": after}):
        found |= {item["name"]: item for item in page}
        after = page[-1]["name"]
        if len(page) < PAGE:
            break
    return found


def bindings(client: Client) -> list[dict[str, Any]]:
    """Return every binding of claims, page by page."""
    found: list[dict[str, Any]] = []
    after = 0
    while page := client.call("GET", "/api/claim-bindings", params={"limit": PAGE, "after": after}):
        found += page
        after = page[-1]["id"]
        if len(page) < PAGE:
            break
    return found


def binding_create(client: Client, body: dict[str, Any]) -> dict[str, Any]:
    """Bind claims to roles."""
    made: dict[str, Any] = client.call("POST", "/api/claim-bindings", json=body)
    return made


def binding_delete(client: Client, number: int) -> dict[str, Any]:
    """Have a binding be gone."""
    done: dict[str, Any] = client.call("DELETE", f"/api/claim-bindings/{number}")
    return done


def path_of(kind: str, name: str) -> str:
    """Return the address of a role or a principal."""
    return f"/api/{kind}/{quote(name, safe='@+')}"
