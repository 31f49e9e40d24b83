"""A data-key rotation: which keys go, how far it is, and the receipt at its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

RECEIPT_TITLE = "strongroom rotation receipt 1"
"""The first line of a receipt. The form of this number never changes; another gets another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One rotation. It runs until `finished_at` is set, and only one runs at a time.

    `total` is how many values were under the old keys at the start, `resealed` how many have been
    moved so far, and `unreadable` how many do not open and so stay where they are.
    `receipt` is a signed note.
    """

    id: int = 0
    new_key: str
    old_keys: tuple[str, ...]
    cipher: str
    total: int
    resealed: int = 0
    unreadable: int = 0
    started_at: datetime
    started_by: str
    finished_at: datetime | None = None
    receipt: str | None = field(default=None, repr=False)

    @property
    def is_running(self) -> bool:
        """Tell whether values are still to be moved."""
        return self.finished_at is None

    def advanced(self, moved: int) -> "Rotation":
        """Return the rotation after some more values were moved."""
        return replace(self, resealed=self.resealed + moved)

    def finished(self, *, at: datetime, unreadable: int) -> "Rotation":
        """Return the rotation at its end, before its receipt is signed."""
        return replace(self, finished_at=at, unreadable=unreadable)


def receipt_text(rotation: Rotation) -> str:
    """Return what a receipt of a finished rotation says, a line for each fact.

    Values that do not open cannot be moved: the receipt says how many there are, and no old key
    that they need can be destroyed.

    Raises:
        ValueError: the rotation still runs.
    """
    if rotation.finished_at is None:
        raise ValueError("a rotation that runs has no receipt")
    lines: Sequence[tuple[str, object]] = (
        ("rotation", rotation.id),
        ("new key", rotation.new_key),
        ("old keys", " ".join(rotation.old_keys)),
        ("cipher", rotation.cipher),
        ("values re-sealed", rotation.resealed),
        ("values left under the old keys", rotation.unreadable),
        ("started", _moment(rotation.started_at)),
        ("finished", _moment(rotation.finished_at)),
        ("started by", rotation.started_by),
    )
    # Whatever the store holds, and whoever wrote it there: each fact keeps to its line.
    facts = (f"{name}: {_one_line(str(value))}\n" for name, value in lines)
    return "".join([f"{RECEIPT_TITLE}\n", *facts])


def _moment(at: datetime) -> str:
    """Write a moment in UTC (RFC 3339), to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _one_line(text: str) -> str:
    """Write a text so that it cannot look like another line."""
    return text.encode("unicode_escape").decode("ascii")
