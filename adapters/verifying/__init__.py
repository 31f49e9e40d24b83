"""Checking an exported audit log away from the server that wrote it."""
