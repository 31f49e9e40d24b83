"""Signing what others can check."""

from abc import ABC, abstractmethod


class Signer(ABC):
    """Signs texts with the key that a data key of the purpose `sign` is derived into."""

    @abstractmethod
    def sign(self, text: str, *, key_id: str) -> str:
        """Return the text as a signed note (C2SP signed-note). It must end with a line end.

        Raises:
            KeyUnavailable: the data key is not at hand.
            ValueError: the text is not one that can be signed.
        """

    @abstractmethod
    def verifier(self, key_id: str) -> str:
        """Return the verifier key (C2SP signed-note), which may be published.

        Raises:
            KeyUnavailable: the data key is not at hand.
        """


class NoteReader(ABC):
    """Reads signed notes, and believes nobody."""

    @abstractmethod
    def read(self, note: str, *, verifier: str) -> str:
        """Return the text of a note that the owner of the verifier key signed.

        Raises:
            Broken: the note or the key is malformed, or the note is not signed with it.
        """
