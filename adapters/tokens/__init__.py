"""Recognising tokens: adapters of the port `TokenHasher`."""
