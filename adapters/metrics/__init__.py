"""Figures for operators, in the form of Prometheus."""
