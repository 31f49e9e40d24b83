"""A plain backend, written from the same description of the API in the usual textbook way.

It makes the folders that Strongroom takes over, and is the reference that benchmarks are
measured beside. It shares no code with Strongroom.
"""
