"""The document's examples, as on SQLite, on a server whose store is in PostgreSQL."""

from tests.e2e.test_document import (  # noqa: F401  some tests from there
    test_the_curl_examples_give_what_the_document_promises,
    test_the_python_client_reads_back_what_it_stored,
    test_what_was_stored_is_there_after_a_restart,
)
