"""The API, as on SQLite, on a server whose store is in PostgreSQL."""

from tests.e2e.test_bad_input import *  # noqa: F403  every test from there
from tests.e2e.test_secrets_api import *  # noqa: F403  every test from there
