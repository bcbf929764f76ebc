"""Where programs, accounts and purchases are found: every answer is scoped to an organization."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone

from core.errors import Missing
from core.models import Organization
from loyalty.errors import NoProgram, ProgramUnknown
from loyalty.models import (
    Account,
    AccountHolder,
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
from members.models import Member

BRANDS_MAX = 200


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that end next, and the instant from which they are gone."""

    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has: ``balance`` can be spent now, the rest is shown beside it."""

    balance: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0
    next_expiry: Expiring | None = None


NOTHING = Balance()


@dataclass(frozen=True, slots=True)
class Holding:
    """A program in which a member has an account, and what is in it."""

    program: Program
    balance: Balance


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
    begun = RuleVersion.objects.filter(
        rule__program=program,
        rule__status=Rule.Status.ACTIVE,
        effective_from__lte=now or timezone.now(),
    )
    latest = begun.order_by("rule_id", "-number").distinct("rule_id")
    return list(latest.select_related("rule"))


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


def holdings_of(member: Member) -> QuerySet[AccountHolder]:
    """Return the accounts a member holds, oldest program first."""
    return member.holdings.select_related("account", "program").order_by("program_id")


def balances_held_by(member: Member) -> list[Holding]:
    """Return what a member has in each program, oldest program first."""
    held = list(holdings_of(member))
    balances = balances_of(holder.account for holder in held)
    return [Holding(holder.program, balances[holder.account_id]) for holder in held]


def balances_by_member(members: Iterable[Member]) -> dict[int, Balance]:
    """Return what each member can spend in their first program; who has no account is absent."""
    held = AccountHolder.objects.filter(member__in=list(members)).select_related("account")
    first = {one.member_id: one.account for one in held.order_by("-program_id")}
    balances = balances_of(first.values())
    return {member_id: balances[account.pk] for member_id, account in first.items()}


def with_last_visit(members: QuerySet[Member]) -> QuerySet[Member]:
    """Return the members with the moment of their last purchase, if there was one."""
    newest = Purchase.objects.filter(member=OuterRef("pk")).order_by("-occurred_at")
    return members.annotate(last_visit=Subquery(newest.values("occurred_at")[:1]))


def holders_behind(organization: Organization, entry_ids: Collection[int]) -> dict[int, Member]:
    """Return whose points each entry moved; of a household, who came first."""
    entries = Entry.objects.filter(account__program__organization=organization)
    accounts = dict(entries.filter(pk__in=entry_ids).values_list("pk", "account_id"))
    held = holders_of(organization, accounts.values())
    return {pk: held[account] for pk, account in accounts.items() if account in held}


def holders_of(organization: Organization, account_ids: Collection[int]) -> dict[int, Member]:
    """Return who holds each account; of a household, who came first."""
    here = AccountHolder.objects.filter(program__organization=organization)
    held = here.filter(account__in=list(account_ids)).select_related("member")
    return {one.account_id: one.member for one in held.order_by("-pk")}


def consumed_by(entries: Iterable[Entry]) -> list[Consumption]:
    """Return what the entries took out of lots, or put back, with what made those lots."""
    taken = Consumption.objects.filter(entry__in=list(entries))
    return list(taken.select_related("lot__entry").order_by("entry_id", "lot__expires_at", "pk"))


def awards_of(purchase: Purchase) -> QuerySet[Award]:
    """Return what each rule gave for a purchase."""
    return purchase.awards.select_related("rule_version__rule").order_by("pk")


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


def next_pending(member: Member, *, now: datetime | None = None) -> Expiring | None:
    """Return the points of a member that can be spent next, and from when on."""
    waiting = Lot.objects.filter(
        account__holders__member=member, remaining__gt=0, available_at__gt=now or timezone.now()
    )
    by_moment = waiting.order_by("available_at").values("available_at")
    first = by_moment.annotate(points=Sum("remaining")).first()
    return Expiring(first["points"], first["available_at"]) if first else None


def purchases_of(organization: Organization) -> QuerySet[Purchase]:
    """Return the organization's receipts, ready to show."""
    return Purchase.objects.filter(organization=organization).select_related("store", "member")


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
    rows = _lot_sums(list(by_id), now or timezone.now())
    return {pk: _balance(account, rows.get(pk)) for pk, account in by_id.items()}


def balance_of(account: Account, *, now: datetime | None = None) -> Balance:
    """Return what one account has."""
    return balances_of([account], now=now)[account.pk]


LotSums = tuple[int, int, int, datetime | None, int]


def _lot_sums(account_ids: list[int], now: datetime) -> dict[int, LotSums]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account_id,
                coalesce(sum(remaining - held) FILTER (WHERE available_at <= %(now)s), 0),
                coalesce(sum(remaining) FILTER (WHERE available_at > %(now)s), 0),
                sum(held),
                min(expires_at) FILTER (WHERE available_at <= %(now)s AND remaining > held),
                coalesce(sum(remaining - held) FILTER (
                    WHERE available_at <= %(now)s AND expires_at = next_at), 0)
            FROM (
                SELECT account_id, remaining, held, available_at, expires_at,
                    min(expires_at) FILTER (WHERE available_at <= %(now)s AND remaining > held)
                        OVER (PARTITION BY account_id) AS next_at
                FROM loyalty_lot
                WHERE account_id = ANY(%(accounts)s) AND remaining > 0
                    AND (expires_at IS NULL OR expires_at > %(now)s)
            ) lot
            GROUP BY account_id
            """,
            {"accounts": account_ids, "now": now},
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _balance(account: Account, sums: LotSums | None) -> Balance:
    if sums is None:
        return Balance(balance=-account.debt, debt=account.debt)
    free, pending, held, expires_at, expiring = sums
    return Balance(
        balance=int(free) - account.debt,
        pending=int(pending),
        held=int(held),
        debt=account.debt,
        next_expiry=Expiring(int(expiring), expires_at) if expires_at else None,
    )
