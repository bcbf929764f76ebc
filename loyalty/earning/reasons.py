"""Why a rule gave what it gave, as a code and values; words come later, in any language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Reason(NamedTuple):
    """One step of an explanation, cheap to make and easy to store."""

    code: str
    params: Mapping[str, Any]
