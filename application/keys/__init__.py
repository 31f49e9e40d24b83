"""Use cases on keys."""
