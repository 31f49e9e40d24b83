"""Folds of the audit log that have nothing to prepare."""

from collections.abc import Callable
from typing import TypeVar

from application.audit.follow_log import Fold
from domain.ports.storage import Session

T = TypeVar("T")


def within(fold: Callable[[Session, int, int], T]) -> Fold[T]:
    """Have everything about a stretch done in the transaction."""
    return lambda after, upto: lambda session: fold(session, after, upto)
