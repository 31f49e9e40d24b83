"""Things to store, with a value in every field that is not its default."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from domain.access.action import Action
from domain.audit.event import AuditEvent, Outcome, Subject
from domain.keys.data_key import DataKey, KeyState
from domain.keys.rotation import Rotation
from domain.ports.secret_repository import NewSecret
from domain.ports.storage import Session, Storage
from domain.secrets.listing import Listing
from domain.secrets.secret import Secret
from domain.secrets.summary import SecretSummary

NOW = datetime(2026, 11, 23, 12, 30, 15, 123456, UTC)
DAY = timedelta(days=1)

_uids = count(1)


def new_secret(name: str = "a/name", **changes: Any) -> NewSecret:
    """Return a secret that waits for its id."""
    draft = NewSecret(
        uid=next(_uids).to_bytes(16, "big"),
        name=name,
        description="what it is for",
        tags={"env": "prod", "team": "Zürich 🗝"},
        created_at=NOW,
        expires_at=NOW + 365 * DAY,
        sealed=f"sr1:0000000000000001:fernet:sealed-{name.encode().hex()}",
    )
    return replace(draft, **changes)


def keep(storage: Storage, name: str = "a/name", **changes: Any) -> Secret:
    """Keep a secret, durably."""
    return storage.write(lambda session: add(session, name, **changes)).result()


def replaced(storage: Storage, secret: Secret) -> Secret:
    """Write a secret, durably."""
    return storage.write(lambda session: session.secrets.replace(secret)).result()


def page(storage: Storage, **filters: Any) -> list[Secret]:
    """Return a page."""
    listing = Listing(**filters)
    return list(storage.read(lambda session: session.catalogue.page(listing)).result())


def summaries(storage: Storage, **filters: Any) -> list[SecretSummary]:
    """Return what is told of a page."""
    listing = Listing(**filters)
    return list(storage.read(lambda session: session.catalogue.summaries(listing)).result())


def recorded(storage: Storage, entry: AuditEvent) -> None:
    """Append an event, durably."""
    storage.write(lambda session: session.audit.append(entry)).result()


def add(session: Session, name: str = "a/name", **changes: Any) -> Secret:
    """Keep a secret."""
    return session.secrets.add(new_secret(name, **changes))


def data_key(key_id: str, state: KeyState, *, created_at: datetime = NOW) -> DataKey:
    """Return a data key whose wrapped bytes are not looked at."""
    return DataKey(id=key_id, state=state, created_at=created_at, wrapped=f"rk1:wrapped-{key_id}")


def rotation() -> Rotation:
    """Return a rotation that runs."""
    return Rotation(
        new_key="b" * 16,
        old_keys=("1" * 16, "2" * 16),
        cipher="aes-256-gcm",
        total=10,
        resealed=3,
        started_at=NOW,
        started_by="local",
    )


def event(**changes: Any) -> AuditEvent:
    """Return an event with every field set."""
    full = AuditEvent(
        at=NOW,
        request_id="0123456789abcdef",
        principal="local",
        address="127.0.0.1",
        action=Action.REVEAL,
        outcome=Outcome.FAILED,
        rule="local mode",
        reason="the stored value does not open",
        subject=Subject(
            reference="id 7",
            uid=b"\x00" * 15 + b"\xff",
            name="a/name",
            version=3,
            digest="ab" * 32,
            revision=5,
            facts="cd" * 32,
        ),
    )
    return replace(full, **changes)
