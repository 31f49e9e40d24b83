"""Seeing that there is a store to work on."""

from domain.errors import StartRefused
from domain.ports.store import Store, StoreState


def standing(store: Store) -> StoreState:
    """Return what stands in a store that is there, in the newest form.

    Raises:
        StartRefused: there is none, or it is of an older form; or what the store raises itself.
    """
    state = store.inspect()
    if state.revision is None:
        raise StartRefused(
            "there is no store here; see that 'data_dir' and 'database_url' name the one you mean"
        )
    if not state.is_current:
        raise StartRefused("the tables are not at the newest revision; run 'strongroom db upgrade'")
    return state
