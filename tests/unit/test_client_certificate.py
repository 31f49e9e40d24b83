"""A certificate that a client shows is a credential, and is treated as one."""

import pickle

import pytest

from domain.access.client_certificate import ClientCertificate


def test_it_is_written_nowhere() -> None:
    shown = ClientCertificate(b"own", (b"chain",))
    assert repr(shown) == "ClientCertificate()"
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(shown)
