"""The examination of a store and its settings: every check by itself, and nothing is changed."""
