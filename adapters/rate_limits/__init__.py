"""Counting requests in moving windows, in this process or for all servers together."""
