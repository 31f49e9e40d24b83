"""The shape that every use case has, so that the gate can run any of them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from domain.access.action import Action
from domain.access.rights import Rights
from domain.audit.event import Subject
from domain.errors import NotFound
from domain.ports.storage import Session
from domain.secrets.reference import Reference
from domain.secrets.secret import Secret

C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[R]):
    """What a use case hands back: the result for the caller, the subject for the audit log."""

    result: R
    subject: Subject


class UseCase(ABC, Generic[C, R]):
    """One thing that a caller can do.

    `action` is what the policy decides on. `changes` tells whether it needs a write transaction.
    """

    action: ClassVar[Action]
    changes: ClassVar[bool]

    @abstractmethod
    def locate(self, command: C, session: Session) -> Secret | None:
        """Find the secret that the command is about, or return `None` when it is about none.

        Raises:
            NotFound: it names one that is not there.
        """

    def looks_for(self, command: C) -> Sequence[Reference]:
        """Return the secrets that `locate` will look for, as far as the command alone tells.

        That is a hint to the store, which may find those of many callers at once.
        """
        del command
        return ()

    def names(self, command: C, secret: Secret | None) -> tuple[str, ...]:
        """Return every name that the action touches; the policy must allow all of them."""
        del command
        return () if secret is None else (secret.name,)

    def needs(self, command: C, secret: Secret | None) -> tuple[tuple[Action, str], ...]:
        """Return what the policy must allow besides, each an action on a name."""
        del command, secret
        return ()

    def reference(self, command: C) -> str:
        """Return how the command names its secret, for an entry about a failed attempt."""
        return str(getattr(command, "reference", ""))

    def version(self, command: C, secret: Secret) -> int:
        """Return the version that the command is about, for an entry about a failed attempt."""
        asked: int | None = getattr(command, "version", None)
        return secret.version if asked is None else asked

    @abstractmethod
    def perform(self, command: C, secret: Secret | None, session: Session) -> Done[R]:
        """Do it. The policy has allowed it on this secret."""

    def perform_for(
        self, rights: Rights, command: C, secret: Secret | None, session: Session
    ) -> Done[R]:
        """Do it for a caller. Most use cases do the same for whoever may."""
        del rights
        return self.perform(command, secret, session)

    def size(self, result: R) -> int:
        """Return how much room a result takes in an answer to many commands, in bytes.

        Most take next to none.
        """
        del result
        return 0

    def note(self, done: Done[R], session: Session) -> None:
        """Write down what the reading left behind, in the transaction of its audit entry."""


class RightsUseCase(UseCase[C, R]):
    """One about no single secret, whose outcome depends on the rights of the caller."""

    def locate(self, command: C, session: Session) -> None:
        """Find nothing: it is about no single secret."""

    @abstractmethod
    def perform_for(
        self, rights: Rights, command: C, secret: Secret | None, session: Session
    ) -> Done[R]:
        """Do it for a caller. The policy has allowed the action."""

    def perform(self, command: C, secret: Secret | None, session: Session) -> Done[R]:
        """Refuse: without a caller there is no outcome.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"{type(self).__name__} is performed for a caller")


def found(secret: Secret | None) -> Secret:
    """Return the secret.

    Raises:
        NotFound: there is none.
    """
    if secret is None:
        raise NotFound
    return secret
