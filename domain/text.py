"""Rules that several kinds of text share."""

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def has_lone_surrogate(text: str) -> bool:
    """Tell whether the text cannot be written as UTF-8 (RFC 3629, section 3)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def has_invisible(text: str) -> bool:
    """Tell whether the text holds a control, format, unassigned or line-separating character.

    The classes are the general categories of Unicode Standard Annex 44, table 12.
    """
    if text.isascii():
        return not text.isprintable()
    return any(
        unicodedata.category(character) in _INVISIBLE or _is_blank(character)
        for character in text
        if character != " "
    )


def _is_blank(character: str) -> bool:
    """Tell whether a character shows nothing although its category is a visible one."""
    return (
        character in "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
        or "\ufe00" <= character <= "\ufe0f"  # variation selectors
        or "\U000e0100" <= character <= "\U000e01ef"
    )
