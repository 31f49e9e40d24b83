"""The routes of alerts, of tripwires, and of how receivers are told."""

import re
from typing import Any
from urllib.parse import urlencode

from litestar import Request, delete, get, post, put
from litestar.params import FromPath

from adapters.http import alert_structs as structs
from adapters.http.backend import backend_of
from adapters.http.queries import Query
from adapters.http.references import secret_id
from adapters.http.replies import Reply, json_reply
from adapters.http.secret_structs import Message
from application.alerts.acknowledge_alert import AcknowledgeAlert
from application.alerts.list_alerts import ListAlerts
from application.alerts.list_decoys import ListDecoys
from application.alerts.raise_test_alert import RaiseTestAlert
from application.alerts.set_decoy import SetDecoy
from application.webhooks.read_deliveries import DEFAULT_LIMIT as DELIVERIES
from application.webhooks.read_deliveries import ReadDeliveries
from domain.alerts.alert import Rule
from domain.alerts.query import DEFAULT_LIMIT, AlertQuery
from domain.errors import NotFound
from domain.webhooks.delivery import DeliveryState

AnyRequest = Request[Any, Any, Any]

_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@get("/api/alerts")
async def list_alerts(request: AnyRequest) -> Reply:
    """List alerts, the newest first."""
    query = Query(request)
    limit = query.number("limit")
    asked = AlertQuery(
        before=query.number("before"),
        limit=DEFAULT_LIMIT if limit is None else limit,
        rule=query.word("rule", Rule),
        acknowledged=query.flag("acknowledged"),
    )
    query.finish()
    page = await backend_of(request).run(request, ListAlerts(query=asked))
    more = len(page) == asked.limit
    return json_reply(
        [structs.alert(item) for item in page],
        headers={"link": f'<{_next(asked, page[-1].id)}>; rel="next"'} if more else {},
    )


@post("/api/alerts/{alert:str}/acknowledge", status_code=200)
async def acknowledge_alert(request: AnyRequest, alert: FromPath[str]) -> Reply:
    """Say that somebody has looked at an alert."""
    Query(request).finish()
    if not _NUMBER.fullmatch(alert):
        raise NotFound("alert")
    command = AcknowledgeAlert(number=int(alert))
    return json_reply(structs.alert(await backend_of(request).run(request, command)))


@post("/api/alerts/test", status_code=200)
async def raise_test_alert(request: AnyRequest) -> Reply:
    """Raise an alert that means nothing, and have it told in every way."""
    Query(request).finish()
    return json_reply(structs.alert(await backend_of(request).run(request, RaiseTestAlert())))


@get("/api/decoys")
async def list_decoys(request: AnyRequest) -> Reply:
    """List the secrets that are tripwires."""
    Query(request).finish()
    found = await backend_of(request).run(request, ListDecoys())
    return json_reply([structs.decoy(item) for item in found])


@put("/api/decoys/{reference:str}", status_code=200)
async def set_decoy(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """Make a secret a tripwire."""
    Query(request).finish()
    command = SetDecoy(reference=secret_id(reference), on=True)
    await backend_of(request).run(request, command)
    return json_reply(Message(message="the secret is a decoy from now on"))


@delete("/api/decoys/{reference:str}", status_code=200)
async def unset_decoy(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """Have a secret be a tripwire no longer."""
    Query(request).finish()
    command = SetDecoy(reference=secret_id(reference), on=False)
    await backend_of(request).run(request, command)
    return json_reply(Message(message="the secret is no decoy"))


@get("/api/webhooks")
async def read_deliveries(request: AnyRequest) -> Reply:
    """Show how receivers are told: counts, and the newest deliveries."""
    query = Query(request)
    limit = query.number("limit")
    command = ReadDeliveries(
        state=query.word("state", DeliveryState), limit=DELIVERIES if limit is None else limit
    )
    query.finish()
    return json_reply(structs.webhooks(await backend_of(request).run_apart(request, command)))


def _next(asked: AlertQuery, before: int) -> str:
    """Return the address of the next page."""
    fields: dict[str, object] = {
        "limit": asked.limit,
        "before": before,
        "rule": asked.rule and asked.rule.value,
        "acknowledged": None if asked.acknowledged is None else str(asked.acknowledged).lower(),
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return f"/api/alerts?{urlencode(given)}"


HANDLERS = [
    list_alerts,
    raise_test_alert,
    acknowledge_alert,
    list_decoys,
    set_decoy,
    unset_decoy,
    read_deliveries,
]
