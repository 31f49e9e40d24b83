"""The machine itself: its clock and its source of chance."""
