"""The garbage collector of a server, which has next to nothing to do."""

import contextlib
import gc
from collections.abc import Iterator

YOUNG = 20_000
"""Objects that may come into being before the young ones are looked through."""

MIDDLE = 20
OLD = 50


@contextlib.contextmanager
def passing_over() -> Iterator[None]:
    """Load modules within this: nothing is looked through meanwhile, nor these objects later.

    What modules make stays for as long as the process. Looking for garbage in it, again and again
    while it grows, took an eighth of a start. Nor do the workers, which are forked from this
    process, copy the pages it stands in by looking through them.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settle() -> None:
    """Have the collector pass over all that is loaded, and look at the rest less often.

    What a request leaves behind is freed as it goes: no cycles are made on its way. So looking
    through some hundred thousand objects of libraries again and again finds nothing, and took an
    eighth of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
