"""What the root key does to data keys."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.keys.data_key import DataKey, KeyPurpose
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.root_key import RootKey


class KeyWrapper(ABC):
    """Wraps data keys under the root key of one generation. Its calls may be slow."""

    @property
    @abstractmethod
    def generation(self) -> int:
        """Return the generation of the root key at hand; what it wraps belongs to no other.

        Read it before minting: another thread may renew the root key at any moment, and what was
        wrapped before must not pass for the newer generation's.
        """

    @abstractmethod
    def renew(self, record: RootKeyRecord | None, keys: Sequence[DataKey]) -> None:
        """Load the root key that fits these keys, and hold all of them.

        Args:
            record: what the store knows of its root key; `None` when it is to be the first.
            keys: every data key in the store, of the same snapshot.

        Raises:
            WrongRootKey: the root key does not open one of them; what was held before is kept.
            RootKeyUnavailable: the keeper of the root key does not answer.
        """

    @abstractmethod
    def mint(self, purpose: KeyPurpose) -> DataKey:
        """Make a new active data key, wrapped, and hold it.

        It is unwrapped again before it is returned, so that nothing is sealed under a key that
        does not come back.

        Raises:
            WrongRootKey: what was wrapped does not unwrap to the same key.
            RootKeyUnavailable: the keeper of the root key does not answer.
        """

    @abstractmethod
    def rewrap(self, keys: Sequence[DataKey], root_key: RootKey | None = None) -> Sequence[DataKey]:
        """Return the keys, which are held, wrapped under another root key, or the one at hand.

        Each is unwrapped again before it is returned, so that nothing is replaced by what does
        not open. Destroyed keys come back as they are.

        Raises:
            WrongRootKey: what was wrapped does not unwrap to the same key.
            RootKeyMoved: one of them is not held any more, because it was destroyed meanwhile.
            RootKeyUnavailable: the keeper of the root key does not answer.
        """
