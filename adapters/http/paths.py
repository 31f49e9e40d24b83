"""The form in which an address may be written."""

NAME_PREFIX = "/api/secrets/name/"
"""What stands before a name. Behind it everything is the name, as it was sent."""

_NAME_PREFIX = NAME_PREFIX.encode("ascii")


def is_canonical(raw_path: bytes) -> bool:
    """Tell whether a path is written in the one form that it has.

    The framework decodes a path and folds its slashes before it looks for the route. A proxy in
    front that forbids some routes looks at what was sent. So nothing may come through that means
    a route only after decoding (CVE-2026-3605 is of that family).
    """
    if raw_path.startswith(_NAME_PREFIX):
        return True
    return b"%" not in raw_path and b"//" not in raw_path and not raw_path[1:].endswith(b"/")
