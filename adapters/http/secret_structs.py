"""The JSON of the area of secrets."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from adapters.http.problems import Problem
from domain.secrets import generation, name, secret
from domain.secrets.secret import Secret
from domain.secrets.summary import SecretSummary
from domain.secrets.value import SecretValue
from domain.secrets.version import SecretVersion

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=name.MAX_LENGTH,
        description="printable, NFC, case-sensitive, `/` for folders",
    ),
]
Description = Annotated[str, Meta(max_length=secret.MAX_DESCRIPTION)]
TagKey = Annotated[str, Meta(min_length=1, max_length=secret.MAX_TAG_KEY)]
TagValue = Annotated[str, Meta(max_length=secret.MAX_TAG_VALUE)]
Tags = Annotated[dict[TagKey, TagValue], Meta(max_length=secret.MAX_TAGS)]
Expiry = Annotated[datetime, Meta(tz=True, description="RFC 3339 with a zone, in the future")]
Value = Annotated[str, Meta(min_length=1, description="up to 64 KiB of UTF-8 (a setting)")]
MAX_BULK = 100


class Generate(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A value to be made up by the server."""

    length: Annotated[
        int, Meta(ge=generation.MIN_LENGTH, le=generation.MAX_LENGTH, description="characters")
    ] = generation.DEFAULT_LENGTH
    alphabet: Annotated[
        str,
        Meta(pattern=f"^({'|'.join(generation.ALPHABETS)})$", description="a named alphabet"),
    ] = generation.DEFAULT_ALPHABET


class CreateBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What creates a secret: `value`, or `generate` instead of it."""

    name: Name
    value: Value | UnsetType = UNSET
    generate: Generate | UnsetType = UNSET
    description: Description | None = None
    tags: Tags | None = None
    expires_at: Expiry | None = None

    def __repr__(self) -> str:
        """Show nothing of the value."""
        return "CreateBody(redacted)"


class UpdateBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What changes a secret: absent means unchanged, `null` clears what may be empty."""

    name: Name | UnsetType = UNSET
    value: Value | UnsetType = UNSET
    generate: Generate | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    tags: Tags | UnsetType | None = UNSET
    expires_at: Expiry | UnsetType | None = UNSET

    def __repr__(self) -> str:
        """Show nothing of the value."""
        return "UpdateBody(redacted)"


class BulkBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The secrets to decrypt together: numbers are ids, texts are names."""

    secrets: Annotated[
        list[Annotated[int, Meta(ge=1, le=secret.MAX_ID)] | Name],
        Meta(min_length=1, max_length=MAX_BULK),
    ]


class Metadata(msgspec.Struct, kw_only=True):
    """What is known of a secret, without its value."""

    id: int
    name: str
    description: str | None
    tags: dict[str, str]
    version: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    last_read_at: datetime | None


class Revealed(Metadata, kw_only=True):
    """A secret with its value."""

    value: str

    def __repr__(self) -> str:
        """Show nothing of the value."""
        return "Revealed(redacted)"


class BulkItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One answer of many: the secret with its value, or why there is none."""

    status: int
    secret: Revealed | None = None
    error: Problem | None = None


class BulkAnswer(msgspec.Struct, kw_only=True):
    """The answers, in the order of the question."""

    results: list[BulkItem]


class Version(msgspec.Struct, kw_only=True):
    """One version in the history of a secret."""

    version: int
    created_at: datetime
    destroyed_at: datetime | None
    newest: bool


class Message(msgspec.Struct, kw_only=True):
    """A confirmation."""

    message: str


def metadata(of: Secret | SecretSummary) -> Metadata:
    """Write out what is known of a secret."""
    return Metadata(
        id=of.id,
        name=of.name,
        description=of.description,
        tags=dict(of.tags),
        version=of.version,
        created_at=of.created_at,
        updated_at=of.updated_at,
        expires_at=of.expires_at,
        last_read_at=of.last_read_at,
    )


def revealed(of: Secret, number: int, value: SecretValue) -> Revealed:
    """Write out a secret with the value of one of its versions."""
    return Revealed(
        id=of.id,
        name=of.name,
        description=of.description,
        tags=dict(of.tags),
        version=number,
        created_at=of.created_at,
        updated_at=of.updated_at,
        expires_at=of.expires_at,
        last_read_at=of.last_read_at,
        value=value.reveal(),
    )


def version(of: SecretVersion, *, newest: bool) -> Version:
    """Write out one version."""
    return Version(
        version=of.version, created_at=of.created_at, destroyed_at=of.destroyed_at, newest=newest
    )
