"""Reading `Accept` (RFC 9110, section 12.5.1), as far as one kind of answer needs it."""

_FITTING = {
    b"*/*", b"application/*", b"application/json", b"application/problem+json",
}  # fmt: skip


def accepts_json(accept: bytes | None) -> bool:
    """Tell whether the caller takes JSON."""
    if accept is None or accept == b"*/*" or not accept.strip():
        return True
    return any(_takes(part) for part in accept.lower().split(b","))


def _takes(part: bytes) -> bool:
    """Tell whether one media range fits with a weight above zero."""
    media, *parameters = [piece.strip() for piece in part.split(b";")]
    refused = any(piece.startswith(b"q=") and piece[2:].strip(b"0.") == b"" for piece in parameters)
    return media in _FITTING and not refused
