"""Who may call how often: by address, by credential, and less after failed authentication."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from adapters.http.addresses import neighbourhood
from adapters.http.refusals import HttpRefusal
from adapters.rate_limits.memory import MemoryWindows
from adapters.rate_limits.windows import Rate, Windows

Headers = Mapping[bytes, bytes]

CredentialOf = Callable[[Headers], str | None]
"""Returns what stands for the credential of a request, `None` where it shows none."""

Limits = tuple[tuple[Rate, bool], ...]

UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The limits."""

    address: Rate
    credential: Rate
    failures: Rate
    """Failed authentications from one address."""
    repeats: Rate
    """Failed authentications with one and the same credential."""


class LimitReached(HttpRefusal):
    """There were too many requests; `limit` is the name of the limit that says so."""

    def __init__(self, rate: Rate, wait: int) -> None:
        """Say how long to wait, in seconds.

        The fields are those of draft-ietf-httpapi-ratelimit-headers-10.
        """
        fields = (
            (b"retry-after", b"%d" % wait),
            (
                b"ratelimit-policy",
                b'"%s";q=%d;w=%d' % (rate.name.encode(), rate.amount, rate.seconds),
            ),
            (b"ratelimit", b'"%s";r=0;t=%d' % (rate.name.encode(), wait)),
        )
        super().__init__(429, f"too many requests, try again in {wait} seconds", fields)
        self.limit = rate.name


class RateLimits:
    """Counts each request once for its address and once for its credential."""

    def __init__(self, rates: Rates, windows: Windows, credential_of: CredentialOf) -> None:
        """Take the limits, what counts, and what tells credentials apart."""
        self._rates = rates
        self._windows = windows
        self._credential_of = credential_of
        # What is asked for each request, and whether that counts; where there is a limit at all.
        self._of_address = _limited((rates.address, True), (rates.failures, False))
        self._of_credential = _limited((rates.credential, True), (rates.repeats, False))

    async def admit(self, address: str, headers: Headers) -> None:
        """Count a request.

        Raises:
            LimitReached: there were too many; 429 with the time to wait.
        """
        await self._ask(self._of_address, neighbourhood(address))
        shown = self._credential_of(headers)
        if shown is not None:
            await self._ask(self._of_credential, shown)

    async def _ask(self, limits: Limits, key: str) -> None:
        """Refuse when a window is full; windows in this process answer at once."""
        windows = self._windows
        for rate, counts in limits:
            if isinstance(windows, MemoryWindows):
                wait = windows.look(rate, key, count=counts)
            elif counts:
                wait = await windows.take(rate, key)
            else:
                wait = await windows.full_for(rate, key)
            _check(rate, wait)

    async def answered(self, status: int, address: str, headers: Headers) -> None:
        """Count a failed authentication.

        One credential counts only so often for its address: a program that keeps on trying with a
        token that has expired must not lock out whatever else lives behind the same address.
        """
        if status != UNAUTHORIZED or not self._rates.failures:
            return
        await self._windows.take(self._rates.failures, neighbourhood(address))
        shown = self._credential_of(headers)
        if shown is not None and self._rates.repeats:
            await self._windows.take(self._rates.repeats, shown)


def presented(headers: Headers) -> str | None:
    """Return the hash of what a request shows as its credential, before anybody has checked it."""
    shown = (
        headers.get(b"authorization") or headers.get(b"x-api-key") or headers.get(b"client-cert")
    )
    return None if shown is None else blake2b(shown, digest_size=16).hexdigest()


def nobody(_headers: Headers) -> str | None:
    """Tell nobody apart: in local mode there are no credentials."""
    return None


def _limited(*asked: tuple[Rate, bool]) -> Limits:
    """Return what there is a limit for."""
    return tuple((rate, counts) for rate, counts in asked if rate)


def _check(rate: Rate, wait: int) -> None:
    """Refuse when the window is full."""
    if wait:
        raise LimitReached(rate, wait)
