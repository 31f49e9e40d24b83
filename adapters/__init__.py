"""How the inside meets the world: one folder per port or protocol."""
