"""The use cases and the background work of webhooks."""
