"""The route that decrypts many secrets at once."""

from typing import Any

from litestar import Request, Response, post

from adapters.http.backend import backend_of
from adapters.http.bodies import JsonBody
from adapters.http.problems import describe
from adapters.http.queries import Query
from adapters.http.references import absent
from adapters.http.replies import json_reply
from adapters.http.secret_structs import BulkAnswer, BulkBody, BulkItem, revealed
from application.secrets.reveal_secret import Revealed, RevealSecret
from domain.errors import InvalidInput, NotFound, StrongroomError
from domain.secrets.reference import ByName, Reference, SecretId

_bulk_body = JsonBody(BulkBody)


@post("/api/secrets/decrypt", status_code=200)
async def reveal_many(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Decrypt up to 100 secrets: one result or error each, in order, one audit event each."""
    Query(request).finish()
    asked = (await _bulk_body.read(request)).secrets
    references = [_reference(item) for item in asked]
    usable = [item for item in references if not isinstance(item, InvalidInput)]
    commands = [RevealSecret(reference=item) for item in usable]
    found = iter(await backend_of(request).run_each(request, commands))
    return json_reply(
        BulkAnswer(
            results=[
                _item(item, item if isinstance(item, InvalidInput) else next(found))
                for item in references
            ]
        )
    )


def _reference(item: int | str) -> Reference | InvalidInput:
    """Read a number as an id and a text as a name; a name that no store can hold is an error."""
    if isinstance(item, int):
        return SecretId(item)
    try:
        return ByName(item)
    except InvalidInput as error:
        return error


def _item(reference: Reference | InvalidInput, got: Revealed | StrongroomError) -> BulkItem:
    """Write out one answer."""
    if isinstance(got, NotFound) and isinstance(reference, ByName):
        got = absent(reference, got)
    if isinstance(got, StrongroomError):
        problem = describe(got)
        return BulkItem(status=problem.status, error=problem)
    return BulkItem(status=200, secret=revealed(got.secret, got.version, got.value))


HANDLERS = [reveal_many]
