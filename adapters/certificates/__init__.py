"""Certificates of clients as an identity: an adapter of the port `Verifier`."""
