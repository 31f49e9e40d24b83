"""Where backups lie, what seals them, and where they are tried."""
