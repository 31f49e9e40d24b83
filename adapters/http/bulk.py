"""The route that decrypts many secrets at once."""

from typing import Any

from litestar import Request, post

from adapters.http.backend import backend_of
from adapters.http.bodies import JsonBody
from adapters.http.problems import describe
from adapters.http.queries import Query
from adapters.http.references import absent
from adapters.http.replies import Reply, json_reply
from adapters.http.secret_structs import BulkAnswer, BulkBody, BulkItem, revealed
from application.secrets.reveal_secret import Revealed, RevealSecret
from domain.errors import NotFound, StrongroomError
from domain.secrets.reference import ByName, Reference, SecretId

_bulk_body = JsonBody(BulkBody)


@post("/api/secrets/decrypt", status_code=200)
async def reveal_many(request: Request[Any, Any, Any]) -> Reply:
    """Decrypt up to 100 secrets: one result or error each, in order, one audit event each."""
    Query(request).finish()
    asked = (await _bulk_body.read(request)).secrets
    references = [SecretId(item) if isinstance(item, int) else ByName(item) for item in asked]
    commands = [RevealSecret(reference=reference) for reference in references]
    found = await backend_of(request).run_each(request, commands)
    results = [_item(reference, got) for reference, got in zip(references, found, strict=True)]
    return json_reply(BulkAnswer(results=results))


def _item(reference: Reference, got: Revealed | StrongroomError) -> BulkItem:
    """Write out one answer."""
    if isinstance(got, NotFound) and isinstance(reference, ByName):
        got = absent(reference, got)
    if isinstance(got, StrongroomError):
        problem = describe(got)
        return BulkItem(status=problem.status, error=problem)
    return BulkItem(status=200, secret=revealed(got.secret, got.version, got.value))


HANDLERS = [reveal_many]
