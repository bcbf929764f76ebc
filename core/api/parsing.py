"""Reads JSON strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import IO, Any

from django.http import HttpRequest
from rest_framework.parsers import BaseParser

from core.api.errors import (
    BodyTooLarge,
    ControlCharacters,
    DuplicateKey,
    EmptyBody,
    InvalidJSON,
    MediaTypeNotSupported,
    NestedTooDeep,
    NumberTooLarge,
    ObjectExpected,
)

BODY_BYTES_MAX = 262_144
DEPTH_MAX = 20
NUMBER_LENGTH_MAX = 30
NAME_LENGTH_MAX = 64
JSON = "application/json"
UTF_8 = {"utf-8", "utf8"}

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Lets the framework read request bodies in our strict way."""

    media_type = JSON

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 the framework's signature
        parser_context: Any = None,  # noqa: ARG002 the framework's signature
    ) -> dict[str, Any]:
        """Return the JSON object that the body holds."""
        body = stream.read(BODY_BYTES_MAX + 1)
        refuse_too_large(len(body))
        return read_object(body)


def refuse_unreadable(request: HttpRequest) -> None:
    """Refuse, before reading it, a body that is too large, empty or no plain JSON."""
    refuse_too_large(declared_length(request))
    if not declared_length(request):
        raise EmptyBody
    if request.content_type != JSON or not is_utf_8(request):
        raise MediaTypeNotSupported
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise MediaTypeNotSupported


def refuse_too_large(length: int) -> None:
    """Refuse a body of more bytes than the limit."""
    if length > BODY_BYTES_MAX:
        raise BodyTooLarge(limit=BODY_BYTES_MAX)


def declared_length(request: HttpRequest) -> int:
    """Return the length of the body, which an earlier check found to be a number or absent."""
    return int(request.META.get("CONTENT_LENGTH") or 0)


def is_utf_8(request: HttpRequest) -> bool:
    """Say whether the content type names UTF-8 or no charset at all."""
    charset = (request.content_params or {}).get("charset", "utf-8")
    return charset.lower() in UTF_8


def read_object(body: bytes) -> dict[str, Any]:
    """Return the one JSON object in ``body``, or refuse without a word about the parser."""
    if not body.strip():
        raise EmptyBody
    try:
        text = body.decode()
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except RecursionError:
        raise NestedTooDeep from None
    except ValueError:
        raise InvalidJSON from None
    if not isinstance(value, dict):
        raise ObjectExpected
    if _may_hold_more_than_we_store(text):
        _refuse_unstorable(value)
    return value


def _may_hold_more_than_we_store(text: str) -> bool:
    """Say whether to look closer: JSON in UTF-8 needs an escape to name what cannot be stored."""
    return "\\u" in text or text.count("{") + text.count("[") > DEPTH_MAX


def printable(name: str) -> str:
    """Return a name that a caller made up, fit to be repeated in an answer."""
    shown = name[:NAME_LENGTH_MAX]
    return "".join(char if char.isprintable() else "?" for char in shown)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, part in pairs:
        if key in value:
            raise DuplicateKey(field=printable(key))
        value[key] = part
    return value


def _refuse_constant(_name: str) -> None:
    raise InvalidJSON


def _integer(digits: str) -> int:
    # Python refuses to read very long integers, and no field holds one.
    if len(digits) > NUMBER_LENGTH_MAX:
        raise NumberTooLarge
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NumberTooLarge
    return number


def _refuse_unstorable(value: Any) -> None:
    waiting: list[tuple[str, Any, int]] = [("", value, 1)]
    while waiting:
        path, part, depth = waiting.pop()
        if isinstance(part, str) and _UNSTORABLE.search(part):
            raise ControlCharacters(field=path)
        if isinstance(part, (dict, list)):
            if depth > DEPTH_MAX:
                raise NestedTooDeep
            waiting.extend((name, inner, depth + 1) for name, inner in _inside(path, part))


def _inside(path: str, part: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(part, list):
        for index, inner in enumerate(part):
            yield f"{path}[{index}]", inner
        return
    for key, inner in part.items():
        name = f"{path}.{printable(key)}".lstrip(".")
        if _UNSTORABLE.search(key):
            raise ControlCharacters(field=name)
        yield name, inner
