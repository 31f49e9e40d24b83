"""Every store and memory do the same, whatever is asked of them, in whatever order.

A hypothesis state machine gives both the same random commands through the gate, with the same
clock and the same chance, and compares every answer, every refusal and the whole audit log.
"""

import os
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapters.memory import MemoryStorage
from adapters.sql.sqlite import SqliteStorage
from application.secrets.create_secret import CreateSecret
from application.secrets.delete_secret import DeleteSecret
from application.secrets.destroy_version import DestroyVersion
from application.secrets.empty_bin import EmptyBin
from application.secrets.list_secrets import ListSecrets
from application.secrets.list_versions import ListVersions
from application.secrets.purge_secret import PurgeSecret
from application.secrets.read_secret import ReadSecret
from application.secrets.restore_secret import RestoreSecret
from application.secrets.restore_version import RestoreVersion
from application.secrets.reveal_secret import Revealed, RevealSecret
from application.secrets.update_secret import KEEP, UpdateSecret
from domain.audit.event import AuditEvent
from domain.errors import StrongroomError
from domain.ports.storage import Storage
from domain.secrets.generation import Recipe
from domain.secrets.listing import Listing, TagFilter
from domain.secrets.name import SecretName
from domain.secrets.reference import ByName, SecretId
from domain.secrets.secret import Secret
from domain.secrets.value import SecretValue
from domain.secrets.version import SecretVersion
from tests.fakes import CALLER, START
from tests.house import House
from tests.tables import with_tables

DAY = timedelta(days=1)

# Few of everything, so that commands meet each other.
IDS = st.integers(1, 5).map(SecretId)
STOCK = ["a", "A", "a/b", "é", "100%_"]
NAMES = st.sampled_from([*STOCK, "a/b/c", "🗝"]).map(SecretName)
REFERENCES = st.one_of(IDS, st.sampled_from([*STOCK, "a//b"]).map(ByName))
VALUES = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).map(SecretValue),
    st.just(Recipe(length=8)),
)
DESCRIPTIONS = st.one_of(st.none(), st.sampled_from(["", "Some 100% text", "STRASSE_"]))
TAGS = st.dictionaries(st.sampled_from(["env", "team", "é"]), st.sampled_from(["", "a", "A"]))
EXPIRIES = st.sampled_from([None, None, START - DAY, START + DAY, START + 40 * DAY])
VERSIONS = st.integers(1, 3)
FILTERS: dict[str, st.SearchStrategy[Any]] = {
    "skip": st.integers(0, 3),
    "limit": st.integers(1, 4),
    "after": st.integers(0, 4),
    "prefix": st.sampled_from(["a", "a/", "A", "é", "🗝"]),
    "query": st.sampled_from(["a", "%", "_", "strasse", "É"]),
    "tags": st.sampled_from([(TagFilter(key="env"),), (TagFilter(key="team", value="a"),)]),
    "deleted": st.just(value=True),
}
# One filter by itself shows more than all at once, which mostly let nothing through.
LISTS = st.one_of(
    *(st.fixed_dictionaries({name: values}) for name, values in FILTERS.items()),
    st.fixed_dictionaries({}, optional=FILTERS),
)


class Twins(RuleBasedStateMachine):
    """Two houses, one around each store."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.houses = (House(self.storage()).opened(), House(MemoryStorage()).opened())

    def storage(self) -> Storage:
        """Return the empty store that is compared with memory."""
        return SqliteStorage(with_tables(Path(self._folder.name) / "secrets.db"))

    @initialize(
        stock=st.lists(
            st.fixed_dictionaries({"value": VALUES, "description": DESCRIPTIONS, "tags": TAGS}),
            min_size=5,
            max_size=5,
        )
    )
    def fill(self, stock: list[dict[str, Any]]) -> None:
        """Begin with something to work on."""
        for name, fields in zip(STOCK, stock, strict=True):
            self.both(CreateSecret(name=SecretName(name), **fields))

    def both(self, command: object) -> None:
        """Run a command in both houses and compare what comes out."""
        store, memory = (outcome(house, command) for house in self.houses)
        assert store == memory

    @rule(
        name=NAMES, value=VALUES, description=DESCRIPTIONS, tags=TAGS, expires_at=EXPIRIES,
    )  # fmt: skip
    def create(self, **fields: Any) -> None:
        self.both(CreateSecret(**fields))

    @rule(
        reference=IDS,
        name=st.one_of(st.just(KEEP), NAMES),
        value=st.one_of(st.just(KEEP), VALUES),
        description=st.one_of(st.just(KEEP), DESCRIPTIONS),
        tags=st.one_of(st.just(KEEP), st.none(), TAGS),
        expires_at=st.one_of(st.just(KEEP), EXPIRIES),
        revision=st.sampled_from([None, None, None, 1, 2]),
    )
    def update(self, **fields: Any) -> None:
        changing = {name for name, given in fields.items() if given is not KEEP}
        if changing - {"reference", "revision"}:
            self.both(UpdateSecret(**fields))

    @rule(reference=REFERENCES)
    def read(self, reference: Any) -> None:
        self.both(ReadSecret(reference=reference))

    @rule(reference=REFERENCES, version=st.one_of(st.none(), st.none(), VERSIONS))
    def reveal(self, reference: Any, version: int | None) -> None:
        self.both(RevealSecret(reference=reference, version=version))

    @rule(references=st.lists(REFERENCES, max_size=4))
    def reveal_many(self, references: list[Any]) -> None:
        commands = [RevealSecret(reference=reference) for reference in references]
        store, memory = (
            [plain(item) for item in house.gate.submit_each(CALLER, commands).result()]
            for house in self.houses
        )
        assert store == memory

    @rule(filters=LISTS)
    def list_some(self, filters: dict[str, Any]) -> None:
        self.both(ListSecrets(listing=Listing(**filters)))

    @rule(reference=IDS)
    def delete(self, reference: SecretId) -> None:
        self.both(DeleteSecret(reference=reference))

    @rule(reference=IDS)
    def purge(self, reference: SecretId) -> None:
        self.both(PurgeSecret(reference=reference))

    @rule(reference=IDS)
    def restore(self, reference: SecretId) -> None:
        self.both(RestoreSecret(reference=reference))

    @rule(reference=IDS)
    def list_versions(self, reference: SecretId) -> None:
        self.both(ListVersions(reference=reference))

    @rule(reference=IDS, version=VERSIONS)
    def restore_version(self, reference: SecretId, version: int) -> None:
        self.both(RestoreVersion(reference=reference, version=version))

    @rule(reference=IDS, version=VERSIONS)
    def destroy_version(self, reference: SecretId, version: int) -> None:
        self.both(DestroyVersion(reference=reference, version=version))

    @rule(days=st.sampled_from([0, 0, 0, 1, 16]))
    def time_goes_on(self, days: int) -> None:
        for house in self.houses:
            house.clock.advance(timedelta(days=days, seconds=1))

    @rule()
    def empty_the_bin(self) -> None:
        store, memory = (
            EmptyBin(gate=house.gate, storage=house.storage, clock=house.clock)(CALLER)
            for house in self.houses
        )
        assert store == memory

    @invariant()
    def both_hold_the_same(self) -> None:
        for deleted in (False, True):
            listing = Listing(limit=1000, deleted=deleted)
            self.both(ListSecrets(listing=listing))
            store, memory = (
                plain(house.storage.read(lambda s: s.catalogue.page(listing)).result())  # noqa: B023
                for house in self.houses
            )
            assert store == memory

    def teardown(self) -> None:
        store, memory = ([plain(event) for event in house.events()] for house in self.houses)
        assert store == memory
        for house in self.houses:
            house.storage.close()
        self._folder.cleanup()


def outcome(house: House, command: object) -> object:
    """Run a command; return what came out, or which refusal it was."""
    try:
        return plain(house.run(command))
    except StrongroomError as error:
        return plain(error)


def plain(thing: Any) -> Any:
    """Return a thing without the sealed texts, whose nonces differ by chance."""
    match thing:
        case StrongroomError():
            bare: Any = (type(thing), str(thing))
        case Secret():
            bare = replace(thing, sealed="", tags=dict(thing.tags))
        case Revealed():
            bare = replace(thing, secret=plain(thing.secret))
        case SecretVersion():
            bare = replace(thing, sealed=None if thing.sealed is None else "")
        case AuditEvent():
            bare = replace(thing, subject=replace(thing.subject, digest=None))
        case list() | tuple():
            bare = [plain(item) for item in thing]
        case _:
            bare = thing
    return bare


TestTwins = Twins.TestCase
# The campaign looks at more, and each time at others.
CAMPAIGN = os.environ.get("TWINS_EXAMPLES")
TestTwins.settings = settings(
    max_examples=int(CAMPAIGN or 60),
    stateful_step_count=50,
    deadline=None,
    derandomize=CAMPAIGN is None,
)
