"""The area of access: who calls, what they want to do, and what is decided."""
