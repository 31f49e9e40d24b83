"""The place that the settings name: what stands there, making it ready, and opening it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.keys.data_key import DataKey
from domain.keys.root_key_record import RootKeyRecord
from domain.ports.storage import Storage
from domain.ports.store_meter import StoreMeter


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """What the settings say to every store; one that has no use for it passes it over.

    Options are only ever added, with a default. What concerns one store alone stands in its URL.
    """

    busy_timeout: float = 5.0
    """How long a change waits for other processes that change the same store, in seconds."""

    pool_size: int = 4
    """Connections to a database server that each process has for readings; one more changes."""

    pool_recycle: float = 1800.0
    """The age at which a connection is replaced by a new one, in seconds; 0 for never."""

    connect_timeout: float = 5.0
    """How long it may take to reach a database server, in seconds."""

    statement_timeout: float = 30.0
    """How long one statement may take on a database server, in seconds; 0 for any time."""

    prepares: bool = True
    """Whether a database server keeps prepared statements for a connection."""

    meter: StoreMeter | None = None
    """What is told of every transaction that changes the store, if anything is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """What stands in a store before anything touches it.

    `revision` is the form of what is kept, and `newest` the form that this version works with.
    The revision is `None` where nothing is kept yet. `keys` are the data keys that were not
    destroyed, and `root_key` is what is known of the key that wraps them. `sample` has some values
    of an earlier backend, which are bare tokens, and none of ours: they may be large.
    """

    revision: str | None
    newest: str
    of_earlier_backend: bool = False
    has_secrets: bool = False
    keys: Sequence[DataKey] = ()
    root_key: RootKeyRecord | None = None
    sample: Sequence[str] = field(default=(), repr=False)

    @property
    def is_current(self) -> bool:
        """Tell whether nothing has to be upgraded before the store is opened."""
        return self.revision == self.newest


class Store(ABC):
    """A store around its units of work. Making one of these touches nothing, and connects nowhere.

    Every process makes its own from the same URL.
    """

    @property
    @abstractmethod
    def is_shared(self) -> bool:
        """Tell whether several processes may have it open at once.

        One that may not must itself refuse to be opened a second time.
        """

    @abstractmethod
    def inspect(self) -> StoreState:
        """Look at what stands there, and change nothing, also while a server has it open.

        Raises:
            StartRefused: it cannot be read, or is not ours, or comes from a newer version.
        """

    @abstractmethod
    def upgrade(self) -> str | None:
        """Bring it to the newest form, whole or not at all, and take others' rights to it away.

        Called only after the root key was seen to fit. Several processes may call it at once.

        Returns:
            What the copy is called that was made of the form before, or `None` when nothing had
            to be changed, nothing was there, or copies are not the store's business.

        Raises:
            StartRefused: it cannot be upgraded now; it is as it was.
        """

    @abstractmethod
    def open(self) -> Storage:
        """Open what `upgrade` has made ready.

        Raises:
            StartRefused: it is not shared, and another process has it.
            StorageUnavailable: it cannot be opened now.
        """

    @abstractmethod
    def checks(self) -> Mapping[str, Callable[[], None]]:
        """Return what readiness looks at, by name: each raises when it is not as it must be.

        One of them, `schema`, fails while the form is not the newest.
        That changes are taken and become durable need not be among them: it is tried anyhow.
        """
