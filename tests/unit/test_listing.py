from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.name_filter import NameFilter
from domain.errors import InvalidInput
from domain.secrets.listing import Listing, TagFilter, search_text, upper_bound

OUT_OF_BOUNDS: dict[str, dict[str, Any]] = {
    "no limit": {"limit": 0},
    "too high a limit": {"limit": 1001},
    "a negative skip": {"skip": -1},
    "a skip past every column": {"skip": 2**63},
    "a negative cursor": {"after": -1},
    "a long prefix": {"prefix": "x" * 256},
    "a prefix with NUL": {"prefix": "\x00"},
    "a search with a lone surrogate": {"query": "\ud800"},
    "too many tags": {"tags": (TagFilter(key="k"),) * 11},
    "a tag with NUL": {"tags": (TagFilter(key="k", value="\x00"),)},
    "a tag with a lone surrogate": {"tags": (TagFilter(key="\ud800"),)},
    "a long tag": {"tags": (TagFilter(key="k" * 256),)},
}


@pytest.mark.parametrize("filters", OUT_OF_BOUNDS.values(), ids=OUT_OF_BOUNDS.keys())
def test_what_no_store_can_answer_is_refused(filters: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Listing(**filters)


def test_tags_that_can_exist_are_taken() -> None:
    tags = (TagFilter(key="k"), TagFilter(key="k", value="v"))
    assert Listing(tags=tags).tags == tags


def test_a_tag_filter_is_split_at_the_first_equals_sign() -> None:
    assert TagFilter.parse("env") == TagFilter(key="env")
    assert TagFilter.parse("env=") == TagFilter(key="env", value="")
    assert TagFilter.parse("env=a=b") == TagFilter(key="env", value="a=b")


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_the_bound_of_a_prefix_parts_those_with_it_from_those_without(
    prefix: str, text: str
) -> None:
    bound = upper_bound(prefix)
    within = text >= prefix and (bound is None or text < bound)
    assert within == text.startswith(prefix)


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_the_bound_can_be_written_as_utf8(prefix: str) -> None:
    (upper_bound(prefix) or "").encode()


def test_a_search_does_not_span_name_and_description() -> None:
    assert "ab" not in search_text("a", "b")
    assert search_text("A", None) == "a\x1f"


@pytest.mark.parametrize(
    "filters",
    [
        {"prefix": "a"}, {"query": "a"}, {"tags": (TagFilter(key="a"),)}, {"deleted": True},
        {"names": NameFilter(allowed=frozenset())},
    ],
    ids=["a prefix", "a search", "a tag", "the bin", "names that may be seen"],
)  # fmt: skip
def test_a_list_with_a_filter_is_not_plain(filters: dict[str, Any]) -> None:
    assert Listing(skip=1, limit=1, after=1).is_plain
    assert not Listing(**filters).is_plain
