"""The description of the API (OpenAPI 3.1), built from the structs that encode it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import msgspec

from adapters.http import (
    key_structs,
    openapi_access,
    openapi_activity,
    openapi_alerts,
    openapi_audit,
)
from adapters.http import secret_structs as structs
from adapters.http.health import Health
from adapters.http.openapi_parts import Json, Operation, limit, parameter, ref
from adapters.http.problems import Problem
from domain.secrets.listing import DEFAULT_LIMIT, MAX_FILTER_TAGS, MAX_LIMIT, MAX_TEXT
from domain.secrets.name import MAX_LENGTH
from domain.secrets.secret import MAX_ID
from domain.secrets.version import MAX_VERSION

_TYPES: Sequence[Any] = (
    structs.CreateBody,
    structs.UpdateBody,
    structs.BulkBody,
    structs.Metadata,
    structs.Revealed,
    structs.BulkAnswer,
    structs.Version,
    structs.Message,
    key_structs.Keys,
    key_structs.RootKey,
    key_structs.Rotation,
    *openapi_access.TYPES,
    *openapi_activity.TYPES,
    *openapi_audit.TYPES,
    *openapi_alerts.TYPES,
    Problem,
    Health,
)

_ANY_ID = {"type": "integer", "minimum": 1, "maximum": MAX_ID}


_TEXT = {"type": "string", "maxLength": MAX_TEXT}
_FLAG = {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0, "maximum": MAX_ID}

ID = parameter("path", "id", _ANY_ID, "the id of the secret")
NAME = parameter(
    "path",
    "name",
    {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
    "the name of the secret, percent-encoded; slashes may stand as they are, but for the last one"
    " of a name that ends in `/decrypt`, which is sent as `%2F`",
)
NUMBER = parameter(
    "path", "version", {"type": "integer", "minimum": 1, "maximum": MAX_VERSION}, "a version"
)
WHICH = parameter(
    "query", "version", {"type": "integer", "minimum": 1, "maximum": MAX_VERSION},
    "an earlier version instead of the newest",
)  # fmt: skip
KEY = parameter(
    "path", "key", {"type": "string", "pattern": "^[0-9a-f]{16}$"}, "the id of a data key"
)
ROTATION = parameter(
    "path", "rotation", {"type": "integer", "minimum": 1, "maximum": MAX_ID}, "a rotation"
)
IF_MATCH = parameter(
    "header", "If-Match", {"type": "string", "pattern": r'^(\*|"[1-9][0-9]{0,17}")$'},
    "the `ETag` that was read; 412 when the secret has changed since",
)  # fmt: skip
PURGE = parameter("query", "purge", _FLAG, "erase for good instead of using the recycle bin")
FILTERS = (
    parameter("query", "skip", _COUNT, "how many to pass over"),
    limit(default=DEFAULT_LIMIT, most=MAX_LIMIT),
    parameter("query", "after", _COUNT, "only ids above this one (the cursor of `Link`)"),
    parameter("query", "prefix", _TEXT, "only names that begin so"),
    parameter("query", "q", _TEXT, "only where name or description holds this, in any case"),
    parameter(
        "query", "tag", {"type": "array", "maxItems": MAX_FILTER_TAGS, "items": _TEXT},
        "only with this tag, `key` or `key=value`; more than one: all of them", explode=True,
    ),
    parameter("query", "deleted", _FLAG, "what lies in the recycle bin, instead of the living"),
)  # fmt: skip


_LIST = {"type": "array", "items": ref("Metadata")}
_HISTORY = {"type": "array", "items": ref("Version")}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="post", path="/api/secrets", name="createSecret", summary="Create a secret",
        body="CreateBody", answer=ref("Metadata"), problems=(400, 408, 413, 415, 503),
    ),
    Operation(
        method="get", path="/api/secrets", name="listSecrets", parameters=FILTERS, answer=_LIST,
        summary="List secrets, without their values", problems=(400, 503),
    ),
    Operation(
        method="get", path="/api/secrets/{id}", name="readSecret", parameters=(ID,),
        summary="Get a secret by its id, without its value", answer=ref("Metadata"),
        problems=(400, 404, 503),
    ),
    Operation(
        method="get", path="/api/secrets/{id}/decrypt", name="revealSecret",
        parameters=(ID, WHICH), answer=ref("Revealed"), problems=(400, 403, 404, 500, 503),
        summary="Get a secret by its id, with its value",
    ),
    Operation(
        method="get", path="/api/secrets/name/{name}", name="readSecretByName", parameters=(NAME,),
        summary="Get a secret by its name, without its value", answer=ref("Metadata"),
        problems=(400, 404, 503),
    ),
    Operation(
        method="get", path="/api/secrets/name/{name}/decrypt", name="revealSecretByName",
        parameters=(NAME, WHICH), answer=ref("Revealed"), problems=(400, 403, 404, 500, 503),
        summary="Get a secret by its name, with its value",
    ),
    Operation(
        method="post", path="/api/secrets/decrypt", name="revealSecrets", body="BulkBody",
        summary="Decrypt up to 100 secrets by id or name", answer=ref("BulkAnswer"),
        problems=(400, 408, 413, 415, 503),
    ),
    Operation(
        method="put", path="/api/secrets/{id}", name="updateSecret", body="UpdateBody",
        summary="Change a secret in part", parameters=(ID, IF_MATCH), answer=ref("Metadata"),
        problems=(400, 404, 408, 412, 413, 415, 503),
    ),
    Operation(
        method="delete", path="/api/secrets/{id}", name="deleteSecret", parameters=(ID, PURGE),
        summary="Put a secret into the recycle bin, or erase it", answer=ref("Message"),
        problems=(400, 404, 503),
    ),
    Operation(
        method="post", path="/api/secrets/{id}/restore", name="restoreSecret", parameters=(ID,),
        summary="Bring a secret back from the recycle bin", answer=ref("Metadata"),
        problems=(400, 404, 503),
    ),
    Operation(
        method="get", path="/api/secrets/{id}/versions", name="listVersions", parameters=(ID,),
        summary="List the versions of a secret, oldest first", answer=_HISTORY,
        problems=(400, 404, 503), tag="versions",
    ),
    Operation(
        method="post", path="/api/secrets/{id}/versions/{version}/restore", name="restoreVersion",
        summary="Roll a secret back to an earlier value", parameters=(ID, NUMBER),
        answer=ref("Metadata"), problems=(400, 404, 500, 503), tag="versions",
    ),
    Operation(
        method="delete", path="/api/secrets/{id}/versions/{version}", name="destroyVersion",
        summary="Erase one earlier value for good", parameters=(ID, NUMBER),
        answer=ref("Message"), problems=(400, 404, 503), tag="versions",
    ),
    Operation(
        method="get", path="/api/keys", name="listKeys", tag="keys", answer=ref("Keys"),
        summary="List the data keys, the root key and the newest rotation", problems=(400, 503),
    ),
    Operation(
        method="post", path="/api/keys/rotate", name="rotateKey", answer=ref("Rotation"),
        summary="Have a new data key take over", problems=(400, 500, 503), tag="keys",
    ),
    Operation(
        method="post", path="/api/keys/rotate-root", name="rotateRootKey", tag="keys",
        summary="Replace the root key in its place", answer=ref("RootKey"),
        problems=(400, 500, 503),
    ),
    Operation(
        method="get", path="/api/keys/rotations/{rotation}", name="readRotation", tag="keys",
        summary="Get a rotation, with its receipt once it has ended", answer=ref("Rotation"),
        parameters=(ROTATION,), problems=(400, 404, 503),
    ),
    Operation(
        method="delete", path="/api/keys/{key}", name="destroyKey", parameters=(KEY,), tag="keys",
        summary="Destroy a retired data key that no value needs", answer=ref("Message"),
        problems=(400, 404, 503),
    ),
    *openapi_access.OPERATIONS,
    *openapi_activity.OPERATIONS,
    *openapi_audit.OPERATIONS,
    *openapi_alerts.OPERATIONS,
    Operation(
        method="get", path="/health/live", name="live", summary="Tell that the process answers",
        answer=ref("Health"), tag="health",
    ),
    Operation(
        method="get", path="/health/ready", name="ready", answer=ref("Health"), tag="health",
        summary="Tell whether requests can be served",
    ),
)  # fmt: skip


@lru_cache(maxsize=2)
def document(*, guarded: bool = False) -> Json:
    """Return the whole description; in guarded mode with the credentials that it takes."""
    _, schemas = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    schemas["UpdateBody"]["minProperties"] = 1
    schemas["CreateBody"]["oneOf"] = [{"required": ["value"]}, {"required": ["generate"]}]
    schemas["UpdateBody"]["not"] = {"required": ["value", "generate"]}
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(
            operation, guarded=guarded
        )
    written: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Strongroom",
            "version": version("strongroom"),
            "description": "A self-hosted secrets-management server.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": schemas},
    }
    if guarded:
        written["components"]["securitySchemes"] = _SCHEMES
    return written


_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "an API token, or a JWT of an issuer that the settings name",
    },
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def _operation(operation: Operation, *, guarded: bool) -> Json:
    """Write out one operation."""
    written: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": list(operation.parameters),
        "responses": _responses(operation, guarded=guarded),
    }
    if guarded and operation.tag != "health":
        written["security"] = [{"bearer": []}, {"apiKey": []}]
    if operation.body is not None:
        content = {"application/json": {"schema": ref(operation.body)}}
        written["requestBody"] = {"required": True, "content": content}
    return written


def _responses(operation: Operation, *, guarded: bool) -> Json:
    """Write out the answers of an operation."""
    answers: Json = {"200": _content("done", "application/json", operation.answer)}
    if operation.path == "/health/ready":
        answers["503"] = _content("not ready", "application/json", operation.answer)
    general: tuple[int, ...] = () if operation.tag == "health" else (403, 406)
    if guarded and general:
        general = (401, *general)
    for status in sorted({*operation.problems, *general}):
        answers[str(status)] = _content(
            PROBLEMS[status], "application/problem+json", ref("Problem")
        )
    return answers


def _content(text: str, media_type: str, schema: Any) -> Json:
    """Write out one answer."""
    return {"description": text, "content": {media_type: {"schema": schema}}}


PROBLEMS: Mapping[int, str] = {
    400: "a field breaks its rule, or the name is taken",
    401: "no credential, or none that counts",
    403: "not allowed, or the secret has expired",
    404: "not there, or not to be seen by this caller",
    406: "the caller does not accept JSON",
    408: "the body took too long to arrive",
    412: "somebody else changed the secret first",
    413: "the body is too large",
    415: "the body is not application/json",
    429: "too many requests, or too many failed authentications; `Retry-After` has the seconds",
    500: "the stored value does not open",
    503: "the store or the audit log is not available",
}
"""What each status of a problem document means."""
