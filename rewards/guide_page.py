"""How the club works, told from what is switched on: for members, and for the staff on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Missing
from core.models import Organization
from core.templatetags.formats import money, number
from loyalty.chapters import Chapter, Chapters, Sentence, staff_limits
from loyalty.earning.units import Unit
from loyalty.models import Program
from loyalty.queries import public_program
from rewards.benefit_page import benefit_sentences
from rewards.models import Reward
from rewards.queries import gift_names, rewards_on_offer, worth

REWARDS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Guide:
    """What is told about one program, chapter by chapter."""

    name: str
    chapters: Sequence[Chapter]


def guide_of(organization: Organization) -> Guide | None:
    """Return what members are told; nothing when no program is there to be joined."""
    program = _program(organization)
    return guide_to(program) if program else None


def guide_to(program: Program) -> Guide:
    """Return what members are told about a program."""
    told = _chapters(program)
    shown = [
        _joining(program),
        told.earning(),
        _taken_off(program),
        *told.climbing(),
        *_spending(program),
        told.keeping(),
    ]
    return Guide(program.name, [one for one in shown if one.sentences])


def handbook_of(organization: Organization) -> Guide | None:
    """Return what the staff have to know, on one page."""
    program = _program(organization)
    if program is None:
        return None
    told = _chapters(program)
    shown = [
        Chapter("counter", _("At the counter"), "device-phone-mobile", _at_the_counter()),
        told.earning(),
        _taken_off(program),
        *told.climbing(),
        *_spending(program),
        Chapter("mending", _("When something went wrong"), "lifebuoy", _mending(program)),
        Chapter("limits", _("Who may do what"), "lock-closed", _limits(program)),
    ]
    return Guide(program.name, [one for one in shown if one.sentences])


def _chapters(program: Program) -> Chapters:
    names = gift_names(program.organization)
    own = {
        (Unit.VOUCHERS.value, code): name for (pk, code), name in names.items() if pk == program.pk
    }
    return Chapters(program, own)


def _program(organization: Organization) -> Program | None:
    try:
        return public_program(organization)
    except Missing:
        return None


def _joining(program: Program) -> Chapter:
    if program.is_open:
        told = [
            Sentence(_("Say your phone number at the till: that is all it takes")),
            Sentence(
                _("From then on every purchase counts when you say your number or show your card")
            ),
            Sentence(_("Your points, card and rewards are on your own page, without a password")),
        ]
    else:
        told = [Sentence(_("This club is by invitation: ask in the shop"))]
    return Chapter("joining", _("How you join"), "user-plus", told)


def _taken_off(program: Program) -> Chapter:
    told = benefit_sentences(program.organization, timezone.now())
    sentences = [Sentence(words, name) for name, words in told]
    return Chapter("benefits", _("What is taken off by itself"), "receipt-percent", sentences)


def _spending(program: Program) -> list[Chapter]:
    currency = program.organization.currency
    told = [
        Sentence(
            _price(reward, currency) + (f" · {text}" if (text := worth(reward, currency)) else ""),
            reward.name,
        )
        for reward in rewards_on_offer(program)[:REWARDS_SHOWN]
    ]
    if told:
        told.append(
            Sentence(_("Choose a reward on your page or ask at the till; you get it at once"))
        )
    return [Chapter("rewards", _("What you can have"), "gift", told)]


def _price(reward: Reward, currency: str) -> str:
    points = ngettext("%(n)s point", "%(n)s points", reward.points) % {"n": number(reward.points)}
    if reward.price_money is None:
        return points
    return f"{points} + {money(reward.price_money, currency)}"


def _at_the_counter() -> list[Sentence]:
    return [
        Sentence(
            _("Type the phone number or scan the card; the field is always ready"),
            _("Find the member"),
        ),
        Sentence(
            _("The number is unknown? Press Add: the number is enough, the name can wait"),
            _("Let somebody join"),
        ),
        Sentence(
            _("Type the amount, or the lines, and press Done; it shows what they earn, and why"),
            _("Ring up"),
        ),
        Sentence(
            _("Touch a reward that they can have; it is theirs once you see the tick"),
            _("Hand over a reward"),
        ),
        Sentence(
            _("Type or scan its code; it works once"),
            _("Take a voucher"),
        ),
    ]


def _mending(program: Program) -> list[Sentence]:
    days = program.terms.claim_days
    told = [
        Sentence(
            _("Undo on the result, within 15 minutes; later a manager takes the receipt back"),
            _("The amount was wrong"),
        ),
        Sentence(
            _("The return is rung up, or a manager does it: the points of those lines go back"),
            _("Goods come back"),
        ),
        Sentence(
            _("Open Why on the result, or the receipt in the office: every number has its reason"),
            _("They ask why it is so few"),
        ),
    ]
    if days:
        told.insert(
            1,
            Sentence(
                ngettext(
                    "Find the receipt and give it to them, within %(n)s day",
                    "Find the receipt and give it to them, within %(n)s days",
                    days,
                )
                % {"n": number(days)},
                _("They forgot to say their number"),
            ),
        )
    return told


def _limits(program: Program) -> list[Sentence]:
    return [
        *staff_limits(program),
        Sentence(_("Never say a balance or a number to anybody but the member")),
        Sentence(_("Sign out when you leave the till; your name stands beside all that is done")),
    ]
