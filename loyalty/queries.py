"""Where programs, accounts and purchases are found: every answer is scoped to an organization."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest
from django.utils import timezone

from core.errors import Missing
from core.models import Organization
from core.prepared import Prepared
from loyalty.balances import LOT_SUMS, Balance, Expiring
from loyalty.errors import NoProgram, ProgramUnknown
from loyalty.models import (
    Account,
    AccountHolder,
    AccountMerge,
    Activity,
    AdjustmentRequest,
    Award,
    Consumption,
    Entry,
    ImportRefusal,
    Lot,
    Payment,
    Product,
    Program,
    Purchase,
    PurchaseLine,
    ReceiptImport,
    ReceiptUpload,
    Return,
    Rule,
    RuleVersion,
)
from loyalty.rule_history import end_in, is_over
from members.models import Member

BRANDS_MAX = 200
GIVEN_BY = """
    WITH RECURSIVE given AS (
        SELECT lot.id FROM loyalty_lot lot JOIN loyalty_entry entry ON entry.id = lot.entry_id
        WHERE entry.cause = 'purchase' AND entry.cause_id = %s
        UNION ALL
        SELECT lot.id FROM loyalty_lot lot JOIN given ON lot.origin_id = given.id
    )
    SELECT id FROM given
"""


HAS_LADDER = """
    EXISTS (SELECT FROM loyalty_ladderversion
        WHERE loyalty_ladderversion.program_id = loyalty_accountholder.program_id)
"""
LOT_SUMS_OF = f"""
    SELECT account.id, ({LOT_SUMS.format(account="account.id")})
    FROM unnest(%s::bigint[]) AS account(id)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Holding:
    """A program in which a member has an account, and what is in it."""

    program: Program
    balance: Balance
    account_id: int | None = None
    has_ladder: bool = False


def programs_of(organization: Organization) -> QuerySet[Program]:
    """Return the organization's programs, oldest first."""
    return Program.objects.filter(organization=organization).order_by("pk")


def chosen_program(organization: Organization, slug: str | None = None) -> Program:
    """Return the program of this short name, or the organization's first live one."""
    programs = programs_of(organization)
    if slug is not None:
        named = programs.filter(slug=slug).first()
        if named is None:
            raise ProgramUnknown
        return named
    first = programs.filter(status=Program.Status.LIVE).first()
    if first is None:
        raise NoProgram
    return first


def public_program(organization: Organization, slug: str | None = None) -> Program:
    """Return the program that members are told about; drafts and ended ones are ``Missing``."""
    told = programs_of(organization).filter(status__in=[Program.Status.LIVE, Program.Status.PAUSED])
    program = (told if slug is None else told.filter(slug=slug)).first()
    if program is None:
        raise Missing
    return program


def rules_in_force(program: Program, *, now: datetime | None = None) -> list[RuleVersion]:
    """Return the version of each active rule that counts at that instant, oldest rule first."""
    moment = now or timezone.now()
    begun = RuleVersion.objects.filter(
        rule__program=program,
        rule__status=Rule.Status.ACTIVE,
        effective_from__lte=moment,
    )
    latest = begun.order_by("rule_id", "-number").distinct("rule_id").select_related("rule")
    return [version for version in latest if not is_over(end_in(version.spec), moment)]


def rules_of(organization: Organization) -> QuerySet[Rule]:
    """Return the rules of all programs of the organization, oldest first."""
    rules = Rule.objects.filter(program__organization=organization)
    return rules.select_related("program").order_by("pk")


def rule_versions(rules: Iterable[Rule]) -> dict[int, list[RuleVersion]]:
    """Return what each rule says and ever said, oldest first, by the rule's key."""
    found: dict[int, list[RuleVersion]] = {rule.pk: [] for rule in rules}
    for version in RuleVersion.objects.filter(rule__in=found).order_by("rule_id", "number"):
        found[version.rule_id].append(version)
    return found


def points_by_rule(program: Program, *, since: datetime) -> dict[int, int]:
    """Return what each rule gave for purchases since then, less what went back."""
    awards = Award.objects.filter(
        rule_version__rule__program=program,
        purchase__organization=program.organization_id,
        purchase__occurred_at__gte=since,
    )
    given = awards.values("rule_version__rule_id").annotate(
        points=Sum(F("awarded") - F("reversed"))
    )
    return dict(given.order_by().values_list("rule_version__rule_id", "points"))


def categories_of(organization: Organization) -> list[list[str]]:
    """Return the category paths of what the organization sells, in their order."""
    products = Product.objects.filter(organization=organization).exclude(category=[])
    return list(products.order_by("category").values_list("category", flat=True).distinct())


def brands_of(organization: Organization) -> list[str]:
    """Return the brands that most of the organization's products have, in their order."""
    products = Product.objects.filter(organization=organization).exclude(brand="")
    counted = products.values("brand").annotate(count=Count("pk")).order_by("-count", "brand")
    return sorted(counted.values_list("brand", flat=True)[:BRANDS_MAX])


def imports_of(organization: Organization) -> QuerySet[ReceiptImport]:
    """Return the files of receipts that were brought in."""
    return ReceiptImport.objects.filter(organization=organization)


def uploads_of(organization: Organization) -> QuerySet[ReceiptUpload]:
    """Return the files of receipts that somebody sent by a browser, newest first."""
    uploads = ReceiptUpload.objects.filter(organization=organization)
    return uploads.select_related("receipt_import").order_by("-pk")


def refusals_of(receipt_import: ReceiptImport) -> QuerySet[ImportRefusal]:
    """Return the rows of a file that were not taken."""
    return ImportRefusal.objects.filter(parent=receipt_import)


def accounts_of(organization: Organization) -> QuerySet[Account]:
    """Return the accounts this organization may see."""
    return Account.objects.filter(program__organization=organization).select_related("program")


def carrying_on(account: Account) -> Account:
    """Return the account itself, or the one that carries it on since it was merged."""
    while account.merged_into is not None:
        account = account.merged_into
    return account


def holdings_of(member: Member) -> QuerySet[AccountHolder]:
    """Return the accounts a member holds, oldest program first."""
    return member.holdings.select_related("account", "program").order_by("program_id")


_HELD = Prepared(
    lambda member_id, now: (
        AccountHolder.objects.filter(member_id=member_id)
        .select_related("account", "program")
        .annotate(
            sums=RawSQL(LOT_SUMS.format(account="loyalty_accountholder.account_id"), [now]),  # noqa: S611
            has_ladder=RawSQL(HAS_LADDER, []),  # noqa: S611
        )
        .order_by("program_id")
    )
)


def balances_held_by(member: Member) -> list[Holding]:
    """Return what a member has in each program, oldest program first."""
    held = _HELD(member.pk, timezone.now())
    return [
        Holding(
            one.program,
            Balance.of(one.account.debt, one.sums),  # type: ignore[attr-defined]
            one.account_id,
            one.has_ladder,  # type: ignore[attr-defined]
        )
        for one in held
    ]


def balances_by_member(members: Iterable[Member]) -> dict[int, Balance]:
    """Return what each member can spend in their first program; who has no account is absent."""
    held = AccountHolder.objects.filter(member__in=list(members)).select_related("account")
    first = {one.member_id: one.account for one in held.order_by("-program_id")}
    balances = balances_of(first.values())
    return {member_id: balances[account.pk] for member_id, account in first.items()}


def with_last_visit(members: QuerySet[Member]) -> QuerySet[Member]:
    """Return the members with the moment of their last purchase, if there was one."""
    newest = Purchase.objects.order_by("-occurred_at").values("occurred_at")
    own = newest.filter(member=OuterRef("pk"))[:1]
    before = newest.filter(member__merged_into=OuterRef("pk"))[:1]  # as whom they were merged
    return members.annotate(last_visit=Greatest(Subquery(own), Subquery(before)))


def adjustment_requests_of(organization: Organization) -> QuerySet[AdjustmentRequest]:
    """Return the corrections that somebody asked for, ready to show."""
    asked = AdjustmentRequest.objects.filter(organization=organization)
    return asked.select_related("program", "member__home_store", "entry")


def balances_in(
    organization: Organization, pairs: Collection[tuple[int, int]]
) -> dict[tuple[int, int], Balance]:
    """Return what members have in programs, by (program, member); who has nothing is absent."""
    here = AccountHolder.objects.filter(program__organization=organization)
    held = here.filter(
        program__in={program_id for program_id, _member_id in pairs},
        member__in={member_id for _program_id, member_id in pairs},
    ).select_related("account")
    balances = balances_of(one.account for one in held)
    return {(one.program_id, one.member_id): balances[one.account_id] for one in held}


def holders_behind(organization: Organization, entry_ids: Collection[int]) -> dict[int, Member]:
    """Return whose points each entry moved; of a household, who came first."""
    entries = Entry.objects.filter(account__program__organization=organization)
    accounts = dict(entries.filter(pk__in=entry_ids).values_list("pk", "account_id"))
    held = holders_of(organization, accounts.values())
    return {pk: held[account] for pk, account in accounts.items() if account in held}


def holders_of(organization: Organization, account_ids: Collection[int]) -> dict[int, Member]:
    """Return who holds each account; of a household, who came first."""
    here = AccountHolder.objects.filter(program__organization=organization)
    held = here.filter(account__in=list(account_ids), member__merged_into=None)
    holders = {one.account_id: one.member for one in held.select_related("member").order_by("-pk")}
    merged = set(account_ids) - holders.keys()
    if merged:
        before = AccountMerge.objects.filter(emptied__in=merged, undone_at=None)
        holders |= {one.emptied_id: one.member for one in before.select_related("member")}
    return holders


def consumed_by(entries: Iterable[Entry]) -> list[Consumption]:
    """Return what the entries took out of lots, or put back, with what made those lots."""
    taken = Consumption.objects.filter(entry__in=list(entries))
    return list(taken.select_related("lot__entry").order_by("entry_id", "lot__expires_at", "pk"))


def activities_of(organization: Organization) -> QuerySet[Activity]:
    """Return what the organization's members did besides buying."""
    return Activity.objects.filter(organization=organization).select_related("member")


def awards_of(purchase: Purchase) -> QuerySet[Award]:
    """Return what each rule gave for a purchase."""
    return purchase.awards.select_related("rule_version__rule").order_by("pk")


def lots_given_by(purchase: Purchase) -> QuerySet[Lot]:
    """Return the lots of what a purchase earned, and those that carry them on since a merge."""
    return Lot.objects.filter(pk__in=RawSQL(GIVEN_BY, [purchase.pk]))  # noqa: S611


def lines_of(purchase: Purchase) -> QuerySet[PurchaseLine]:
    """Return what was bought."""
    return purchase.lines.order_by("number")


def payments_of(purchase: Purchase) -> QuerySet[Payment]:
    """Return how a purchase was paid, as far as it was told."""
    return purchase.payments.order_by("pk")


def entries_of(account: Account) -> QuerySet[Entry]:
    """Return the account's facts with what made them."""
    return account.entries.prefetch_related("awards__rule_version__rule")


def entries_held_by(member: Member, *, program: str | None = None) -> QuerySet[Entry]:
    """Return the facts of all accounts a member holds, or of that in one program."""
    held = member.holdings.filter(program__slug=program) if program else member.holdings
    # Ids rather than a subquery: of one account the index gives the newest entries by itself.
    accounts = list(held.values_list("account_id", flat=True))
    entries = Entry.objects.filter(account__in=accounts).select_related("account__program")
    return entries.prefetch_related("awards__rule_version__rule")


def next_pending(
    member: Member, *, now: datetime | None = None, awaits_event: bool = False
) -> Expiring | None:
    """Return the points of a member that can be spent next, and from when on.

    Or those that wait for their purchase to be settled, and the instant at which they lapse.
    """
    waiting = Lot.objects.filter(
        account__holders__member=member,
        remaining__gt=0,
        available_at__gt=now or timezone.now(),
        awaits_event=awaits_event,
    )
    by_moment = waiting.order_by("available_at").values("available_at")
    first = by_moment.annotate(points=Sum("remaining")).first()
    return Expiring(first["points"], first["available_at"]) if first else None


def purchases_of(organization: Organization) -> QuerySet[Purchase]:
    """Return the organization's receipts, ready to show."""
    return Purchase.objects.filter(organization=organization).select_related("store", "member")


def is_all_back(purchase: Purchase) -> bool:
    """Say whether nothing of a purchase is kept, also of what cost nothing on it."""
    return not purchase.lines.filter(returned_quantity__lt=F("quantity")).exists()


def returns_of(organization: Organization) -> QuerySet[Return]:
    """Return what came back to the organization."""
    return Return.objects.filter(organization=organization).select_related("purchase")


def balances_of(accounts: Iterable[Account], *, now: datetime | None = None) -> dict[int, Balance]:
    """Return what each account has at that instant, whether or not any job has run.

    ``balance`` is what is left of available, unexpired lots, less what is held and owed.
    """
    by_id = {account.pk: account for account in accounts}
    if not by_id:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(LOT_SUMS_OF, [now or timezone.now(), list(by_id)])
        return {pk: Balance.of(by_id[pk].debt, sums) for pk, sums in cursor.fetchall()}


def balance_of(account: Account, *, now: datetime | None = None) -> Balance:
    """Return what one account has."""
    return balances_of([account], now=now)[account.pk]
