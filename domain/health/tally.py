"""Counting what is wrong with values and names, of which only ids are told."""

from collections.abc import Iterator
from enum import Enum

from domain.health.finding import Finding, Level

SHOWN = 50
"""Ids that one finding lists, so that memory and the line stay bounded."""

_ANEW = "store the value anew with PUT /api/secrets/ID, or erase the secret"


class Fault(Enum):
    """What can be wrong with one value or name: the check, the level, the words, the mend."""

    SEAL_BROKEN = (
        "values", Level.ERROR, "values that do not open: damaged, or put in another's place",
        f"restore them from a backup, or {_ANEW}",
    )  # fmt: skip
    BARE_TOKEN = (
        "values", Level.ERROR, "bare tokens of an earlier backend that were never taken over",
        _ANEW,
    )  # fmt: skip
    UNKNOWN_FORMAT = (
        "values", Level.ERROR, "values in no format that this version knows",
        f"start the version that wrote them, or {_ANEW}",
    )  # fmt: skip
    UNKNOWN_CIPHER = (
        "values", Level.ERROR, "values of a cipher that no installed package offers",
        "install the package again; 'strongroom plugins' lists what there is",
    )  # fmt: skip
    KEY_GONE = (
        "values", Level.ERROR, "values whose data key is not in the store, destroyed, or shut",
        f"restore the table 'data_keys' from a backup, or {_ANEW}",
    )  # fmt: skip
    EMPTY = (
        "values", Level.NOTE, "empty values, which an earlier backend took",
        "nothing has to be done; 'PUT /api/secrets/ID' stores another",
    )  # fmt: skip
    NAME_REFUSED = (
        "names", Level.NOTE, "names that today's rule refuses, taken over as they were",
        "reachable by id; rename with PUT /api/secrets/ID when it suits",
    )  # fmt: skip


class Tally:
    """How often each fault was met, and where first."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: dict[Fault, int] = {}
        self._first: dict[Fault, list[str]] = {}

    def add(self, fault: Fault, secret_id: int, version: int | None = None) -> None:
        """Count one; `version` for a value that is not the newest of its secret."""
        self._counts[fault] = self._counts.get(fault, 0) + 1
        first = self._first.setdefault(fault, [])
        if len(first) < SHOWN:
            first.append(f"{secret_id}" if version is None else f"{secret_id} (version {version})")

    def findings(self) -> Iterator[Finding]:
        """Say what was met, one finding for each fault."""
        for fault, count in self._counts.items():
            check, level, words, mend = fault.value
            ids = ", ".join(self._first[fault])
            more = f" and {count - SHOWN} more" if count > SHOWN else ""
            yield Finding(
                check=check, level=level, finding=f"{words}: {count}, at ids {ids}{more}", mend=mend
            )
