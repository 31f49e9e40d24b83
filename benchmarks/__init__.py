"""Measurements beside a plain textbook server, as ratios from one run."""
