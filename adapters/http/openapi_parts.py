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
