"""The settings: what there is, what it means, and what it may be.

A flat list with a docstring for each, which is why the file is long.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.secrets.value import MAX_BYTES, MAX_BYTES_CEILING
from entrypoints.issuer_settings import Issuer
from entrypoints.receiver_settings import ReceiverSettings

Positive = Annotated[float, Meta(gt=0)]

DATABASE_FILE = "secrets.db"
KEY_FILE = "secret.key"
"""What lies in the data folder unless the settings say otherwise."""


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Every setting. In the environment a name stands in upper case behind `STRONGROOM_`."""

    data_dir: Path = Path("data")
    """The folder of the database and the key file."""

    database_url: str = ""
    """Where the store is, `sqlite:///path`, `postgresql://…`, or a URL with the scheme of another
    installed adapter; empty means `secrets.db` in the data folder."""

    database_pool_size: Annotated[int, Meta(ge=1, le=1000)] = 4
    """Connections to a database server that each worker has for readings; one more changes."""

    database_recycle_seconds: Annotated[float, Meta(ge=0)] = 1800.0
    """The age at which a connection is replaced by a new one; 0 for never."""

    database_connect_timeout_seconds: Annotated[float, Meta(ge=2)] = 5.0
    """How long it may take to reach the database server."""

    database_statement_timeout_seconds: Annotated[float, Meta(ge=0)] = 30.0
    """How long one statement may take on a database server; 0 for any time."""

    database_prepared_statements: bool = True
    """Whether a database server prepares statements; false behind a pool that cannot keep them."""

    root_key: str = ""
    """Where the root key is, `file:path` or a URI with the scheme of another installed adapter;
    empty means `secret.key` in the data folder."""

    auth: Literal["local", "required"] = "local"
    """`local`: no credentials, this machine's own programs only. `required`: credentials."""

    issuers: dict[str, Issuer] = {}
    """Who signs tokens for workloads: a table `[issuers.NAME]` each; in the environment a JSON
    object of such objects (docs/workload-identity.md)."""

    cipher: str = "fernet"
    """The cipher of new values, by the name of an installed adapter; old ones keep opening."""

    rotation_share: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """The share of its time that the re-sealing of a rotation works; it rests otherwise, but never
    longer than ten seconds at a time."""

    rotate_data_key_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    """The age at which the data key is rotated, in days; 0 means only when asked."""

    rotate_root_key_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    """The age at which the root key is replaced in its place, in days; 0 means only when asked."""

    audit_checkpoint_seconds: Annotated[float, Meta(ge=1)] = 300.0
    """How often what the audit log is gets signed, if it has grown, in seconds."""

    audit_checkpoint_file: str = ""
    """A file that every checkpoint is appended to, best on another machine's disk; empty for
    none."""

    audit_file: str = ""
    """A file that every entry of the audit log is appended to, as a line of JSON; empty for
    none."""

    audit_file_max_bytes: Annotated[int, Meta(ge=0)] = 100 * 1024 * 1024
    """The size at which `audit_file` is put aside under a number; 0 for never. Nothing is
    deleted."""

    audit_stdout: bool = False
    """Whether every entry of the audit log is printed on standard output."""

    audit_syslog: str = ""
    """A system log that gets every entry: `unix:/dev/log`, `udp:127.0.0.1:514`,
    `tcp:127.0.0.1:601`; empty for none."""

    audit_retention_days: Annotated[int, Meta(ge=0, le=36500)] = 0
    """The age at which entries of the audit log are erased, in days; 0 for never. Their hashes and
    all checkpoints stay."""

    receivers: tuple[ReceiverSettings, ...] = ()
    """Who is told of alerts, changes and checkpoints; `docs/webhooks.md`."""

    webhook_networks: tuple[str, ...] = ()
    """Networks that notices may be sent into although they are not the public internet, such as
    `10.20.0.0/16`; in the environment with commas."""

    webhook_ca: str = ""
    """A file of the issuers, in PEM form, whose certificates receivers may show; empty for those of
    the system."""

    webhook_timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """How long a receiver may take for a notice."""

    webhook_give_up_hours: Annotated[float, Meta(gt=0, le=8760)] = 72.0
    """The age of a notice at which an attempt that fails is the last one."""

    backup_place: str = ""
    """Where backups go: `file:/folder`, `s3://bucket/path`, `gs://…`, `az://…`, or a URI with the
    scheme of another installed adapter; empty for nowhere."""

    backup_recipients: tuple[str, ...] = ()
    """Whom backups are sealed for, such as `age1…`; in the environment separated by commas."""

    backup_unencrypted: bool = False
    """Whether backups are written without being sealed. Values are sealed in any case; names,
    descriptions and the audit log can then be read by whoever has the file."""

    backup_every_hours: Annotated[int, Meta(ge=0, le=8760)] = 0
    """How often the server makes a backup by itself, in hours; 0 for never."""

    backup_keep_last: Annotated[int, Meta(ge=0, le=100_000)] = 7
    """How many of the newest backups are kept. What none of these four rules keeps is erased after
    the next backup; with four zeros nothing is."""

    backup_keep_daily: Annotated[int, Meta(ge=0, le=100_000)] = 7
    """For how many days the newest backup of each is kept."""

    backup_keep_weekly: Annotated[int, Meta(ge=0, le=100_000)] = 5
    """For how many weeks the newest backup of each is kept."""

    backup_keep_monthly: Annotated[int, Meta(ge=0, le=100_000)] = 12
    """For how many months the newest backup of each is kept."""

    backup_scratch_dir: str = ""
    """The folder in which each backup is restored to prove it, with room for the whole store;
    empty means `scratch` in the data folder."""

    alert_reads: Annotated[int, Meta(ge=0)] = 1000
    """Values that one caller reads within the window before it is an alert; 0 for never."""

    alert_denials: Annotated[int, Meta(ge=0)] = 20
    """Denied calls of one caller, or of one address with no known credential, within the window
    before it is an alert; 0 for never."""

    alert_window_minutes: Annotated[int, Meta(ge=1, le=1440)] = 10
    """The window in which reads and denials are counted."""

    alert_quiet_minutes: Annotated[int, Meta(ge=1, le=525600)] = 60
    """For how long the same is not told again."""

    alert_first_reads: bool = True
    """Whether a known caller's first read of a secret that others read for long is an alert."""

    alert_unusual_hours: bool = True
    """Whether a known caller's read at an hour at which it never read is an alert."""

    alert_learning_days: Annotated[int, Meta(ge=0, le=3650)] = 14
    """How long a caller must have been reading, and a secret must have been read, to be known."""

    alert_decoys: bool = True
    """Whether it is an alert when a decoy is touched."""

    alert_expiry_days: Annotated[int, Meta(ge=0, le=3650)] = 7
    """How long before a secret expires it is an alert; 0 for never."""

    alert_secret_days: Annotated[int, Meta(ge=0, le=36500)] = 0
    """The age of a value at which it is an alert that it was not changed; 0 for never."""

    alert_key_days: Annotated[int, Meta(ge=0, le=36500)] = 400
    """The age of the data key or the root key at which it is an alert; 0 for never."""

    alert_token_expiry_days: Annotated[int, Meta(ge=0, le=3650)] = 7
    """How long before a token expires it is an alert; 0 for never."""

    alert_token_unused_days: Annotated[int, Meta(ge=0, le=36500)] = 90
    """For how long a token that counts must not have been used to be an alert; 0 for never."""

    alert_backup_hours: Annotated[int, Meta(ge=0, le=87600)] = 0
    """The age of the newest backup at which it is an alert; 0 for twice `backup_every_hours`."""

    alert_disk_percent: Annotated[int, Meta(ge=0, le=100)] = 90
    """How full the disk of the data folder must be to be an alert; 0 for never."""

    alert_verify_hours: Annotated[int, Meta(ge=0, le=8760)] = 24
    """How often the audit log is verified, with an alert when it does not; 0 for never."""

    alert_examine_seconds: Annotated[float, Meta(ge=1)] = 300.0
    """How often dates, ages and the disk are looked at."""

    activity_days: Annotated[int, Meta(ge=0, le=36500)] = 400
    """For how many days it is kept how often each secret was read, changed and refused, by day and
    principal; 0 for ever. It outlives the entries of the audit log that it was counted from. The
    alerts forget callers who read nothing for as long."""

    host: str = "127.0.0.1"
    """The address to listen on; in local mode it must be a loopback address. It is one: `localhost`
    is 127.0.0.1, without ::1."""

    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    """The port to listen on."""

    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    """Server processes."""

    tls: Literal["files", "self-signed"] = "files"
    """`files`: https with the two files below, or http when none is named. `self-signed`: a
    certificate for trying out, made in the data folder."""

    tls_cert: str = ""
    """The file of the certificate, followed by those of its issuers, in PEM form."""

    tls_key: str = ""
    """The file of its key, in PEM form, not encrypted and closed to others."""

    tls_client_ca: str = ""
    """The file of the issuers whose certificates clients must show; empty means none is asked."""

    client_cert_header: bool = False
    """Whether the certificate that a client has shown to one of `trusted_proxies` says who calls:
    the header `Client-Cert` of RFC 9440, with `auth = "required"`."""

    client_cert_ca: str = ""
    """The file of the issuers of such certificates, in PEM form."""

    tls_min_version: Literal["1.2", "1.3"] = "1.2"
    """The least version of TLS; the newest that a client speaks is taken in any case."""

    rate_limit_per_address: Annotated[int, Meta(ge=0, le=1_000_000)] = 5_000
    """Requests per second from one address, over ten seconds; 0 means no limit. What is meant is a
    runaway program, not an ordinary one."""

    rate_limit_per_credential: Annotated[int, Meta(ge=0, le=1_000_000)] = 2_000
    """The same with one credential."""

    rate_limit_failures: Annotated[int, Meta(ge=0, le=1_000_000)] = 300
    """Failed authentications per minute from one address; 0 means no limit."""

    rate_limit_url: str = ""
    """Where all servers count together: `redis://…` or `rediss://…`, which Valkey speaks too;
    empty means that each worker counts for itself."""

    trusted_proxies: tuple[str, ...] = ()
    """Networks of proxies whose `X-Forwarded-For` counts; in the environment with commas."""

    cors_origins: tuple[str, ...] = ("http://localhost:3000",)
    """Origins of browser pages that may call; in the environment separated by commas."""

    max_value_bytes: Annotated[int, Meta(ge=1, le=MAX_BYTES_CEILING)] = MAX_BYTES
    """The longest value that is accepted, in bytes of UTF-8."""

    busy_timeout_seconds: Positive = 5.0
    """How long a write waits for another process that writes to the same store."""

    header_timeout_seconds: Positive = 10.0
    """How long a client may take to send the head of a request."""

    max_head_bytes: Annotated[int, Meta(ge=16 * 1024, le=1024 * 1024)] = 64 * 1024
    """How much of the head of a request the server reads ahead and holds, in bytes."""

    body_timeout_seconds: Positive = 30.0
    """How long a client may take to send the body of a request."""

    max_connections: Annotated[int, Meta(ge=1, le=1_000_000)] = 20_000
    """Connections that one worker takes on at a time; more wait in the system's queue.
    Fewer when the system allows fewer open files."""

    drain_seconds: Annotated[float, Meta(ge=0, le=600)] = 0.0
    """How long a server that is told to stop goes on with a 503 from `/health/ready`, so that
    whoever sends it requests sees that and stops; 0 for not at all."""

    not_found_seconds: Annotated[float, Meta(ge=0, le=5)] = 0.02
    """How long the answer takes at least, with `auth = "required"`, that a secret is not there: so
    the time does not tell apart one that is hidden from the caller."""

    shutdown_seconds: Annotated[int, Meta(ge=1, le=600)] = 20
    """How long a stopping server may take to finish what it has accepted."""

    metrics_listen: str = ""
    """An address and a port, such as `127.0.0.1:9464`, where `/metrics` is answered to everybody
    who reaches it, besides `/metrics` of the API, which needs a token; empty for none."""

    tracing: Literal["off", "otlp"] = "off"
    """`otlp`: tell a collector of OpenTelemetry what requests did, step by step; the extra
    `tracing` must be installed (docs/tracing.md)."""

    tracing_endpoint: str = ""
    """The URL that spans are posted to, such as `https://collector:4318/v1/traces`; empty for what
    `OTEL_EXPORTER_OTLP_ENDPOINT` says, or port 4318 of this machine."""

    tracing_ratio: Annotated[float, Meta(ge=0, le=1)] = 0.01
    """The share of requests that is told of, drawn by lot."""

    tracing_per_second: Annotated[float, Meta(ge=0)] = 10.0
    """How many of those that are drawn each worker tells of in a second, at most; 0 for all."""

    tracing_followed: tuple[str, ...] = ()
    """Networks of callers whose own decision counts instead, where they send a `traceparent`; in
    the environment with commas."""

    tracing_service: str = ""
    """What the service is called in traces; empty for what `OTEL_SERVICE_NAME` says, or
    `strongroom`."""

    log_format: Literal["auto", "text", "json"] = "auto"
    """`auto`: text on a terminal, JSON otherwise."""

    log_requests: Literal["all", "failures", "none"] = "failures"
    """Which requests get a line in the log.

    The audit log has every action on a secret in any case, but not what never became one: a
    malformed body, an unknown address, a foreign origin.
    """

    @property
    def is_guarded(self) -> bool:
        """Tell whether every call needs a credential."""
        return self.auth == "required"

    @property
    def store_url(self) -> str:
        """Return where the store is."""
        return self.database_url or f"sqlite:///{self.data_dir / DATABASE_FILE}"

    @property
    def root_key_uri(self) -> str:
        """Return where the root key is."""
        return self.root_key or f"file:{self.data_dir / KEY_FILE}"

    @property
    def scratch_dir(self) -> Path:
        """Return where backups are tried."""
        return Path(self.backup_scratch_dir or self.data_dir / "scratch")


SECRET_SETTINGS = frozenset({"database_url", "rate_limit_url", "receivers"})
"""Settings that may hold a password: masked when shown, and readable from `…_FILE`."""
