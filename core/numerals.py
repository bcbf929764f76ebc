"""The digits and the minus sign in which a language writes numbers."""

from __future__ import annotations

from babel import Locale

MINUS = "\u2212"
DIGITS = {"arabext": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}


def written(locale: Locale, text: str) -> str:
    """Finish what Babel leaves to its callers: the language's digits, and a minus that is one."""
    digits = DIGITS.get(locale.default_numbering_system, {})
    return text.replace("-", MINUS).translate(digits)
