"""A notice: something that happened, told to receivers outside. It never holds a value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.audit.encoding import moment
from domain.ports.randomness import Randomness

_ID_BYTES = 16


class Topic(Enum):
    """What a receiver may ask for."""

    ALERTS = "alerts"
    CHANGES = "changes"
    CHECKPOINTS = "checkpoints"


Data = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell.

    `id` is the same for every attempt and every receiver, and no other notice has it, also none of
    another store. `summary` is one line for people, `body` is what programs read.
    """

    id: str
    type: str
    at: datetime
    summary: str
    body: str


def make_notice(
    randomness: Randomness, *, kind: str, at: datetime, summary: str, data: Data
) -> Notice:
    """Return a notice, whose body has the form that Standard Webhooks recommend ("Payload").

    The id has no full stop, because what is signed is put together with full stops.
    """
    body = {"type": kind, "timestamp": moment(at), "summary": summary, "data": dict(data)}
    return Notice(
        id=f"msg_{randomness.token(_ID_BYTES).hex()}",
        type=kind,
        at=at,
        summary=summary,
        body=json.dumps(body, separators=(",", ":"), ensure_ascii=True),
    )
