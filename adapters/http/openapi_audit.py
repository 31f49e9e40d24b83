"""The description of the routes of the audit log."""

from collections.abc import Sequence
from typing import Any

from adapters.http import audit_structs as structs
from adapters.http.openapi_parts import Operation, limit, parameter, ref
from domain.access.action import Action
from domain.audit.event import Outcome
from domain.audit.query import DEFAULT_LIMIT, MAX_LIMIT
from domain.secrets.name import MAX_LENGTH
from domain.secrets.secret import MAX_ID

TYPES: Sequence[Any] = (
    structs.AuditEntry,
    structs.ErasedEntry,
    structs.DamagedEntry,
    structs.Checkpoint,
    structs.InclusionProof,
    structs.ConsistencyProof,
)

_COUNT = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
_TEXT = {"type": "string", "maxLength": MAX_LENGTH}
_MOMENT = {"type": "string", "format": "date-time"}

FILTERS = (
    limit(default=DEFAULT_LIMIT, most=MAX_LIMIT),
    parameter(
        "query", "after", {"type": "integer", "minimum": 0, "maximum": MAX_ID},
        "only numbers above this one (the cursor of `Link`)",
    ),
    parameter("query", "newest", {"type": "boolean"}, "the last that fit, instead of the first"),
    parameter("query", "secret", _TEXT, "only about the secret that had this name then"),
    parameter(
        "query", "uid", {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "only about the secret with this permanent id",
    ),
    parameter("query", "caller", _TEXT, "only of this principal"),
    parameter("query", "action", {"enum": [item.value for item in Action]}, "only this action"),
    parameter("query", "outcome", {"enum": [item.value for item in Outcome]}, "only this outcome"),
    parameter("query", "from", _MOMENT, "only at or after this time"),
    parameter("query", "to", _MOMENT, "only before this time"),
)  # fmt: skip


def _needed(name: str, text: str) -> dict[str, Any]:
    """Return a number that a call must have."""
    return parameter("query", name, _COUNT, text) | {"required": True}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="get", path="/api/audit", name="listAuditEntries", tag="audit", parameters=FILTERS,
        summary="List entries of the audit log, each exactly as it is hashed", problems=(400, 503),
        answer={
            "type": "array",
            "items": {"oneOf": [ref("AuditEntry"), ref("ErasedEntry"), ref("DamagedEntry")]},
        },
    ),
    Operation(
        method="get", path="/api/audit/checkpoint", name="readAuditCheckpoint", tag="audit",
        summary="Get the newest signed checkpoint of the audit log", answer=ref("Checkpoint"),
        parameters=(parameter("query", "size", _COUNT, "the first that covers so many entries"),),
        problems=(400, 404, 500, 503),
    ),
    Operation(
        method="get", path="/api/audit/proof/inclusion", name="proveAuditInclusion", tag="audit",
        summary="Prove that an entry is in the audit log", answer=ref("InclusionProof"),
        parameters=(
            _needed("number", "the number of the entry"),
            parameter("query", "size", _COUNT, "a size; that of the newest checkpoint if unset"),
        ),
        problems=(400, 404, 500, 503),
    ),
    Operation(
        method="get", path="/api/audit/proof/consistency", name="proveAuditConsistency",
        summary="Prove that the audit log only grew", answer=ref("ConsistencyProof"), tag="audit",
        parameters=(
            _needed("first", "the smaller size"),
            parameter("query", "second", _COUNT, "the larger; the newest checkpoint's if unset"),
        ),
        problems=(400, 404, 500, 503),
    ),
)  # fmt: skip
