"""Calls to other machines that the operator's settings name."""
