"""What the settings must not ask for together, beyond what each of them may be."""

import ipaddress

from adapters.loopback import is_loopback
from application.backups.filling import copy_of
from domain.errors import StartRefused
from domain.ports.store import Store
from entrypoints.settings import Settings

MAX_PORT = 65535


def check(settings: Settings) -> None:
    """Refuse what would open the secrets to a network.

    Raises:
        StartRefused: the settings ask for it.
    """
    if not settings.is_guarded and not is_loopback(settings.host):
        raise StartRefused(
            "in local mode, which asks for no credentials, the host must be a loopback address"
            " such as 127.0.0.1; set auth = 'required' to listen on others"
        )
    address = metrics_address(settings)
    if address is not None and not settings.is_guarded and not is_loopback(address[0]):
        raise StartRefused(
            "in local mode 'metrics_listen' must be a loopback address such as 127.0.0.1:9464"
        )
    _check_client_certs(settings)


def metrics_address(settings: Settings) -> tuple[str, int] | None:
    """Return the host and the port of the metrics, or `None` when they have none of their own.

    Raises:
        StartRefused: the setting is no address.
    """
    if not settings.metrics_listen:
        return None
    host, _, port = settings.metrics_listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
        number = int(port) if port.isascii() and port.isdecimal() else 0
    except ValueError:
        number = 0
    if not 1 <= number <= MAX_PORT:
        raise StartRefused(
            "'metrics_listen' must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464"
        )
    if number == settings.port:
        raise StartRefused("'metrics_listen' must have another port than the API")
    return "127.0.0.1" if host == "localhost" else host, number


def _check_client_certs(settings: Settings) -> None:
    """Refuse half of what makes a certificate of a client an identity."""
    if not settings.client_cert_header:
        if settings.client_cert_ca:
            raise StartRefused("'client_cert_ca' is for 'client_cert_header', which is not set")
        return
    missing = {
        "auth = 'required'": settings.is_guarded,
        "'trusted_proxies'": settings.trusted_proxies,
        "'client_cert_ca'": settings.client_cert_ca,
    }
    for what, there in missing.items():
        if not there:
            raise StartRefused(f"'client_cert_header' needs {what} as well")


def check_workers(store: Store, settings: Settings) -> None:
    """Refuse more processes than the store can serve.

    Raises:
        StartRefused: the settings ask for more.
    """
    if settings.workers > 1 and not store.is_shared:
        raise StartRefused(
            "the store that 'database_url' names is for one process only; set 'workers' to 1,"
            " or choose another store"
        )


def check_backups(store: Store, settings: Settings) -> None:
    """Refuse a schedule of backups of a store that cannot be copied.

    Raises:
        StartRefused: the settings ask for it.
    """
    if settings.backup_every_hours:
        copy_of(store)
