"""Reading `If-Match` (RFC 9110, section 13.1.1)."""

import re
from typing import Any

from litestar import Request

from domain.errors import InvalidInput

_ETAG = re.compile(r'"([1-9][0-9]{0,17})"', re.ASCII)


def expected_revision(request: Request[Any, Any, Any]) -> int | None:
    """Return the revision that the caller read, or `None` where it does not matter.

    Raises:
        InvalidInput: the header is neither `*` nor one entity tag that we gave out.
    """
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    match = _ETAG.fullmatch(given.strip())
    if match is None:
        raise InvalidInput("If-Match", "must be the ETag of an answer, with its quotes, or '*'")
    return int(match[1])
