"""What a list is asked for, and the search that every store must agree on."""

from dataclasses import dataclass

from domain.access.name_filter import EVERY_NAME, NameFilter
from domain.errors import InvalidInput
from domain.secrets.secret import MAX_ID
from domain.text import has_lone_surrogate

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MAX_TEXT = 255
MAX_FILTER_TAGS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFilter:
    """A tag that must be there; with `value`, it must have exactly that value."""

    key: str
    value: str | None = None

    @classmethod
    def parse(cls, text: str) -> "TagFilter":
        """Read `key` or `key=value`."""
        key, equals, value = text.partition("=")
        return cls(key=key, value=value if equals else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of secrets, ordered by id, that all filters fit.

    `names` is not asked for: it comes from the rights of whoever asks.

    Raises:
        InvalidInput: a number lies outside its bounds or a text is too long.
    """

    skip: int = 0
    limit: int = DEFAULT_LIMIT
    after: int = 0
    prefix: str = ""
    query: str = ""
    tags: tuple[TagFilter, ...] = ()
    deleted: bool = False
    names: NameFilter = EVERY_NAME

    def __post_init__(self) -> None:
        """Refuse what no store can answer."""
        accept_limit(self.limit)
        for name, number in (("skip", self.skip), ("after", self.after)):
            if not 0 <= number <= MAX_ID:
                raise InvalidInput(name, f"must lie between 0 and {MAX_ID}")
        for name, text in (("prefix", self.prefix), ("q", self.query)):
            if len(text) > MAX_TEXT or has_lone_surrogate(text) or "\x00" in text:
                raise InvalidInput(name, f"must be at most {MAX_TEXT} characters, without NUL")
        self._check_tags()

    @property
    def is_plain(self) -> bool:
        """Tell whether it is the list of all that is living, without any filter."""
        filtered = self.prefix or self.query or self.tags or self.deleted
        return not filtered and self.names == EVERY_NAME

    def _check_tags(self) -> None:
        """Refuse too many tags and tags that cannot exist."""
        if len(self.tags) > MAX_FILTER_TAGS:
            raise InvalidInput("tag", f"must not be given more than {MAX_FILTER_TAGS} times")
        for tag in self.tags:
            for text in (tag.key, tag.value or ""):
                if len(text) > MAX_TEXT or has_lone_surrogate(text) or "\x00" in text:
                    raise InvalidInput("tag", "must be 'key' or 'key=value', without NUL")


def accept_limit(limit: int) -> int:
    """Return how many secrets a page may hold.

    Raises:
        InvalidInput: it is out of its bounds.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput("limit", f"must lie between 1 and {MAX_LIMIT}")
    return limit


def search_text(name: str, description: str | None) -> str:
    """Return the text that a search looks in: name and description without letter case.

    The separator is a control character, so no hit spans both unless it is asked for.
    """
    return f"{name}\x1f{description or ''}".casefold()


def upper_bound(prefix: str) -> str | None:
    """Return the least text above every text with this prefix, in code-point order.

    `None` means that there is none (the prefix is empty or all of U+10FFFF).
    Code-point order equals the byte order of UTF-8 (RFC 3629, section 1).
    """
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    # U+D800 to U+DFFF are no characters: the next one after U+D7FF is U+E000.
    following = "\ue000" if stem[-1] == "\ud7ff" else chr(ord(stem[-1]) + 1)
    return stem[:-1] + following
