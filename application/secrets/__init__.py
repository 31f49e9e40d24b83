"""Use cases on secrets."""
