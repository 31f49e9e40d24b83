"""The area of alerts: watching the log and the state, telling, listing, acknowledging."""
