"""What a secret is, and what must always hold. Imports the standard library only."""
