"""Looking at checkpoints."""

from dataclasses import dataclass

from application.use_case import Done, UseCase
from domain.access.action import Action
from domain.audit.checkpoint import Checkpoint
from domain.audit.event import Subject
from domain.errors import NotFound
from domain.ports.signer import Signer
from domain.ports.storage import Session
from domain.secrets.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCheckpoint:
    """Ask for the newest checkpoint, or for the first that covers `size` entries."""

    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint and the key that checks it."""

    checkpoint: Checkpoint
    verifier: str


class ReadCheckpointUseCase(UseCase[ReadCheckpoint, SignedCheckpoint]):
    """Returns a checkpoint that was made; it makes none."""

    action = Action.READ_CHECKPOINT
    changes = False

    def __init__(self, *, signer: Signer) -> None:
        """Take what knows the verifier key."""
        self._signer = signer

    def locate(self, command: ReadCheckpoint, session: Session) -> None:
        """Find nothing: the log is no secret of a name."""

    def perform(
        self, command: ReadCheckpoint, secret: Secret | None, session: Session
    ) -> Done[SignedCheckpoint]:
        """Return it.

        Raises:
            NotFound: there is none yet.
        """
        checkpoint = session.checkpoints.newest()
        if command.size is not None:
            checkpoint = next(iter(session.checkpoints.after(command.size - 1, limit=1)), None)
        if checkpoint is None:
            raise NotFound("checkpoint yet; ask again after the next one")
        signed = SignedCheckpoint(
            checkpoint=checkpoint, verifier=self._signer.verifier(checkpoint.key_id)
        )
        return Done(result=signed, subject=Subject(reference=f"{checkpoint.size} entries"))
