"""What a backup is: its stream, its name, and which ones are kept."""
