"""The description of the routes of alerts, tripwires and webhooks."""

from collections.abc import Sequence
from typing import Any

from adapters.http import alert_structs as structs
from adapters.http.openapi_parts import Operation, limit, parameter, ref
from application.webhooks import read_deliveries
from domain.alerts.alert import Rule
from domain.alerts.query import DEFAULT_LIMIT, MAX_LIMIT
from domain.secrets.secret import MAX_ID
from domain.webhooks.delivery import DeliveryState

TYPES: Sequence[Any] = (structs.Alert, structs.Decoy, structs.Webhooks)

ALERT = parameter(
    "path", "alert", {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}, "the id of an alert"
)
SECRET = parameter(
    "path", "id", {"type": "integer", "minimum": 1, "maximum": MAX_ID}, "the id of the secret"
)
FILTERS = (
    limit(default=DEFAULT_LIMIT, most=MAX_LIMIT),
    parameter(
        "query", "before", {"type": "integer", "minimum": 1, "maximum": MAX_ID},
        "only ids below this one (the cursor of `Link`)",
    ),
    parameter("query", "rule", {"enum": [item.value for item in Rule]}, "only of this rule"),
    parameter("query", "acknowledged", {"type": "boolean"}, "only those that were, or were not"),
)  # fmt: skip
DELIVERIES = (
    parameter(
        "query", "limit",
        {
            "type": "integer", "minimum": 1, "maximum": read_deliveries.MAX_LIMIT,
            "default": read_deliveries.DEFAULT_LIMIT,
        },
        "how many deliveries at most",
    ),
    parameter(
        "query", "state", {"enum": [item.value for item in DeliveryState]},
        "only deliveries in this state",
    ),
)  # fmt: skip

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="get", path="/api/alerts", name="listAlerts", tag="alerts", parameters=FILTERS,
        summary="List alerts, the newest first", problems=(400, 503),
        answer={"type": "array", "items": ref("Alert")},
    ),
    Operation(
        method="post", path="/api/alerts/test", name="raiseTestAlert", tag="alerts",
        summary="Raise an alert that means nothing, and have it told in every way",
        answer=ref("Alert"), problems=(400, 412, 503),
    ),
    Operation(
        method="post", path="/api/alerts/{alert}/acknowledge", name="acknowledgeAlert",
        summary="Say that somebody has looked at an alert", answer=ref("Alert"), tag="alerts",
        parameters=(ALERT,), problems=(400, 404, 503),
    ),
    Operation(
        method="get", path="/api/decoys", name="listDecoys", tag="alerts",
        summary="List the secrets that are tripwires", problems=(400, 503),
        answer={"type": "array", "items": ref("Decoy")},
    ),
    Operation(
        method="put", path="/api/decoys/{id}", name="setDecoy", tag="alerts",
        summary="Make a secret a tripwire", answer=ref("Message"), parameters=(SECRET,),
        problems=(400, 404, 503),
    ),
    Operation(
        method="delete", path="/api/decoys/{id}", name="unsetDecoy", tag="alerts",
        summary="Have a secret be a tripwire no longer", answer=ref("Message"),
        parameters=(SECRET,), problems=(400, 404, 503),
    ),
    Operation(
        method="get", path="/api/webhooks", name="readDeliveries", tag="alerts",
        summary="Show how receivers are told", answer=ref("Webhooks"), parameters=DELIVERIES,
        problems=(400, 503),
    ),
)  # fmt: skip
