"""Makes programs, from nothing or from a file, and writes a program down as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit
from core.actors import SYSTEM, Actor
from core.errors import Missing, Unavailable
from core.locking import try_advisory_lock
from core.models import Organization
from core.program_files import Fault, sections, under
from loyalty.errors import ProgramInvalid, StateChangeRefused
from loyalty.models import Program
from loyalty.program_document import FORMAT, ProgramPart, moment, program_faults, read_program
from loyalty.program_settings import ProgramSettings
from loyalty.rule_history import ALWAYS

Document = dict[str, Any]

FIRST_SLUG = "main"
FIRST_RULE = "base"

Status = Program.Status
LEADS_TO = {
    Status.DRAFT: {Status.LIVE, Status.ENDED},
    Status.LIVE: {Status.PAUSED, Status.ENDED},
    Status.PAUSED: {Status.LIVE, Status.ENDED},
    Status.ENDED: set[Program.Status](),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A program as a file wanted it; ``changes`` names what had to be changed for that."""

    program: Program
    changes: list[str]


@transaction.atomic
def create_program(*, organization_id: int, actor: Actor = SYSTEM) -> Program:
    """Make the organization's first program: live, with one point per whole unit of its currency.

    Where it exists already, it is left with whatever it has become.
    """
    organization = _organization(organization_id)
    known = Program.objects.filter(organization=organization, slug=FIRST_SLUG).first()
    if known is not None:
        return known
    document = _first_program(organization)
    return load_program(organization_id=organization_id, document=document, actor=actor).program


@transaction.atomic
def load_program(*, organization_id: int, document: object, actor: Actor = SYSTEM) -> Loaded:
    """Bring a program to what a file says, or refuse the whole file and name every fault.

    The program is the one with the file's short name; it is made when there is none. What the
    file does not name stays as it is, so that loading a file twice changes nothing.
    """
    organization = _organization(organization_id)
    parts = _checked(document)
    if not try_advisory_lock(lock_name(organization_id)):
        raise Unavailable(retry_after=1)
    program, changes = _put(organization, read_program(parts["program"]), actor)
    # What is named is loaded before what names it: rewards before cards, cards before rules.
    loaded = {
        section.name: section.load(program.pk, parts[section.name], actor)
        for section in reversed(sections())
        if section.name in parts
    }
    changes += [change for one in sections() for change in loaded.get(one.name, ())]
    return Loaded(program, changes)


@transaction.atomic
def trial_load(*, organization_id: int, document: object) -> Loaded:
    """Load a file, tell what that changed, and take it all back."""
    loaded = load_program(organization_id=organization_id, document=document)
    transaction.set_rollback(True)
    return loaded


@transaction.atomic
def set_program_status(*, program_id: int, status: Program.Status, actor: Actor) -> Program:
    """Open a program, let it rest, or end it for good."""
    program = Program.objects.filter(pk=program_id).first()
    if program is None:
        raise Missing
    if not try_advisory_lock(lock_name(program.organization_id)):
        raise Unavailable(retry_after=1)
    program.refresh_from_db()
    if status not in LEADS_TO[Program.Status(program.status)]:
        raise StateChangeRefused
    said = {"slug": program.slug, "name": program.name, "status": status}
    document = {"format": FORMAT, "program": said}
    return load_program(
        organization_id=program.organization_id, document=document, actor=actor
    ).program


def lock_name(organization_id: int) -> str:
    """Name the lock that keeps two people from changing an organization's programs at once."""
    return f"program files of {organization_id}"


def dump_program(*, organization_id: int, slug: str | None = None) -> Document:
    """Return a program, by default the oldest, as a document that any installation can load."""
    programs = Program.objects.filter(organization_id=organization_id).order_by("pk")
    program = (programs.filter(slug=slug) if slug else programs).first()
    if program is None:
        raise Missing(field="program")
    return {
        "format": FORMAT,
        "program": {
            "slug": program.slug,
            "name": program.name,
            "status": program.status,
            "is_open": program.is_open,
            "settings": _as_json(program.terms),
        },
        **{section.name: section.dump(program.pk) for section in sections()},
    }


def _organization(organization_id: int) -> Organization:
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None:
        raise Missing
    return organization


def _checked(document: object) -> Document:
    """Return the document, or refuse it with every fault of every section."""
    if not isinstance(document, dict):
        raise ProgramInvalid(errors=[_fault("", "object_expected", _("Give an object."))])
    known = {section.name: section for section in sections()}
    faults = [
        _fault(str(name)[:60], "extra_forbidden", _("There is no such field."))
        for name in document.keys() - {"format", "program", *known}
    ]
    if document.get("format") is True or document.get("format") != FORMAT:
        faults.append(_fault("format", "format_unknown", _("Write 1, the only format there is.")))
    faults += under("program", program_faults(document.get("program")))
    for name in known.keys() & document.keys():
        faults += under(name, known[name].faults(document[name]))
    if faults:
        raise ProgramInvalid(errors=sorted(faults, key=lambda fault: fault["field"]))
    return document


def _fault(field: str, code: str, message: str) -> Fault:
    return {"field": field, "code": code, "message": message}


def _put(organization: Organization, part: ProgramPart, actor: Actor) -> tuple[Program, list[str]]:
    known = Program.objects.filter(organization=organization, slug=part.slug).first()
    program = known or Program(organization=organization, slug=part.slug)
    said = _said(program, part)
    fields = [name for name, value in said.items() if getattr(program, name) != value]
    if not fields:
        return program, []
    for name in fields:
        setattr(program, name, said[name])
    if known is None:
        program.save(force_insert=True)
    else:
        program.save(update_fields=fields)
    audit.record(
        "changed" if known else "added",
        program,
        organization_id=organization.pk,
        actor=actor,
        fields=fields,
    )
    return program, [f"program.{name}" for name in fields]


def _said(program: Program, part: ProgramPart) -> Document:
    """Return the fields that the file speaks of; a new program has all of them."""
    is_new = program.pk is None
    said = part.model_dump(exclude_unset=not is_new, exclude={"slug", "settings"})
    if is_new:
        _refuse_contradictions(part.settings)
        return {**said, "settings": _as_json(part.settings)}
    told = part.settings.model_dump(exclude_unset=True)
    settings = ProgramSettings.model_validate({**program.terms.model_dump(), **told})
    _refuse_contradictions(settings)
    return said if settings == program.terms else {**said, "settings": _as_json(settings)}


def _refuse_contradictions(settings: ProgramSettings) -> None:
    faults = [
        _fault(f"program.settings.{name}", code, str(sentence))
        for name, code, sentence in settings.contradictions()
    ]
    if faults:
        raise ProgramInvalid(errors=faults)


def _as_json(settings: ProgramSettings) -> Document:
    """Write every setting out, so that a later default changes no program that exists."""
    told = settings.model_dump(mode="json", exclude_none=True)
    return dict.fromkeys(ProgramSettings.model_fields) | told


def _first_program(organization: Organization) -> Document:
    with translation.override(organization.language):
        rule_name = _("Points for every purchase")
    spec = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "points_per_amount", "points": 1, "per": "1"},
        "rounding": "down",
    }
    version = {"effective_from": moment(ALWAYS), "spec": spec}
    return {
        "format": FORMAT,
        "program": {"slug": FIRST_SLUG, "name": organization.name, "status": "live"},
        "rules": [
            {"code": FIRST_RULE, "name": rule_name, "status": "active", "versions": [version]}
        ],
    }
