"""Making, proving and restoring backups, and moving between stores."""
