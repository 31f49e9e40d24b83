"""What the inside needs from the outside: one abstract class a file."""
