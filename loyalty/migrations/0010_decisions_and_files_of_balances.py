from django.db import migrations, models
from django.db.models import Q

KINDS = [("receipts", "Receipts"), ("balances", "Balances")]


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0009_waits_merges_and_requests")]

    operations = [
        migrations.AddField(
            model_name="adjustmentrequest",
            name="decided_because",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="adjustmentrequest",
            constraint=models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(decided_because=""),
                name="declined_adjustment_says_why",
            ),
        ),
        migrations.AddField(
            model_name="receiptimport",
            name="kind",
            field=models.CharField(choices=KINDS, default="receipts", max_length=8),
        ),
        migrations.AddField(
            model_name="receiptupload",
            name="kind",
            field=models.CharField(choices=KINDS, default="receipts", max_length=8),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["actor", "occurred_at"],
                name="adjustments_of_a_person",
                condition=Q(cause="adjustment"),
            ),
        ),
    ]
