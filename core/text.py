"""Text identity: one spelling for what people type, whatever script or keyboard it came from."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

from core.errors import DigitsExpected, MixedScripts, StackedMarks, TextNotAllowed, TextTooLong

MARKS_PER_LETTER_MAX = 4

_JOINERS = "\u200c\u200d"
# Looks empty, though Unicode calls it a letter or a symbol.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_TAGS = "\U000e0020-\U000e007e"
# Invisible characters that change how text reads without being part of it: bidirectional
# controls, zero-width spaces, soft hyphens, tags. A flag of tags is one emoji and is kept.
_INVISIBLE = re.compile(
    f"(\U0001f3f4[{_TAGS}]{{2,8}}\U000e007f)"
    "|[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0001\U000e0020-\U000e007f]"
)
_TYPING = frozenset(" -\u2010\u2011\u2012\u2013\u2014\u2212")
_SCRIPTS_WRITTEN_TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "BOPOMOFO"}),
    frozenset({"CJK", "HANGUL"}),
)


def refuse_unstorable(text: str) -> None:
    """Refuse NUL and lone surrogates, which no database or encoding can carry."""
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
        raise TextNotAllowed


def refuse_unstorable_in(value: Any) -> None:
    """Refuse data, as JSON gives them, that no database can carry: such text, or no real number."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            refuse_unstorable(part)
        elif isinstance(part, float) and not math.isfinite(part):
            raise TextNotAllowed
        elif isinstance(part, dict):
            waiting.extend((*part.keys(), *part.values()))
        elif isinstance(part, list):
            waiting.extend(part)


def refuse_controls(text: str) -> None:
    """Refuse every control character, line breaks included."""
    if text.isascii() and text.isprintable():
        return
    refuse_unstorable(text)
    if any(unicodedata.category(char) == "Cc" for char in text):
        raise TextNotAllowed


def ascii_digits(text: str) -> str:
    """Write the decimal digits of any script as 0 to 9, and leave all else alone."""
    return text if text.isascii() else "".join(_ascii_digit(char) for char in text)


def _ascii_digit(char: str) -> str:
    return str(unicodedata.decimal(char)) if char.isdecimal() else char


def without_invisibles(text: str) -> str:
    """Drop every invisible format character, which numbers and addresses never need."""
    if text.isascii():
        return text
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def without_spaces(text: str) -> str:
    """Drop spaces of every kind together with the invisible characters."""
    return "".join(without_invisibles(text).split())


def typed_number(text: str) -> str:
    """Return a one-time code, PIN or other number as ASCII digits, or refuse what is none."""
    refuse_unstorable(text)
    digits = "".join(char for char in without_spaces(text) if char not in _TYPING)
    # isdecimal, not isdigit: ² and ① are digits to Python and a mistake to everyone else.
    if not digits.isdecimal():
        raise DigitsExpected
    return ascii_digits(digits)


def clean_line(text: str, *, max_length: int) -> str:
    """Return one line of free text as it is stored: NFC, no controls, single spaces.

    Text without anything to see comes back empty; the joiners that Persian and emoji need
    inside a word are kept.
    """
    if text.isascii() and text.isprintable():  # most texts, and nothing below concerns them
        return _no_longer_than(max_length, " ".join(text.split()))
    refuse_unstorable(text)
    trimmed = text.strip()
    refuse_controls(trimmed)
    visible = _INVISIBLE.sub(lambda found: found[1] or "", trimmed)
    line = " ".join(unicodedata.normalize("NFC", visible).split()).strip(_JOINERS + " ")
    refuse_stacked_marks(line)
    return _no_longer_than(max_length, line) if _shows_something(line) else ""


def _no_longer_than(max_length: int, line: str) -> str:
    if len(line) > max_length:
        raise TextTooLong(limit=max_length)
    return line


def refuse_stacked_marks(text: str) -> None:
    """Refuse letters that carry more marks than any language needs."""
    stacked = 0
    for char in text:
        category = unicodedata.category(char)
        if category == "Cf":
            continue
        stacked = stacked + 1 if category.startswith("M") else 0
        if stacked > MARKS_PER_LETTER_MAX:
            raise StackedMarks


def _shows_something(text: str) -> bool:
    return any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANKS for char in text)


def caseless(text: str) -> str:
    """Return the form by which two spellings of the same text are recognized as one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def clean_user_name(text: str, *, max_length: int = 60) -> str:
    """Return a name that staff sign in with, refusing one that imitates another alphabet."""
    name = ascii_digits(unicodedata.normalize("NFKC", clean_line(text, max_length=max_length)))
    if not is_single_script(name):
        raise MixedScripts
    return name


def is_single_script(text: str) -> bool:
    """Say whether one writing system covers every letter, as UTS 39 asks of identifiers."""
    scripts = {_script(char) for char in text if char.isalpha()} - {"MODIFIER"}
    return len(scripts) <= 1 or any(scripts <= together for together in _SCRIPTS_WRITTEN_TOGETHER)


def _script(char: str) -> str:
    # Unicode names begin with the script; "KATAKANA-HIRAGANA PROLONGED…" belongs to either.
    return re.split("[ -]", unicodedata.name(char, "UNKNOWN"), maxsplit=1)[0]
