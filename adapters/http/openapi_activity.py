"""The description of the routes about the use of secrets."""

from collections.abc import Sequence
from typing import Any

from adapters.http import activity_structs as structs
from adapters.http.openapi_parts import Operation, limit, parameter, ref
from application.audit import list_unread, read_activity
from domain.audit.activity import MAX_DAYS
from domain.secrets.listing import DEFAULT_LIMIT, MAX_LIMIT
from domain.secrets.secret import MAX_ID

TYPES: Sequence[Any] = (
    structs.SecretActivityAnswer,
    structs.MostReadSecret,
)

_ID = parameter(
    "path", "id", {"type": "integer", "minimum": 1, "maximum": MAX_ID}, "the id of the secret"
)
_LIMIT = limit(default=DEFAULT_LIMIT, most=MAX_LIMIT)
_AFTER = parameter(
    "query", "after", {"type": "integer", "minimum": 0, "maximum": MAX_ID},
    "only ids above this one (the cursor of `Link`)",
)  # fmt: skip


def _days(default: int) -> dict[str, Any]:
    """Return how far back to look."""
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": default}
    return parameter("query", "days", schema, "how many days to look back")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="get", path="/api/secrets/{id}/activity", name="readActivity", tag="activity",
        summary="Get how a secret was used, and by whom", answer=ref("SecretActivityAnswer"),
        parameters=(_ID, _days(read_activity.DEFAULT_DAYS)), problems=(400, 404, 503),
    ),
    Operation(
        method="get", path="/api/activity/most-read", name="listMostRead", tag="activity",
        summary="List the secrets that are read most", problems=(400, 503),
        answer={"type": "array", "items": ref("MostReadSecret")},
        parameters=(_days(read_activity.DEFAULT_DAYS), _LIMIT),
    ),
    Operation(
        method="get", path="/api/activity/unread", name="listUnread", tag="activity",
        summary="List secrets that nobody reads any more", problems=(400, 503),
        answer={"type": "array", "items": ref("Metadata")},
        parameters=(_days(list_unread.DEFAULT_DAYS), _LIMIT, _AFTER),
    ),
)  # fmt: skip
