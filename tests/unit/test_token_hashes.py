"""A token is recognised by a keyed hash that its key alone can make."""

from adapters.tokens.hmac import CONTEXT, HmacTokenHasher
from domain.access.credential import Credential
from domain.keys.data_key import KeyPurpose
from tests.house import House


def test_the_hash_is_that_of_the_derived_key(house: House) -> None:
    key = house.storage.read(lambda s: s.data_keys.active(KeyPurpose.TOKEN)).result()
    seal = house.storage.read(lambda s: s.data_keys.active(KeyPurpose.SEAL)).result()
    assert key is not None
    assert seal is not None
    hasher = HmacTokenHasher(key_ring=house.key_ring)
    token = Credential.minted(bytes(32))
    digest = hasher.digest(token, key_id=key.id)
    assert len(digest) == 32
    assert digest == hasher.digest(token, key_id=key.id)
    assert digest != hasher.digest(token, key_id=seal.id)
    assert digest != hasher.digest(Credential.minted(bytes([1] * 32)), key_id=key.id)
    assert CONTEXT.startswith(b"strongroom/token/")
