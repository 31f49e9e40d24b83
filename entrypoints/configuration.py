"""Reading the settings: defaults, then `strongroom.toml`, then the environment, then flags."""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from adapters.http.addresses import networks
from domain.errors import StartRefused
from entrypoints import issuer_settings
from entrypoints.faults import fault_of
from entrypoints.receiver_settings import ReceiverSettings
from entrypoints.settings import SECRET_SETTINGS, Settings

PREFIX = "STRONGROOM_"
REDIS = ("redis://", "rediss://")
DEFAULT_FILE = Path("strongroom.toml")

NO_SETTINGS = frozenset({"ADDR", "CA", "CLIENT_CERT", "TOKEN", "TOKEN_FILE", "CONFIG"})
"""Names with our prefix that are no settings: those of clients, and the settings file."""

_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}
_JSON = frozenset({"receivers", "issuers"})
"""Settings that are written as JSON in the environment."""
_LISTS = {name for name, field in _FIELDS.items() if field.type == tuple[str, ...]}


def load(environment: Mapping[str, str], flags: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings.

    Args:
        environment: usually `os.environ`.
        flags: what the command line gives; `None` values are passed over.

    Raises:
        StartRefused: a name is unknown, a value is not what it may be, or a file is not there.
    """
    values = _from_file(environment)
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    root_key = (
        given.get("root_key") or environment.get(f"{PREFIX}ROOT_KEY") or values.get("root_key")
    )
    values |= _from_environment(environment, passed_over=names_of_root_key(root_key))
    values |= given
    settings = _convert(values)
    _check(settings)
    return settings


def names_of_root_key(root_key: object) -> frozenset[str]:
    """Return the variables that hold the root key itself when the setting is `env:NAME`.

    They may begin as settings do, but what is the name of a setting stays one.
    """
    if not isinstance(root_key, str) or not root_key.startswith("env:"):
        return frozenset()
    name = root_key.removeprefix("env:")
    if name.removeprefix(PREFIX).lower() in _FIELDS:
        return frozenset()
    return frozenset({name, f"{name}_FILE"})


def shown(settings: Settings) -> dict[str, Any]:
    """Return the settings for people to read, with passwords masked."""
    plain: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=str)
    for name in SECRET_SETTINGS - _JSON:
        plain[name] = _masked(plain[name])
    for receiver in plain["receivers"]:
        receiver["url"] = f"{receiver['url'].partition(':')[0]}:***"
        receiver["secret"] = "***" if receiver["secret"] else ""
    return plain


def _from_file(environment: Mapping[str, str]) -> dict[str, Any]:
    """Read `strongroom.toml`, or the file that `STRONGROOM_CONFIG` names."""
    named = environment.get(f"{PREFIX}CONFIG")
    path = Path(named) if named else DEFAULT_FILE
    if not named and not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StartRefused(f"the settings file {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartRefused(f"the settings file {path} is not valid TOML: {error}") from None
    for name in values:
        if name not in _FIELDS:
            raise StartRefused(f"{path} has an unknown setting '{name}'; {_known()}")
    return values


def _from_environment(
    environment: Mapping[str, str], *, passed_over: Collection[str] = ()
) -> dict[str, Any]:
    """Read `STRONGROOM_*`, and `STRONGROOM_*_FILE` for what may hold a password."""
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or name in NO_SETTINGS or variable in passed_over:
            continue
        field, value = name.lower(), text
        if field.removesuffix("_file") in SECRET_SETTINGS and field not in _FIELDS:
            field, value = field.removesuffix("_file"), _read_secret(variable, Path(text))
        if field not in _FIELDS:
            raise StartRefused(f"{variable} is no setting; {_known()}")
        if field in values:
            raise StartRefused(f"{PREFIX}{field.upper()} is given twice, directly and as a file")
        values[field] = _parsed(variable, field, value)
    return values


def _read_secret(variable: str, path: Path) -> str:
    """Read a setting out of a file of its own."""
    try:
        return path.read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StartRefused(f"the file that {variable} names cannot be read") from error


def _parsed(variable: str, field: str, text: str) -> object:
    """Read what a variable holds."""
    if field in _JSON:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise StartRefused(f"{variable} is not valid JSON") from None
    return _split(text) if field in _LISTS else text


def _split(text: str) -> list[str]:
    """Read a list out of one text."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _convert(values: dict[str, Any]) -> Settings:
    """Turn texts and numbers into settings."""
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        # The library's words may repeat what was given, and that may be a password.
        place = str(error).rpartition("$.")[2].rstrip("`") if "$." in str(error) else ""
        name = place.partition("[")[0]
        if name == "issuers":
            raise issuer_settings.explain(values[name]) from None
        if name == "receivers":
            raise _explained_receivers(values[name]) from None
        hint = _allowed(name)
        raise StartRefused(f"the setting '{name}' has a value that it may not have{hint}") from None


def _explained_receivers(given: object) -> StartRefused:
    """Say which key of which receiver is wrong."""
    if isinstance(given, list):
        for number, table in enumerate(given, 1):
            fault = fault_of(f"receivers[{number}]", ReceiverSettings, table)
            if fault is not None:
                return StartRefused(fault)
    return StartRefused("the setting 'receivers' takes a list of tables, each [[receivers]]")


def _decode(kind: type, value: object) -> object:
    """Read a path."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError


def _check(settings: Settings) -> None:
    """Refuse what the types alone cannot see."""
    issuer_settings.check(settings.issuers)
    for origin in settings.cors_origins:
        parts = urlsplit(origin)
        if (
            parts.scheme not in {"http", "https"}
            or urlunsplit(parts) != f"{parts.scheme}://{parts.netloc}"
        ):
            raise StartRefused(
                "the setting 'cors_origins' takes origins such as http://localhost:3000"
            )

    if settings.backup_every_hours and not settings.backup_place:
        raise StartRefused("the setting 'backup_every_hours' needs 'backup_place'")
    if settings.backup_every_hours and not settings.backup_unencrypted:
        _check_recipients(settings)
    for name in ("trusted_proxies", "webhook_networks"):
        try:
            networks(getattr(settings, name))
        except ValueError:
            raise StartRefused(
                f"the setting '{name}' takes networks such as 10.0.0.0/8, without host bits"
            ) from None
    if settings.rate_limit_url and not settings.rate_limit_url.startswith(REDIS):
        raise StartRefused("the setting 'rate_limit_url' takes a URL such as redis://host:6379/0")


def _check_recipients(settings: Settings) -> None:
    """See that backups can be sealed, before the first one is due."""
    # Loaded here, so that what makes no backups need not wait for it.
    from adapters.backups.age import AgeSealer  # noqa: PLC0415

    AgeSealer(settings.backup_recipients)


def _allowed(name: str) -> str:
    """Say what a setting may be, where that is known."""
    field = _FIELDS.get(name)
    if field is None or field.type is Path:
        return ""
    schema = msgspec.json.schema(field.type)
    if "enum" in schema:
        return f"; it is one of {', '.join(schema['enum'])}"
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS if key in schema]
    return f"; it is a number {' and '.join(bounds)}" if bounds else ""


_BOUNDS = (("minimum", "of at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"))


def _known() -> str:
    """Name all settings."""
    return f"known are {', '.join(sorted(_FIELDS))}"


def _masked(url: str) -> str:
    """Hide the password of a URL, wherever it stands: libpq takes one among the parameters, too."""
    parts = urlsplit(url)
    if "@" in url and not url.partition(":")[2].startswith("/"):
        return f"{parts.scheme}:***"  # written wrongly, so nobody knows which part is which
    if parts.password:
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))
    return _PASSWORD.sub(r"\1***", url)


_PASSWORD = re.compile(r"([?&][^=&]*(?:pass|%)[^=&]*=)[^&]*", re.IGNORECASE)
"""A password among the parameters; one whose name is percent-encoded might be one."""
