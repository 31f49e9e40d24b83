"""What the system does: one use case a module. Imports `domain` and the standard library only."""
