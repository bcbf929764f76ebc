"""Everything that recording receipts leaves behind, by natural keys, to compare two ways."""

from django.db.models import F

from loyalty.models import (
    Account,
    Award,
    Consumption,
    Entry,
    Lot,
    Product,
    Purchase,
    PurchaseLine,
    Return,
    RuleBudget,
)

NUMBER, WHO = "purchase__external_id", "account__holders__member__external_id"


def standing(shop):
    """Return what the shop has, in an order that never differs."""
    own, bought = {"organization": shop.organization}, {"purchase__organization": shop.organization}
    held = {"account__program": shop.program}
    return {
        "purchases": rows(
            Purchase.objects.filter(**own), "external_id", "member__external_id", "store__code",
            "channel", "occurred_at", "business_date", "total", "returned", "actor",
        ),
        "lines": rows(
            PurchaseLine.objects.filter(**bought), NUMBER, "number", "sku", "product__sku", "name",
            "kind", "quantity", "amount", "discount", "tax", "returned_quantity", "returned_amount",
        ),
        "returns": rows(
            Return.objects.filter(**own), "external_id", "status", "amount", "points_reversed",
            "debt",
        ),
        "awards": rows(
            Award.objects.filter(**bought), NUMBER, "rule_version__rule__name", WHO, "desired",
            "awarded", "reversed", "lines", "why", "entry__sequence", "lot__expires_at",
        ),
        "entries": rows(
            Entry.objects.filter(**held), WHO, "sequence", "kind", "points", "balance_after",
            "actor", "cause", "occurred_at",
        ),
        "lots": rows(
            Lot.objects.filter(**held), WHO, "entry__sequence", "expires_at", "points",
            "remaining", "held", "available_at", "awaits_event", "reckoned_by",
        ),
        "consumptions": rows(
            Consumption.objects.filter(entry__account__program=shop.program),
            f"entry__{WHO}", "entry__sequence", "lot__entry__sequence", "points",
        ),
        "accounts": rows(
            Account.objects.filter(program=shop.program), "holders__member__external_id",
            "balance", "debt", "sequence", "counts_activity",
        ),
        "products": rows(Product.objects.filter(**own), "sku", "name", "brand", "category"),
        "budgets": rows(
            RuleBudget.objects.filter(rule__program=shop.program), "rule__name", "used"
        ),
    }  # fmt: skip


def rows(queryset, *names):
    """Return these values of the rows; the first names tell rows apart."""
    ordered = queryset.order_by(*(F(name).asc(nulls_first=True) for name in names[:4]))
    return list(ordered.values_list(*names))
