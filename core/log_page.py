"""What the log shows, finished: each record as a sentence, with the names of today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.assembly import modules_named
from core.log_words import Kind, Thing
from core.models import AuditRecord, Organization
from core.queries import integrations_of, team_of


@dataclass(frozen=True, slots=True)
class LogRow:
    """One thing that was done: in a sentence, with the fields that changed and the reason."""

    at: datetime
    text: str
    url: str
    fields: Sequence[str]
    reason: str


def log_kinds() -> dict[str, Kind]:
    """Return every sort of things that the log can speak of, by its name in the records."""
    return {kind.subject: kind for module in modules_named("log_words") for kind in module.KINDS}


def log_rows(organization: Organization, records: Sequence[AuditRecord]) -> list[LogRow]:
    """Return the records in words; one question for each sort of things among them."""
    kinds = log_kinds()
    actors = actor_names(organization, [record.actor for record in records])
    things = _things(organization, records, kinds)
    return [_row(record, kinds.get(record.subject), actors, things) for record in records]


def actor_names(organization: Organization, actors: Iterable[str]) -> dict[str, str]:
    """Return what people call those who acted."""
    names = {"system": _("Regulars")}
    ids: dict[str, dict[int, str]] = defaultdict(dict)
    for actor in actors:
        kind, _colon, number = actor.partition(":")
        if number.isdecimal():
            ids[kind][int(number)] = actor
    team = team_of(organization).filter(pk__in=ids["staff"]).values_list("pk", "name")
    names |= {ids["staff"][pk]: name for pk, name in team}
    systems = integrations_of(organization).filter(pk__in=ids["integration"])
    names |= {ids["integration"][pk]: name for pk, name in systems.values_list("pk", "name")}
    return names


def _things(
    organization: Organization, records: Iterable[AuditRecord], kinds: Mapping[str, Kind]
) -> dict[tuple[str, int], Thing]:
    ids: dict[str, set[int]] = defaultdict(set)
    for record in records:
        ids[record.subject].add(record.subject_id)
    found: dict[tuple[str, int], Thing] = {}
    for subject, wanted in ids.items():
        kind = kinds.get(subject)
        named = kind.named(organization, wanted) if kind and kind.named else {}
        found |= {(subject, pk): thing for pk, thing in named.items()}
    return found


def _row(
    record: AuditRecord,
    kind: Kind | None,
    actors: Mapping[str, str],
    things: Mapping[tuple[str, int], Thing],
) -> LogRow:
    thing = things.get((record.subject, record.subject_id)) or _unnamed(record, kind)
    sentence = kind.sentences.get(record.verb) if kind else None
    names = {"who": actors.get(record.actor) or _somebody(record.actor), "what": thing.name}
    return LogRow(
        at=record.created_at,
        text=str(sentence or _("%(who)s changed %(what)s")) % names,
        url=thing.url,
        fields=_fields(record, kind),
        reason=record.reason,
    )


def _fields(record: AuditRecord, kind: Kind | None) -> list[str]:
    words = kind.fields if kind else {}
    told = (str(words[name]) for name in record.fields if name in words)
    return list(dict.fromkeys(told))


def _unnamed(record: AuditRecord, kind: Kind | None) -> Thing:
    """Name what has no name by its sort and number."""
    sort = kind.label if kind else record.subject
    return Thing(_("%(sort)s, number %(number)d") % {"sort": sort, "number": record.subject_id})


def _somebody(actor: str) -> str:
    kind = actor.partition(":")[0]
    kinds = {
        "staff": _("Somebody who worked here"),
        "integration": _("A shop system"),
        "member": _("A member"),
    }
    return kinds.get(kind, _("Somebody"))
