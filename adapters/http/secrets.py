"""The routes of secrets: each parses, runs one command, and maps what comes back."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, delete, get, post, put
from litestar.params import FromPath

from adapters.http.backend import backend_of
from adapters.http.bodies import JsonBody
from adapters.http.heads import refuse_head
from adapters.http.preconditions import expected_revision
from adapters.http.queries import Query
from adapters.http.references import absent, named_call, secret_id
from adapters.http.replies import Reply, etag, json_reply
from adapters.http.secret_commands import creation, update
from adapters.http.secret_structs import CreateBody, Message, UpdateBody, metadata, revealed
from application.secrets.delete_secret import DeleteSecret
from application.secrets.list_secrets import ListSecrets
from application.secrets.purge_secret import PurgeSecret
from application.secrets.read_secret import ReadSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.reveal_secret import RevealSecret
from domain.errors import NotFound
from domain.secrets.listing import DEFAULT_LIMIT, Listing, TagFilter

AnyRequest = Request[Any, Any, Any]

_create_body = JsonBody(CreateBody)
_update_body = JsonBody(UpdateBody)


@post("/api/secrets", status_code=200)
async def create_secret(request: AnyRequest) -> Reply:
    """Create a secret."""
    backend = backend_of(request)
    Query(request).finish()
    command = creation(await _create_body.read(request), max_bytes=backend.max_value_bytes)
    created = await backend.run(request, command)
    return json_reply(metadata(created), headers=etag(created))


@get("/api/secrets")
async def list_secrets(request: AnyRequest) -> Reply:
    """List secrets, without their values."""
    query = Query(request)
    listing = Listing(
        skip=query.number("skip") or 0,
        limit=_default(query.number("limit"), DEFAULT_LIMIT),
        after=query.number("after") or 0,
        prefix=query.text("prefix") or "",
        query=query.text("q") or "",
        tags=tuple(TagFilter.parse(text) for text in query.many("tag")),
        deleted=query.flag("deleted") or False,
    )
    query.finish()
    backend = backend_of(request)
    # A search looks through every secret there is, which others must not wait for.
    run = backend.run_apart if listing.query or listing.tags else backend.run
    page = await run(request, ListSecrets(listing=listing))
    more = len(page) == listing.limit
    return json_reply(
        [metadata(secret) for secret in page],
        headers={"link": f'<{_next(listing, page[-1].id)}>; rel="next"'} if more else {},
    )


@get("/api/secrets/{reference:str}")
async def read_secret(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """Get a secret by its id, without its value."""
    Query(request).finish()
    secret = await backend_of(request).run(request, ReadSecret(reference=secret_id(reference)))
    return json_reply(metadata(secret), headers=etag(secret))


@get("/api/secrets/{reference:str}/decrypt")
async def reveal_secret(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """Get a secret by its id, with its value."""
    refuse_head(request.scope)
    query = Query(request)
    command = RevealSecret(reference=secret_id(reference), version=query.number("version"))
    query.finish()
    got = await backend_of(request).run(request, command)
    return json_reply(revealed(got.secret, got.version, got.value), headers=etag(got.secret))


@get("/api/secrets/name/{name:path}")
async def read_or_reveal_by_name(request: AnyRequest, name: FromPath[str]) -> Reply:
    """Get a secret by its name; with its value when the path ends in a literal `/decrypt`."""
    del name  # decoded and normalised; the name as it was sent is what counts
    query = Query(request)
    call = named_call(request)
    try:
        if not call.reveals:
            query.finish()
            secret = await backend_of(request).run(request, ReadSecret(reference=call.reference))
            return json_reply(metadata(secret), headers=etag(secret))
        refuse_head(request.scope)
        command = RevealSecret(reference=call.reference, version=query.number("version"))
        query.finish()
        got = await backend_of(request).run(request, command)
    except NotFound as error:
        raise absent(call.reference, error) from None
    return json_reply(revealed(got.secret, got.version, got.value), headers=etag(got.secret))


@put("/api/secrets/{reference:str}")
async def update_secret(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """Change a secret in part."""
    backend = backend_of(request)
    Query(request).finish()
    command = update(
        secret_id(reference),
        await _update_body.read(request),
        revision=expected_revision(request),
        max_bytes=backend.max_value_bytes,
    )
    secret = await backend.run(request, command)
    return json_reply(metadata(secret), headers=etag(secret))


@delete("/api/secrets/{reference:str}", status_code=200)
async def delete_secret(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """Put a secret into the recycle bin, or erase it for good with `purge=true`."""
    query = Query(request)
    purge = query.flag("purge")
    query.finish()
    target = secret_id(reference)
    command = PurgeSecret(reference=target) if purge else DeleteSecret(reference=target)
    await backend_of(request).run(request, command)
    return json_reply(Message(message="secret erased for good" if purge else "secret deleted"))


@post("/api/secrets/{reference:str}/restore", status_code=200)
async def restore_secret(request: AnyRequest, reference: FromPath[str]) -> Reply:
    """Bring a secret back from the recycle bin."""
    Query(request).finish()
    secret = await backend_of(request).run(request, RestoreSecret(reference=secret_id(reference)))
    return json_reply(metadata(secret), headers=etag(secret))


def _default(given: int | None, otherwise: int) -> int:
    """Return what was given; zero is given too."""
    return otherwise if given is None else given


def _next(listing: Listing, after: int) -> str:
    """Return the address of the next page: the same filters behind the last id of this one."""
    fields: list[tuple[str, object]] = [("limit", listing.limit), ("after", after)]
    fields += [
        (name, text) for name, text in (("prefix", listing.prefix), ("q", listing.query)) if text
    ]
    for tag in listing.tags:
        fields.append(("tag", tag.key if tag.value is None else f"{tag.key}={tag.value}"))
    if listing.deleted:
        fields.append(("deleted", "true"))
    return f"/api/secrets?{urlencode(fields)}"


HANDLERS = [
    create_secret,
    list_secrets,
    read_secret,
    reveal_secret,
    read_or_reveal_by_name,
    update_secret,
    delete_secret,
    restore_secret,
]
