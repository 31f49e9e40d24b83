"""The rate limits that the settings ask for."""

from importlib.util import find_spec

from adapters.http.rate_limits import RateLimits, Rates, nobody, presented
from adapters.rate_limits.memory import MemoryWindows
from adapters.rate_limits.windows import Rate, Windows
from domain.errors import StartRefused
from entrypoints.settings import Settings

WINDOW_SECONDS = 10
MINUTE = 60

REPEATS = 30
"""Failed authentications per minute with one credential, before it is no longer looked at."""


def check_rate_limits(settings: Settings) -> None:
    """See that what they need is installed.

    Raises:
        StartRefused: it is not.
    """
    if settings.rate_limit_url and find_spec("redis") is None:
        raise StartRefused("'rate_limit_url' needs the extra: pip install 'strongroom[redis]'")


def build_rate_limits(settings: Settings) -> RateLimits:
    """Return the limits of this process."""
    local = settings.auth == "local"
    failures = 0 if local else settings.rate_limit_failures
    rates = Rates(
        address=Rate("address", settings.rate_limit_per_address * WINDOW_SECONDS, WINDOW_SECONDS),
        credential=Rate(
            "credential", settings.rate_limit_per_credential * WINDOW_SECONDS, WINDOW_SECONDS
        ),
        failures=Rate("failures", failures, MINUTE),
        repeats=Rate("repeats", min(REPEATS, failures), MINUTE),
    )
    return RateLimits(rates, _windows(settings), nobody if local else presented)


def _windows(settings: Settings) -> Windows:
    """Return what counts; the library of the shared one is loaded only when it is asked for."""
    if not settings.rate_limit_url:
        return MemoryWindows()
    from adapters.rate_limits.shared import SharedWindows  # noqa: PLC0415

    return SharedWindows(settings.rate_limit_url)
