"""Calls to other machines; only keepers of root keys have clients of their own."""
