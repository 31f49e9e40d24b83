"""Tracing, put together: nothing of it is loaded, or stands anywhere, unless it is asked for."""

from collections.abc import Mapping
from importlib import metadata, util
from urllib.parse import urlsplit

from litestar.types import ASGIApp

from adapters.http.addresses import Addresses, networks
from application.gate import Gate
from domain.errors import StartRefused
from domain.ports.cipher import Cipher
from domain.ports.notifier import Notifier
from domain.ports.storage import Storage
from domain.ports.store_meter import StoreMeter
from entrypoints.settings import Settings

NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")

FLUSH_SECONDS = 3.0
"""How long a stopping worker waits for the collector to take the last spans."""

_SYSTEMS = {"postgres": "postgresql"}


class Untraced:
    """Leaves everything as it is."""

    gate: type[Gate] = Gate
    """The class of the gate that requests go through."""

    def meter(self, meter: StoreMeter) -> StoreMeter:
        """Return what a store counts with."""
        return meter

    def storage(self, storage: Storage) -> Storage:
        """Return the store."""
        return storage

    def ciphers(self, ciphers: Mapping[str, Cipher]) -> Mapping[str, Cipher]:
        """Return the ciphers of values."""
        return ciphers

    def notifiers(self, notifiers: Mapping[str, Notifier]) -> Mapping[str, Notifier]:
        """Return who hands notices over, by receiver."""
        return notifiers

    def app(self, app: ASGIApp) -> ASGIApp:
        """Return the application."""
        return app

    def close(self) -> None:
        """Wait for nothing."""


class Traced(Untraced):
    """Puts steps around the store, the ciphers, the gate, the notifiers and the application."""

    def __init__(self, settings: Settings) -> None:
        """Start what sends spans; in the process that serves, because a fork would end it."""
        from adapters.tracing.exporting import Exporting  # noqa: PLC0415  an extra
        from adapters.tracing.gate import TracedGate  # noqa: PLC0415  the same
        from adapters.tracing.sampling import Sampling  # noqa: PLC0415  the same

        self._exporting = Exporting(
            endpoint=settings.tracing_endpoint,
            service=settings.tracing_service,
            version=metadata.version("strongroom"),
        )
        self._sampling = Sampling(
            settings.tracing_ratio,
            per_second=settings.tracing_per_second,
            followed=networks(settings.tracing_followed),
            addresses=Addresses(networks(settings.trusted_proxies)),
        )
        scheme = settings.store_url.partition(":")[0]
        self._system = _SYSTEMS.get(scheme, scheme)
        self.gate = TracedGate

    def meter(self, meter: StoreMeter) -> StoreMeter:
        """Return what a store counts with, and tells who shared a commit."""
        from adapters.tracing.commits import Commits  # noqa: PLC0415  an extra

        self._commits = Commits(meter)
        return self._commits

    def storage(self, storage: Storage) -> Storage:
        """Return the store, traced; what it counts with was asked for before it was made."""
        from adapters.tracing.storage import TracedStorage  # noqa: PLC0415  an extra

        return TracedStorage(storage, system=self._system, commits=self._commits)

    def ciphers(self, ciphers: Mapping[str, Cipher]) -> Mapping[str, Cipher]:
        """Return the ciphers, traced."""
        from adapters.tracing.ciphers import TracedCiphers  # noqa: PLC0415  an extra

        return TracedCiphers(ciphers)

    def notifiers(self, notifiers: Mapping[str, Notifier]) -> Mapping[str, Notifier]:
        """Return who hands notices over, traced."""
        from adapters.tracing.notifier import TracedNotifier  # noqa: PLC0415  an extra

        return {
            name: TracedNotifier(
                inside, receiver=name, spans=self._exporting.spans, sampling=self._sampling
            )
            for name, inside in notifiers.items()
        }

    def app(self, app: ASGIApp) -> ASGIApp:
        """Return the application, traced."""
        from adapters.tracing.app import TracedApp  # noqa: PLC0415  an extra

        return TracedApp(app, self._exporting.spans, self._sampling)

    def close(self) -> None:
        """Send the last spans."""
        self._exporting.close(FLUSH_SECONDS)


def build_tracing(settings: Settings) -> Untraced:
    """Return what the settings ask for."""
    return Untraced() if settings.tracing == "off" else Traced(settings)


def check_tracing(settings: Settings) -> None:
    """See that traces can be told, before any process serves.

    Raises:
        StartRefused: the extra is not installed, or a setting cannot be.
    """
    if settings.tracing == "off":
        return
    if not all(_is_installed(name) for name in NEEDED):
        raise StartRefused("'tracing' needs the packages of an extra: install strongroom[tracing]")
    try:
        networks(settings.tracing_followed)
    except ValueError:
        raise StartRefused(
            "the setting 'tracing_followed' takes networks such as 10.0.0.0/8, without host bits"
        ) from None
    if settings.tracing_endpoint and not _is_endpoint(settings.tracing_endpoint):
        raise StartRefused(
            "'tracing_endpoint' must be like https://collector:4318/v1/traces, without a user; what"
            " a collector wants to be shown stands in OTEL_EXPORTER_OTLP_HEADERS"
        )


def _is_installed(name: str) -> bool:
    """Tell whether a package is there, without loading it."""
    try:
        return util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _is_endpoint(url: str) -> bool:
    """Tell whether spans can be posted to a URL."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and "@" not in parts.netloc
        )
    except ValueError:
        return False
