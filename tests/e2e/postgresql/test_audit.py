"""The audit log, as on SQLite, with the store in PostgreSQL."""

from tests.e2e.test_audit import (  # noqa: F401  some tests from there, and their server
    served,
    test_entries_are_found_by_what_they_are_about,
    test_pages_follow_each_other,
    test_the_store_verifies_beside_the_server_that_has_it,
)
