"""Contract kits: subclass one in your tests, give its fixture, and your adapter is certified.

Needs the extra `strongroom[testing]`.
"""
