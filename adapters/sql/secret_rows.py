"""How a secret stands in its row."""

import msgspec

from adapters.sql.prepared import Columns
from adapters.sql.tables import secrets
from domain.secrets.listing import search_text
from domain.secrets.secret import NO_TAGS, Secret
from domain.secrets.summary import SecretSummary

_columns = secrets.c

COLUMNS = (
    _columns.id,
    _columns.uid,
    _columns.name,
    _columns.description,
    _columns.tags,
    _columns.version,
    _columns.revision,
    _columns.created_at,
    _columns.updated_at,
    _columns.value_set_at,
    _columns.expires_at,
    _columns.last_read_at,
    _columns.deleted_at,
    _columns.encrypted_value,
)
"""What is read, in the order of the fields of `Secret`."""

CHANGEABLE = (
    "name", "description", "encrypted_value", "updated_at", "tags", "search_text", "version",
    "value_set_at", "expires_at", "deleted_at",
)  # fmt: skip
"""What a change may touch, as `to_row` writes it out."""

SUMMARY = (
    _columns.id,
    _columns.name,
    _columns.description,
    _columns.tags,
    _columns.version,
    _columns.created_at,
    _columns.updated_at,
    _columns.expires_at,
    _columns.last_read_at,
)
"""What is read for a list, in the order of the fields of `SecretSummary`."""

_decode_tags = msgspec.json.Decoder(dict[str, str]).decode
_encode_tags = msgspec.json.Encoder(order="sorted").encode


def to_secret(row: Columns) -> Secret:
    """Read a secret out of a row of `COLUMNS`."""
    (
        id_, uid, name, description, tags, version, revision, created_at, updated_at,
        value_set_at, expires_at, last_read_at, deleted_at, sealed,
    ) = row  # fmt: skip
    return Secret(
        id=id_,
        uid=uid,
        name=name,
        description=description,
        tags=NO_TAGS if tags == "{}" else _decode_tags(tags),
        version=version,
        revision=revision,
        created_at=created_at,
        updated_at=updated_at,
        value_set_at=value_set_at,
        expires_at=expires_at,
        last_read_at=last_read_at,
        deleted_at=deleted_at,
        sealed=sealed,
    )


def to_summary(row: Columns) -> SecretSummary:
    """Read what is told of a secret out of a row of `SUMMARY`."""
    id_, name, description, tags, *rest = row
    return SecretSummary(
        id_, name, description, NO_TAGS if tags == "{}" else _decode_tags(tags), *rest
    )


def to_row(secret: Secret) -> dict[str, object]:
    """Write out everything of a secret that a change may touch."""
    return {
        "name": secret.name,
        "description": secret.description,
        "encrypted_value": secret.sealed,
        "updated_at": secret.updated_at,
        "tags": _encode_tags(dict(secret.tags)).decode(),
        "search_text": search_text(secret.name, secret.description),
        "version": secret.version,
        "value_set_at": secret.value_set_at,
        "expires_at": secret.expires_at,
        "deleted_at": secret.deleted_at,
    }
