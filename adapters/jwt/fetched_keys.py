"""Keys of an issuer at a URL: fetched when needed, kept for a while, never for ever."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

import structlog

from adapters.jwt.issuer_keys import IssuerKeys, KeysAway
from adapters.jwt.key_set import KeySet, read_key_set
from adapters.jwt.strict_json import NotReadable
from adapters.outbound.document import Document
from adapters.outbound.no_answer import NoAnswer
from application.absent import Absent

ASK_AGAIN_SECONDS = 10.0
"""How long an issuer is not asked again, whatever tokens come.

Whoever sends tokens with invented key ids makes the server ask six times a minute, at most.
"""

_log = structlog.get_logger("strongroom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long keys count, in seconds.

    `refresh` is their age at which they are fetched anew before they are used again: a key that
    the issuer removed is not accepted for longer. `keep` is the age up to which they count while
    the issuer does not answer.
    """

    refresh: float
    keep: float


class FetchedKeys(IssuerKeys):
    """Fetches on another thread; nobody waits while a transaction is open."""

    def __init__(
        self,
        document: Document,
        *,
        issuer: str,
        times: Times,
        elsewhere: Executor,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where they are.

        Args:
            document: the set of keys.
            issuer: the name of the issuer, for the log.
            times: how long they count.
            elsewhere: where fetching is done.
            now: a clock that never jumps, in seconds.
        """
        self._document = document
        self._issuer = issuer
        self._times = times
        self._elsewhere = elsewhere
        self._now = now
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._had_at = 0.0
        self._asked_at: float | None = None
        self._failed = False
        self._asking: Future[None] | None = None

    def current(self) -> KeySet:
        """Return the keys that count now.

        Raises:
            KeysAway: the issuer does not answer, and what it answered is too old.
            Absent: they have to be fetched first.
        """
        keys, age = self._keys, self._now() - self._had_at
        if keys is not None and age <= self._times.refresh:
            return keys
        if keys is not None and self._failed and age <= self._times.keep:
            if self._may_ask():
                self._ask()  # nobody waits for an issuer that has not answered before
            return keys
        self.look_again()
        raise KeysAway

    def look_again(self) -> None:
        """Be told that a key is wanted that is not there.

        Raises:
            Absent: the issuer is being asked, or has not been for a while.
        """
        if self._asking is not None or self._may_ask():
            raise Absent(
                "the keys of the issuer have to be fetched",
                what=f"issuer {self._issuer}",
                fetch=self._ask,
            )

    def _may_ask(self) -> bool:
        """Tell whether the last answer, or the lack of one, lies long enough back."""
        return self._asked_at is None or self._now() - self._asked_at >= ASK_AGAIN_SECONDS

    def _ask(self) -> Future[None]:
        """Have the keys fetched: once, however many want them."""
        with self._lock:
            if self._asking is None:
                asking = Future[None]()
                if not self._may_ask():  # somebody else's answer has come meanwhile
                    asking.set_result(None)
                    return asking
                self._asking = asking
                self._elsewhere.submit(self._fetch, asking)
            return self._asking

    def _fetch(self, asking: Future[None]) -> None:
        """Fetch the keys. What was had before is kept when that fails, for as long as it counts."""
        begun = self._now()
        try:
            self._keys = read_key_set(self._document.get())
            self._had_at, self._failed = begun, False
        except (NoAnswer, NotReadable) as error:
            self._failed = True
            _log.warning(
                "keys of an issuer cannot be fetched", issuer=self._issuer, detail=str(error)
            )
        except Exception as error:  # noqa: BLE001  whoever waits must not wait for ever
            self._failed = True
            _log.error("fetching keys failed", issuer=self._issuer, error=type(error).__name__)
        finally:
            with self._lock:
                self._asked_at, self._asking = self._now(), None
            asking.set_result(None)
