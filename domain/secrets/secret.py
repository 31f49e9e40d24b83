"""The secret itself, with everything about it except its value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from domain.errors import InvalidInput
from domain.text import has_invisible, has_lone_surrogate

BIN_DAYS = 30
"""How long a deleted secret can be brought back, in days."""

MAX_ID = 2**63 - 1
"""The largest id that the column holds (a signed 64-bit integer)."""

MAX_DESCRIPTION = 4096
"""Characters of a description."""

MAX_TAGS = 50
MAX_TAG_KEY = 64
MAX_TAG_VALUE = 256

NO_TAGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One secret as it is stored. Times are aware and in UTC.

    `uid` is random, permanent and never reused: sealed values are bound to it, not to the id or
    the name. `version` counts values, `revision` counts changes of any kind.
    `sealed` is the stored form of the newest value.
    `name` is a plain text because a store taken over may hold names that today's rule refuses.
    """

    id: int
    uid: bytes
    name: str
    description: str | None
    tags: Mapping[str, str]
    version: int
    revision: int
    created_at: datetime
    updated_at: datetime
    value_set_at: datetime
    expires_at: datetime | None
    last_read_at: datetime | None
    deleted_at: datetime | None
    sealed: str = field(repr=False)

    def is_expired(self, now: datetime) -> bool:
        """Tell whether the value may no longer be read at `now`."""
        return self.expires_at is not None and self.expires_at <= now

    def is_recoverable(self, now: datetime) -> bool:
        """Tell whether the secret lies in the recycle bin and may be brought back at `now`."""
        return self.deleted_at is not None and now < self.deleted_at + timedelta(days=BIN_DAYS)


def accept_description(text: str | None) -> str | None:
    """Take a description that a caller sent.

    Raises:
        InvalidInput: it is too long, holds NUL, or is not valid Unicode.
    """
    if text is None:
        return None
    if len(text) > MAX_DESCRIPTION:
        raise InvalidInput("description", f"must not be longer than {MAX_DESCRIPTION} characters")
    if has_lone_surrogate(text) or "\x00" in text:
        raise InvalidInput("description", "must be valid Unicode without NUL")
    return text


def accept_tags(tags: Mapping[str, str] | None) -> Mapping[str, str]:
    """Take tags that a caller sent, and keep a copy that cannot change.

    Raises:
        InvalidInput: too many, or one key or value breaks its bound.
    """
    if not tags:
        return NO_TAGS
    if len(tags) > MAX_TAGS:
        raise InvalidInput("tags", f"must not be more than {MAX_TAGS}")
    for key, value in tags.items():
        accept_tag(key, value)
    return MappingProxyType(dict(tags))


def accept_tag(key: str, value: str) -> None:
    """Check one tag.

    Raises:
        InvalidInput: the key is empty, holds `=` or is too long, or the value is too long, or
            one of them is not printable.
    """
    if not 1 <= len(key) <= MAX_TAG_KEY or "=" in key:
        raise InvalidInput("tags", f"a key must have 1 to {MAX_TAG_KEY} characters and no '='")
    if len(value) > MAX_TAG_VALUE:
        raise InvalidInput("tags", f"a value must not be longer than {MAX_TAG_VALUE} characters")
    if any(has_lone_surrogate(text) or has_invisible(text) for text in (key, value)):
        raise InvalidInput("tags", "must not contain control or invisible characters")


def accept_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    """Take an expiry that a caller sent, and return it in UTC.

    Raises:
        InvalidInput: it has no zone, or does not lie in the future, or is no moment in UTC.
    """
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise InvalidInput("expires_at", "must have a time zone, for example a trailing 'Z'")
    if expires_at <= now:
        raise InvalidInput("expires_at", "must lie in the future")
    try:
        return expires_at.astimezone(UTC)
    except OverflowError:
        raise InvalidInput("expires_at", "must lie before the year 10000 in UTC") from None
