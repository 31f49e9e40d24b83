"""The contract of lists, filters and the recycle bin."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.testing.examples import DAY, NOW, keep, page, replaced, summaries
from domain.access.grant import MAX_NAMES
from domain.access.name_filter import NameFilter
from domain.access.pattern import EVERYTHING, MAX_ONES, NamePattern
from domain.access.principal import MAX_BOUND
from domain.ports.storage import Session, Storage
from domain.secrets.listing import TagFilter
from domain.secrets.reference import SecretId
from domain.secrets.secret import MAX_ID, Secret
from domain.secrets.summary import SecretSummary

# Few segments, so that names and patterns meet; one as an earlier backend may have left it.
_SEGMENTS = ["a", "A", "é", "%", "_", "*"]
NAMES = st.one_of(
    st.lists(st.sampled_from(_SEGMENTS), min_size=1, max_size=5).map("/".join),
    st.sampled_from(["a//a", "a/", "/a", "a/b\x00c", "a\x00/b", "a\x00"]),
)
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
_FIXED = st.lists(st.sampled_from(["a", "A", "é", "%", "_", "*", "*"]), max_size=4).filter(
    lambda segments: segments.count("*") <= MAX_ONES
)
PATTERNS = st.one_of(
    _FIXED.filter(bool).map("/".join), _FIXED.map(lambda fixed: "/".join([*fixed, "**"]))
).map(NamePattern)

STOCK: list[tuple[str, str | None, dict[str, str]]] = [
    ("app/db", "Primary DATABASE", {"env": "prod", "tier": "1"}),
    ("app/db-replica", None, {"env": "prod"}),
    ("app/Straße", "50% off_season", {"env": "test"}),
    ("app\U0010ffff", None, {}),
    ("apple", "app/db is elsewhere", {"env": ""}),
    ("ops/\ud7ff", None, {}),
    ("ops/\ue000", None, {}),
]

FILTERS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "nothing": ({}, [0, 1, 2, 3, 4, 5, 6]),
    "skip": ({"skip": 5}, [5, 6]),
    "skip past the end": ({"skip": MAX_ID}, []),
    "limit": ({"limit": 2}, [0, 1]),
    "skip and limit": ({"skip": 1, "limit": 2}, [1, 2]),
    "a folder": ({"prefix": "app/"}, [0, 1, 2]),
    "a prefix": ({"prefix": "app"}, [0, 1, 2, 3, 4]),
    "a prefix in another case": ({"prefix": "APP"}, []),
    "a prefix with a wildcard": ({"prefix": "app%"}, []),
    "a prefix at the end of all characters": ({"prefix": "app\U0010ffff"}, [3]),
    "a prefix before the surrogates": ({"prefix": "ops/\ud7ff"}, [5]),
    "a search in names": ({"query": "replica"}, [1]),
    "a search in descriptions": ({"query": "database"}, [0]),
    "a search in any case": ({"query": "STRASSE"}, [2]),
    "a search for a percent sign": ({"query": "50% off_"}, [2]),
    "a search for an underscore": ({"query": "app_db"}, []),
    "a search in both": ({"query": "app/db"}, [0, 1, 4]),
    "a tag": ({"tags": (TagFilter(key="env"),)}, [0, 1, 2, 4]),
    "a tag with a value": ({"tags": (TagFilter(key="env", value="prod"),)}, [0, 1]),
    "a tag with an empty value": ({"tags": (TagFilter(key="env", value=""),)}, [4]),
    "two tags": (
        {"tags": (TagFilter(key="env", value="prod"), TagFilter(key="tier"))},
        [0],
    ),
    "a tag that nobody has": ({"tags": (TagFilter(key="ENV"),)}, []),
    "all of them": (
        {"prefix": "app/", "query": "db", "tags": (TagFilter(key="env"),), "skip": 1, "limit": 9},
        [1],
    ),
}


SEEN: dict[str, tuple[list[str], list[str], list[int]]] = {
    "nothing": ([], [], []),
    "everything": (["**"], [], [0, 1, 2, 3, 4, 5, 6]),
    "one name": (["app/db"], [], [0]),
    "one name in another case": (["APP/db"], [], []),
    "a folder": (["app/**"], [], [0, 1, 2]),
    "one level": (["*"], [], [3, 4]),
    "one level of a folder": (["app/*"], [], [0, 1, 2]),
    "a last segment": (["*/db"], [], [0]),
    "two of them": (["ops/**", "apple"], [], [4, 5, 6]),
    "all but a folder": (["**"], ["app/**"], [3, 4, 5, 6]),
    "a folder but one name": (["app/**"], ["*/db"], [1, 2]),
    "a denial of everything": (["**"], ["**"], []),
}


class CatalogueContract:
    """Filters mean the same in every store."""

    @pytest.mark.parametrize(("filters", "expected"), FILTERS.values(), ids=FILTERS.keys())
    def test_a_list_holds_what_fits(
        self, storage: Storage, filters: dict[str, Any], expected: list[int]
    ) -> None:
        for name, description, tags in STOCK:
            keep(storage, name, description=description, tags=tags)
        found = page(storage, **filters)
        assert [secret.name for secret in found] == [STOCK[index][0] for index in expected]

    @pytest.mark.parametrize(("allowed", "denied", "expected"), SEEN.values(), ids=SEEN.keys())
    def test_a_list_holds_what_may_be_seen(
        self, storage: Storage, allowed: list[str], denied: list[str], expected: list[int]
    ) -> None:
        for name, _, _ in STOCK:
            keep(storage, name)
        found = page(storage, names=names(allowed, denied))
        assert [secret.name for secret in found] == [STOCK[index][0] for index in expected]

    def test_pages_are_filled_with_what_may_be_seen(self, storage: Storage) -> None:
        kept = [keep(storage, f"{'seen' if n % 3 else 'hidden'}/{n}") for n in range(9)]
        seen = [secret for secret in kept if secret.name.startswith("seen/")]
        filtered = names(["**"], ["hidden/*"])
        assert page(storage, names=filtered, limit=4) == seen[:4]
        assert page(storage, names=filtered, limit=4, skip=4) == seen[4:]
        assert page(storage, names=filtered, limit=4, after=seen[3].id) == seen[4:]

    @given(
        stored=st.lists(NAMES, min_size=1, max_size=12, unique=True),
        allowed=st.frozensets(PATTERNS, max_size=3),
        denied=st.frozensets(PATTERNS, max_size=2),
    )
    @settings(max_examples=60, deadline=None, suppress_health_check=_SHARED)
    def test_a_list_holds_what_the_policy_shows_name_by_name(
        self,
        storage: Storage,
        stored: list[str],
        allowed: frozenset[NamePattern],
        denied: frozenset[NamePattern],
    ) -> None:
        for secret in page(storage, limit=1000):
            storage.write(partial(_remove, secret)).result()
        for name in stored:
            keep(storage, name)
        seen = NameFilter(allowed=allowed, denied=denied)
        found = [secret.name for secret in page(storage, names=seen, limit=1000)]
        assert found == [name for name in stored if seen.admits(name)]

    def test_as_many_patterns_as_a_principal_can_hold_are_looked_for(
        self, storage: Storage
    ) -> None:
        stars = [NamePattern(f"a/*/c/*/{number}") for number in range(MAX_NAMES * MAX_BOUND)]
        keep(storage, "a/b/c/d/7")
        hidden = keep(storage, "a/b/c/d/x")
        every = frozenset(stars)
        assert len(page(storage, names=NameFilter(allowed=every))) == 1
        seen = NameFilter(allowed=frozenset({EVERYTHING}), denied=every)
        assert page(storage, names=seen) == [hidden]

    def test_a_cursor_goes_on_behind_an_id(self, storage: Storage) -> None:
        kept = [keep(storage, name) for name in ("1", "2", "3")]
        assert page(storage, after=kept[0].id) == kept[1:]
        assert page(storage, after=MAX_ID) == []

    def test_filters_follow_a_change(self, storage: Storage) -> None:
        secret = keep(storage, "old", tags={"env": "test"})
        replaced(storage, replace(secret, name="new", description="Fresh", tags={"env": "prod"}))
        assert len(page(storage, query="fresh")) == 1
        assert len(page(storage, tags=(TagFilter(key="env", value="prod"),))) == 1
        assert page(storage, query="old") == []
        assert page(storage, tags=(TagFilter(key="env", value="test"),)) == []

    def test_the_bin_is_listed_apart(self, storage: Storage) -> None:
        living, other = keep(storage, "living"), keep(storage, "other")
        gone = replaced(storage, replace(other, deleted_at=NOW))
        assert page(storage) == [living]
        assert page(storage, deleted=True) == [gone]

    @pytest.mark.parametrize("filters", [filters for filters, _ in FILTERS.values()], ids=FILTERS)
    def test_summaries_are_those_of_the_page(
        self, storage: Storage, filters: dict[str, Any]
    ) -> None:
        for name, description, tags in STOCK:
            read(storage, keep(storage, name, description=description, tags=tags).id, NOW)
        found = summaries(storage, **filters)
        assert found == [SecretSummary.of(secret) for secret in page(storage, **filters)]

    def test_summaries_follow_each_other_and_leave_out_what_is_deleted(
        self, storage: Storage
    ) -> None:
        kept = [keep(storage, name, expires_at=None) for name in ("1", "2", "3")]
        gone = replaced(storage, replace(kept[1], deleted_at=NOW))
        living = [SecretSummary.of(secret) for secret in (kept[0], kept[2])]
        assert summaries(storage) == living
        assert summaries(storage, after=kept[0].id) == living[1:]
        assert summaries(storage, skip=1) == living[1:]
        assert summaries(storage, deleted=True) == [SecretSummary.of(gone)]

    def test_what_was_deleted_before_a_moment_is_found(self, storage: Storage) -> None:
        secrets = [keep(storage, name) for name in ("1", "2", "3", "living")]
        for age, secret in enumerate(secrets[:3], 1):
            replaced(storage, replace(secret, deleted_at=NOW - age * DAY))
        due = storage.read(lambda s: s.catalogue.deleted_before(NOW - DAY, limit=9)).result()
        assert list(due) == [SecretId(secret.id) for secret in secrets[1:3]]
        few = storage.read(lambda s: s.catalogue.deleted_before(NOW, limit=1)).result()
        assert list(few) == [SecretId(secrets[0].id)]

    def test_a_reading_is_noted_and_never_backwards(self, storage: Storage) -> None:
        secret = keep(storage)
        for moment in (NOW, NOW + DAY, NOW - DAY):
            read(storage, secret.id, moment)
        assert page(storage) == [replace(secret, last_read_at=NOW + DAY)]

    def test_a_reading_of_what_is_gone_is_passed_over(self, storage: Storage) -> None:
        secret = keep(storage)
        read(storage, secret.id + 1, NOW)
        assert page(storage) == [secret]

    def test_a_change_does_not_forget_a_reading(self, storage: Storage) -> None:
        secret = keep(storage)
        read(storage, secret.id, NOW)
        replaced(storage, replace(secret, description="d"))
        assert page(storage)[0].last_read_at == NOW


def names(allowed: list[str], denied: list[str]) -> NameFilter:
    """Return a filter."""
    return NameFilter(
        allowed=frozenset(map(NamePattern, allowed)), denied=frozenset(map(NamePattern, denied))
    )


def _remove(secret: Secret, session: Session) -> None:
    """Erase a secret."""
    session.secrets.remove(secret)


def read(storage: Storage, secret_id: int, moment: datetime) -> None:
    """Note a reading, durably."""
    storage.write(lambda session: session.catalogue.note_read(secret_id, moment)).result()
