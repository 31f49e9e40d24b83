"""The first administrator, made at the store itself."""

from application.access.first_administrator import MakeFirstAdministrator
from application.access.mint_token import Minted
from domain.access.built_in import ADMINISTRATOR
from domain.access.credential import Credential
from domain.ports.root_key_source import RootKeySource
from entrypoints.container import Container
from entrypoints.preparation import STARTING
from entrypoints.settings import Settings


def make_administrator(
    settings: Settings, source: RootKeySource, *, again: bool = False
) -> Credential | None:
    """Make the first administrator of a store that is ready, and return the token.

    Returns `None` when there is one, and no other token of `admin` is asked for.
    """
    container = Container(settings=settings, root_key_source=source)
    storage = container.storage()
    try:
        container.prepare_keys()(STARTING)
        holders = storage.read(lambda session: session.bindings.holders(ADMINISTRATOR)).result()
        if holders and not again:
            return None
        minted: Minted = container.own_gate().run(STARTING, MakeFirstAdministrator(again=again))
        return minted.credential
    finally:
        storage.close()
