"""What can be known of a connection to PostgreSQL before it is made."""

import pytest

from adapters.sql.postgresql_address import Address

VARIABLES = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLMODE")


@pytest.mark.parametrize(
    ("url", "environment", "local", "encrypted"),
    [
        ("postgresql:///db", {}, True, False),
        ("postgresql:///db", {"PGHOST": "/run/postgresql"}, True, False),
        ("postgresql:///db", {"PGHOST": "db.example.org"}, False, False),
        ("postgresql:///db", {"PGHOSTADDR": "192.0.2.7"}, False, False),
        ("postgresql://127.0.0.1/db", {"PGHOST": "db.example.org"}, True, False),
        ("postgresql:///db", {"PGHOST": "h", "PGSSLMODE": "verify-full"}, False, True),
        ("postgresql://h/db?sslmode=prefer", {"PGSSLMODE": "verify-full"}, False, False),
        ("postgresql:///db?service=prod", {}, False, False),
        ("postgresql:///?service=prod&sslmode=verify-full", {}, False, True),
        ("postgresql:///?service=prod", {"PGSSLMODE": "verify-full"}, False, False),
        ("postgresql://localhost/?service=prod", {}, True, False),
        ("postgresql:///db", {"PGSERVICE": "prod"}, False, False),
    ],
)
def test_what_the_url_does_not_say_may_come_from_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    environment: dict[str, str],
    local: bool,
    encrypted: bool,
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    address = Address.parse(url)
    assert (address.is_local, address.is_encrypted) == (local, encrypted)


def test_hosts_that_a_service_names_may_be_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSERVICE", raising=False)
    parts = Address.parse("postgresql:///?service=prod").parts
    assert parts["target_session_attrs"] == "read-write"
