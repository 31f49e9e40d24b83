"""What a store has of what every store must have, before anything is done to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from domain.errors import Broken, StartRefused
from domain.keys.data_key import DataKey, KeyPurpose
from domain.keys.root_key_record import RootKeyRecord
from domain.keys.vouching import gone_text, inactive, lost, must_be_vouched_for
from domain.ports.storage import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKeys:
    """The keys of a store, and what tells of them."""

    record: RootKeyRecord | None
    keys: Sequence[DataKey]
    has_tag: bool
    has_a_past: bool

    @property
    def missing(self) -> Sequence[KeyPurpose]:
        """Return the purposes that no key is active for."""
        return inactive(self.keys)

    @property
    def is_vouched_for(self) -> bool:
        """Tell whether the tip of the log was vouched for before; then it still must be."""
        return must_be_vouched_for(self.keys)

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing has to be set up."""
        return self.record is not None and not self.missing

    def require_keys(self) -> None:
        """See that there are keys if there were any: bare tokens are taken over only before.

        Raises:
            StartRefused: they are gone.
        """
        if not self.keys and (self.has_a_past or self.record is not None):
            raise StartRefused(
                "the store has been used before but has no data keys; restore the table"
                " 'data_keys' from a backup, nothing was changed"
            )

    def require_whole(self, *, adopts: bool, given_up: Collection[KeyPurpose]) -> None:
        """See that nothing was taken away, and that somebody is there to begin what is new.

        Args:
            adopts: a store of before may be vouched for.
            given_up: what somebody says is lost for good, and may be made anew.

        Raises:
            StartRefused: something was, or nobody is.
        """
        if not self.is_vouched_for:
            self._require_beginning(adopts=adopts)
        gone = lost(self.keys)
        if KeyPurpose.AUDIT in gone:
            raise StartRefused(
                "the key that vouches for the audit log is gone; restore the table 'data_keys'"
                " from a backup, nothing was changed"
            )
        for purpose in gone:
            if purpose not in given_up:
                raise StartRefused(
                    f"{gone_text(purpose)}; restore the table 'data_keys' from a backup, or see"
                    " docs/audit.md for when it is lost for good, nothing was changed"
                )
        for purpose in given_up:
            if purpose not in gone:
                raise StartRefused(f"the key for '{purpose.value}' is not lost")

    def _require_beginning(self, *, adopts: bool) -> None:
        """See that a store that nobody vouches for yet may be begun with."""
        if self.has_tag:
            raise StartRefused(
                "the audit log is vouched for under a key that the store has not; restore the"
                " table 'data_keys' from a backup, nothing was changed"
            )
        if self.keys and not adopts:
            raise StartRefused(
                "no server of this version has started this store yet; start the server first,"
                " nothing was changed"
            )


def look(session: Session) -> FoundKeys:
    """Look at the keys."""
    return FoundKeys(
        record=session.root_keys.current(),
        keys=tuple(session.data_keys.all()),
        has_tag=_has_tag(session),
        has_a_past=bool(session.audit.entries(after=0, limit=1)),
    )


def _has_tag(session: Session) -> bool:
    """Tell whether something is there that may be a tag."""
    try:
        return session.audit_tip.tag() is not None
    except Broken:
        return True
