"""Reading checkpoints of this log, whoever kept them."""

from collections.abc import Iterable, Iterator, Sequence

from domain.audit.checkpoint import Checkpoint, Claim, parse_checkpoint
from domain.audit.finding import Finding
from domain.errors import Broken, KeyUnavailable
from domain.keys.data_key import KeyPurpose, KeyState
from domain.ports.signer import NoteReader, Signer
from domain.ports.storage import Session

BATCH = 1000


class CheckCheckpoints:
    """Verifies signatures with the keys of the log, and collects what was signed."""

    def __init__(self, *, session: Session, signer: Signer, notes: NoteReader) -> None:
        """Take the keys that there are."""
        self._session = session
        self._notes = notes
        self._verifiers = dict(_verifiers(session, signer))
        self.claims: list[Claim] = []

    def stored(self) -> Iterator[Finding]:
        """Go through the checkpoints of the store."""
        size = 0
        while page := self._session.checkpoints.after(size, limit=BATCH):
            for checkpoint in page:
                if not self._fits(checkpoint):
                    yield Finding(
                        entry=checkpoint.size,
                        text=f"the stored checkpoint of {checkpoint.size} entries is not signed"
                        " with a key of this log, or says something else",
                    )
            size = page[-1].size

    def outside(self, notes: Iterable[str]) -> Iterator[Finding]:
        """Go through checkpoints that were kept elsewhere."""
        for place, note in enumerate(notes, 1):
            if self._claim(note) is None:
                yield Finding(
                    text=f"checkpoint {place} of those from outside is not signed with a key of"
                    " this log"
                )

    def _fits(self, checkpoint: Checkpoint) -> bool:
        """Tell whether the note of a stored checkpoint says what stands beside it."""
        claim = self._claim(checkpoint.note)
        return claim is not None and (claim.size, claim.root) == (checkpoint.size, checkpoint.root)

    def _claim(self, note: str) -> Claim | None:
        """Return what a note says, if one of our keys has signed it under its own name."""
        origin = note.partition("\n")[0]
        try:
            claim = parse_checkpoint(
                self._notes.read(note, verifier=self._verifiers.get(origin, ""))
            )
        except Broken:
            return None
        self.claims.append(claim)
        return claim


def _verifiers(session: Session, signer: Signer) -> Sequence[tuple[str, str]]:
    """Return the verifier keys of the log by the names that they sign under."""
    found = []
    for key in session.data_keys.all():
        if key.purpose is KeyPurpose.SIGN and key.state is not KeyState.DESTROYED:
            try:
                verifier = signer.verifier(key.id)
            except KeyUnavailable:
                continue
            found.append((verifier.partition("+")[0], verifier))
    return found
