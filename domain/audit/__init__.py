"""The area of audit: what is remembered of every call."""
