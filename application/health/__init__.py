"""Examining a store. Nothing here is a use case of a caller, and nothing writes.

It does not go through the gate: who examines a store does so with the rights of its operator, who
holds its files and its root key anyhow, and a store that no server starts on could not record it.
"""
