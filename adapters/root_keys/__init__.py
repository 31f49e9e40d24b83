"""Keepers of the root key: adapters of the port `RootKey`."""
