"""Telling what requests did, step by step: OpenTelemetry around the ports, never inside.

Nothing of this stands on the way of a request unless `tracing` is set.
"""
