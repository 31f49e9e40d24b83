"""The garbage collector of a worker, which has next to nothing to do."""

import gc

YOUNG = 20_000
"""Objects that may come into being before the young ones are looked through."""

MIDDLE = 20
OLD = 50


def settle() -> None:
    """Have the collector pass over all that is loaded, and look at the rest less often.

    What a request leaves behind is freed as it goes: no cycles are made on its way. So looking
    through some hundred thousand objects of libraries again and again finds nothing, and took an
    eighth of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
