"""What the conditions of a rule may name: only groups, regions, tiers and notes there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.utils.translation import gettext_lazy

from core.models import Region
from loyalty.earning.vocabulary.conditions import Condition
from loyalty.earning.vocabulary.earner import AttributeCondition, GroupCondition, TierCondition
from loyalty.earning.vocabulary.place import RegionCondition
from loyalty.errors import RuleNamesUnknown
from loyalty.models import LadderVersion, Program
from loyalty.services.standing import ladder_of
from loyalty.tiers.spec import Tier
from members.models import AttributeDefinition, Group

Known = Callable[[Program], set[str]]

SENTENCES = {
    "regions": gettext_lazy("There is no region %(names)s."),
    "groups": gettext_lazy("There is no group %(names)s."),
    "tiers": gettext_lazy("There is no tier %(names)s."),
    "attributes": gettext_lazy("Nothing called %(names)s is noted of members."),
}


def refuse_unknown_names(program: Program, conditions: Iterable[Condition]) -> None:
    """Refuse conditions that could never hold, because what they name does not exist."""
    for kind, names in _named(conditions):
        unknown = sorted(set(names) - _KNOWN[kind](program))
        if unknown:
            sentence = str(SENTENCES[kind]) % {"names": ", ".join(unknown)}
            raise RuleNamesUnknown(sentence, kind=kind, names=unknown)


def newest_tiers(program: Program) -> Sequence[Tier]:
    """Return the tiers of the newest ladder, which may be still to come, the lowest first."""
    versions = LadderVersion.objects.filter(program=program).order_by("-number")
    newest = versions.values_list("pk", flat=True).first()
    return ladder_of(newest).tiers if newest else ()


def _named(conditions: Iterable[Condition]) -> Iterator[tuple[str, Iterable[str]]]:
    for part in conditions:
        if isinstance(part, RegionCondition):
            yield "regions", part.regions
        elif isinstance(part, GroupCondition):
            yield "groups", part.groups
        elif isinstance(part, TierCondition):
            yield "tiers", part.tiers
        elif isinstance(part, AttributeCondition):
            yield "attributes", [part.name]


def _regions(program: Program) -> set[str]:
    regions = Region.objects.filter(organization=program.organization_id)
    return set(regions.values_list("code", flat=True))


def _groups(program: Program) -> set[str]:
    groups = Group.objects.filter(organization=program.organization_id)
    return set(groups.values_list("code", flat=True))


def _tiers(program: Program) -> set[str]:
    return {tier.code for tier in newest_tiers(program)}


def _attributes(program: Program) -> set[str]:
    defined = AttributeDefinition.objects.filter(organization=program.organization_id)
    return set(defined.values_list("name", flat=True))


_KNOWN: dict[str, Known] = {
    "regions": _regions,
    "groups": _groups,
    "tiers": _tiers,
    "attributes": _attributes,
}
