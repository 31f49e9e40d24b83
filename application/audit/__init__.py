"""The area of audit: reading the log, proving it, feeding it to others, verifying it."""
