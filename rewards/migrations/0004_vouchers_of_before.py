"""Rewards that were handed over before there were vouchers get theirs, used on the same day."""

from django.db import migrations

from rewards import voucher_codes

CHUNK = 1000


def issue_vouchers(apps, _schema_editor):
    redemptions = apps.get_model("rewards", "Redemption").objects
    vouchers = apps.get_model("rewards", "Voucher").objects
    paid = redemptions.filter(entry__isnull=False, voucher__isnull=True).order_by("pk")
    while chunk := list(paid[:CHUNK]):
        vouchers.bulk_create(_voucher(vouchers.model, each) for each in chunk)


def _voucher(model, redemption):
    voucher = model(
        organization_id=redemption.organization_id,
        redemption=redemption,
        code=voucher_codes.make(),
        status="canceled",
        issued_at=redemption.created_at,
    )
    if redemption.status == "issued":
        voucher.status, voucher.used_at = "used", redemption.created_at
        voucher.used_by, voucher.used_in_id = redemption.actor, redemption.store_id
    return voucher


class Migration(migrations.Migration):
    dependencies = [("rewards", "0003_vouchers")]

    operations = [migrations.RunPython(issue_vouchers, migrations.RunPython.noop)]
