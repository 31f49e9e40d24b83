"""The contract of bindings of claims."""

from dataclasses import replace
from typing import Any

from adapters.testing.examples import DAY, NOW
from domain.access.claim_binding import ClaimBinding, ClaimCondition
from domain.access.claims import texts_of
from domain.access.identity import Identity
from domain.ports.storage import Storage

CLAIMS = {
    "repository": "acme/shop",
    "ref": "refs/heads/main",
    "run_attempt": 1,
    "groups": ["refs/heads/main"],
    "kubernetes.io": {"namespace": "shop", "pod": {"name": "ü 🗝"}},
}


def binding(claims: dict[str, str] | None = None, **changes: Any) -> ClaimBinding:
    """Return a binding with a value in every field that is not its default."""
    wanted = {"repository": "acme/shop", "/kubernetes.io/pod/name": "ü 🗝"}
    full = ClaimBinding(
        issuer="github",
        conditions=tuple(
            ClaimCondition(claim=claim, text=text) for claim, text in (claims or wanted).items()
        ),
        roles=("deployer", "reader"),
        description="Zürich 🗝",
        created_at=NOW,
        created_by="anne@example.org",
    )
    return replace(full, **changes)


def identity(claims: dict[str, Any] | None = None, issuer: str = "github") -> Identity:
    """Return who fits `binding`."""
    texts = texts_of(CLAIMS if claims is None else claims)
    return Identity(issuer=issuer, subject="sub", expires_at=NOW + DAY, texts=texts)


def add_binding(storage: Storage, kept: ClaimBinding) -> ClaimBinding:
    """Keep a binding, durably."""
    return storage.write(lambda s: s.claim_bindings.add(kept)).result()


def fitting(storage: Storage, who: Identity) -> list[ClaimBinding]:
    """Return what fits somebody."""
    return list(storage.read(lambda s: s.fitting_bindings.fitting(who)).result())


def page(storage: Storage, after: int) -> list[ClaimBinding]:
    """Return a page of one."""
    return list(storage.read(lambda s: s.claim_bindings.page(after=after, limit=1)).result())


class ClaimBindingContract:
    """What an issuer says, and the roles that follow."""

    def test_an_empty_store_binds_no_claims(self, storage: Storage) -> None:
        assert storage.read(lambda s: s.claim_bindings.find(1)).result() is None
        assert list(storage.read(lambda s: s.claim_bindings.page(after=0, limit=9)).result()) == []
        assert fitting(storage, identity()) == []
        assert fitting(storage, identity({})) == []

    def test_a_binding_keeps_every_field_and_is_paged_by_id(self, storage: Storage) -> None:
        full = add_binding(storage, binding())
        bare = add_binding(storage, binding({"ref": "x"}, description=None, roles=("reader",)))
        assert full == binding(id=full.id)
        assert bare.id > full.id > 0
        assert storage.read(lambda s: s.claim_bindings.find(bare.id)).result() == bare
        pages = [page(storage, after) for after in (0, full.id, bare.id)]
        assert pages == [[full], [bare], []]

    def test_a_binding_fits_when_each_of_its_conditions_holds(self, storage: Storage) -> None:
        both = add_binding(storage, binding())
        one = add_binding(storage, binding({"ref": "refs/heads/main"}))
        add_binding(storage, binding({"repository": "acme/shop", "ref": "refs/heads/other"}))
        add_binding(storage, binding({"run_attempt": "1"}))
        add_binding(storage, binding({"groups": "refs/heads/main"}))
        add_binding(storage, binding({"kubernetes.io/namespace": "shop"}))
        add_binding(storage, binding({"REPOSITORY": "acme/shop"}))
        add_binding(storage, binding({"repository": "acme/Shop"}))
        add_binding(storage, binding(issuer="gitlab"))
        assert fitting(storage, identity()) == [both, one]
        assert fitting(storage, identity({"ref": "refs/heads/main"})) == [one]

    def test_issuers_are_told_apart(self, storage: Storage) -> None:
        ours = add_binding(storage, binding(issuer="gitlab"))
        add_binding(storage, binding())
        assert fitting(storage, identity(issuer="gitlab")) == [ours]
        assert fitting(storage, identity(issuer="git")) == []

    def test_what_looks_like_a_pattern_is_a_text(self, storage: Storage) -> None:
        for text in ("*", "%", "acme/%", "acme_shop", "acme/**", "{{repository}}"):
            add_binding(storage, binding({"repository": text}))
        assert fitting(storage, identity()) == []
        found = fitting(storage, identity({"repository": "acme/**"}))
        assert [item.conditions[0].text for item in found] == ["acme/**"]

    def test_a_binding_is_removed_once_and_its_id_is_not_used_again(self, storage: Storage) -> None:
        gone = add_binding(storage, binding())
        for _ in range(2):
            storage.write(lambda s: s.claim_bindings.remove(gone.id)).result()
        assert storage.read(lambda s: s.claim_bindings.find(gone.id)).result() is None
        assert fitting(storage, identity()) == []
        assert add_binding(storage, binding()).id > gone.id
