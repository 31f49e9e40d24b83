"""Patterns of names as conditions. Whatever comes from a pattern is a bound parameter."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, and_, false, func, literal, not_, or_, true

from adapters.sql.functions import octets, place
from adapters.sql.tables import secrets
from domain.access.name_filter import EVERY_NAME, NameFilter
from domain.access.pattern import ONE, REST, NamePattern
from domain.secrets.listing import upper_bound


def admitted(names: NameFilter) -> ColumnElement[bool]:
    """Return the condition that a name gets through the filter."""
    if names == EVERY_NAME:
        return true()
    return and_(_any(names.allowed), not_(_any(names.denied)))


def _any(patterns: Iterable[NamePattern]) -> ColumnElement[bool]:
    """Return the condition that one of the patterns matches, in an order that can be cached."""
    ordered = sorted(patterns, key=lambda pattern: pattern.segments)
    return or_(false(), *(matched(pattern) for pattern in ordered))


def matched(pattern: NamePattern) -> ColumnElement[bool]:
    """Return the condition that the pattern matches the name."""
    lead = _lead(pattern)
    rest = pattern.segments[len(lead) :]
    if not rest:
        return secrets.c.name == pattern.text
    beginning = "".join(f"{segment}/" for segment in lead)
    # As bytes, because the text functions of SQLite stop at a NUL, which a name of an earlier
    # backend may hold.
    left = _after(octets(secrets.c.name), len(beginning.encode()))
    return and_(_begins(beginning), *_behind(left, rest))


def _lead(pattern: NamePattern) -> tuple[str, ...]:
    """Return the segments before the first star."""
    count = next((n for n, segment in enumerate(pattern.fixed) if segment == ONE), None)
    return pattern.fixed if count is None else pattern.fixed[:count]


def _begins(text: str) -> ColumnElement[bool]:
    """Return the condition that the name begins so, in a form that an index serves."""
    if not text:
        return true()
    # A beginning of ours ends in a slash, so there is a least text above it.
    return and_(secrets.c.name >= text, secrets.c.name < upper_bound(text))


def _behind(left: ColumnElement[bytes], segments: Sequence[str]) -> Sequence[ColumnElement[bool]]:
    """Return the conditions on what is left of the name, segment by segment."""
    head, *tail = segments
    if head == REST:
        return []
    slash = place(left, _blob("/"))
    if not tail:
        return [slash == 0 if head == ONE else left == _blob(head)]
    if head == ONE:
        return [slash > 0, *_behind(_after(left, slash), tail)]
    step = _blob(f"{head}/")
    length = len(f"{head}/".encode())
    begins = func.substr(left, 1, length, type_=LargeBinary()) == step
    return [begins, *_behind(_after(left, length), tail)]


def _after(left: ColumnElement[bytes], count: Any) -> ColumnElement[bytes]:
    """Return what is left behind the first bytes."""
    return func.substr(left, count + 1, type_=LargeBinary())


def _blob(text: str) -> ColumnElement[bytes]:
    """Return a text as bytes."""
    return literal(text.encode(), LargeBinary())
