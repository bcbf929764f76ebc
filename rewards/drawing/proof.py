"""The document of a draw that everybody can download, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rewards.drawing.entries import FORMAT, Line, Prize, Terms, commitment_of, digest_of
from rewards.drawing.hat import Pulled, draw

Document = Mapping[str, Any]


def settings_as_json(terms: Terms) -> dict[str, Any]:
    """Return what was promised, as the document says it."""
    return {
        "prizes": [{"reward": one.reward, "count": one.count} for one in terms.prizes],
        "alternates": terms.alternates,
        "wins_once": terms.wins_once,
    }


def line_as_json(line: Line) -> list[Any]:
    """Return a line of the list, as the document says it."""
    return [line.first, line.last, line.pseudonym, line.standing]


def pull_as_json(pulled: Pulled) -> dict[str, Any]:
    """Return a pull, as the document says it."""
    return {
        "rank": pulled.rank,
        "number": pulled.number,
        "pseudonym": pulled.pseudonym,
        "kind": pulled.kind,
        "reason": pulled.reason,
        "prize": pulled.prize,
    }


def differences(document: object) -> list[str]:
    """Return, in sentences, everything that does not follow from what was promised.

    An empty list says that the draw is what it claims to be. A document of before the drawing is
    held to its list alone.
    """
    try:
        return list(_differences(document))  # type: ignore[arg-type]  # judged as it is read
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as fault:
        return [f"The document cannot be read: {type(fault).__name__} {fault}."]


def _differences(document: Document) -> Iterator[str]:
    if document["format"] != FORMAT:
        yield f"The format is {document['format']}, not {FORMAT}."
        return
    if document["entries_digest"] is None:
        yield "The list of tickets is not published yet: it is when the draw is closed."
        return
    terms, lines = _terms(document), [_line(row) for row in document["entries"]]
    yield from _gaps(lines)
    if document["entries_digest"] != digest_of(terms, lines):
        yield "The list of tickets is not the one whose digest was published."
    if document["seed"] is None:
        if document["results"]:
            yield "There are results, but no seed."
        return
    yield from _told_by_seed(document, terms, lines)


def _gaps(lines: Sequence[Line]) -> Iterator[str]:
    due = 1
    for line in lines:
        if line.first != due or line.count < 1:
            yield f"After ticket {due - 1} the list goes on with {line.first}-{line.last}."
        due = line.last + 1


def _told_by_seed(document: Document, terms: Terms, lines: Sequence[Line]) -> Iterator[str]:
    seed = bytes.fromhex(document["seed"])
    if commitment_of(seed) != document["commitment"]:
        yield "The seed is not the one that was promised when the draw opened."
    if document["public_source"] and not document["public_text"]:
        yield "The public text that was promised is missing."
    due = draw(
        terms,
        lines,
        seed=seed,
        digest=document["entries_digest"],
        public_text=document["public_text"],
        left_out={int(first): str(why) for first, why in document["left_out_since"]},
    )
    yield from _compared([pull_as_json(one) for one in due], document["results"])


def _compared(due: Sequence[Document], told: Sequence[Document]) -> Iterator[str]:
    for rank, (right, said) in enumerate(zip(due, told, strict=False), start=1):
        for name, value in right.items():
            if said[name] != value:
                yield f"Pull {rank}: {name} is {said[name]!r}, and must be {value!r}."
    if len(due) != len(told):
        yield f"There are {len(told)} pulls, and there must be {len(due)}."


def _terms(document: Document) -> Terms:
    settings = document["settings"]
    return Terms(
        draw=document["draw"],
        commitment=document["commitment"],
        public_source=document["public_source"],
        prizes=tuple(Prize(one["reward"], int(one["count"])) for one in settings["prizes"]),
        alternates=int(settings["alternates"]),
        wins_once=bool(settings["wins_once"]),
    )


def _line(row: Sequence[Any]) -> Line:
    first, last, pseudonym, standing = row
    return Line(int(first), int(last), str(pseudonym), str(standing))
