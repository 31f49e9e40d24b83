"""What the description of every area is made of."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


def parameter(place: str, name: str, schema: Json, text: str, *, explode: bool = False) -> Json:
    """Return one parameter."""
    extra = {"style": "form", "explode": True} if explode else {}
    required = place == "path"
    return {
        "name": name, "in": place, "required": required, "schema": schema, "description": text,
        **extra,
    }  # fmt: skip


def limit(*, default: int, most: int) -> Json:
    """Return the parameter that says how much of a list is wanted."""
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return parameter("query", "limit", schema, "how many at most")


def ref(name: str) -> Json:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the reference."""

    method: str
    path: str
    summary: str
    answer: Any
    name: str
    body: str | None = None
    parameters: tuple[Json, ...] = ()
    problems: tuple[int, ...] = ()
    tag: str = "secrets"
