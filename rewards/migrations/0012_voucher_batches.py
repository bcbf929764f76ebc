"""Batches of vouchers, shared codes that can be paused, and codes that stay as they were printed."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Right

KEEP_CODES = """
    CREATE FUNCTION rewards_keep_printed_code() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the code of a voucher stays as it was printed'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER rewards_voucher_code_stays BEFORE UPDATE ON rewards_voucher
        FOR EACH ROW
        WHEN ((OLD.code, OLD.organization_id, OLD.public_id)
            IS DISTINCT FROM (NEW.code, NEW.organization_id, NEW.public_id))
        EXECUTE FUNCTION rewards_keep_printed_code();
"""
LET_CODES_GO = """
    DROP TRIGGER rewards_voucher_code_stays ON rewards_voucher;
    DROP FUNCTION rewards_keep_printed_code();
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0011_benefits")]

    operations = [
        migrations.CreateModel(
            "VoucherBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("wanted", models.PositiveIntegerField()),
                ("made", models.PositiveIntegerField(default=0)),
                ("prefix", models.CharField(blank=True, max_length=8)),
                ("random_chars", models.PositiveSmallIntegerField(default=11)),
                ("valid_from", models.DateField(blank=True, null=True)),
                ("valid_until", models.DateField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("making", "Being made"),
                            ("ready", "Ready"),
                            ("stopped", "Stopped"),
                        ],
                        default="making",
                        max_length=7,
                    ),
                ),
                ("created_by", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("is_swept", models.BooleanField(default=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voucher_batches",
                        to="core.organization",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voucher_batches",
                        to="rewards.reward",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(status="making") | Q(status="stopped", is_swept=False),
                        fields=["id"],
                        name="voucher_batches_in_work",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(status__in=["making", "ready", "stopped"]),
                        name="voucher_batch_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(wanted__gte=1, wanted__lte=1_000_000, made__lte=F("wanted")),
                        name="voucher_batch_is_of_so_many",
                    ),
                    models.CheckConstraint(
                        condition=~Q(status="ready") | Q(made=F("wanted")),
                        name="voucher_batch_is_ready_when_all_is_made",
                    ),
                    models.CheckConstraint(
                        condition=Q(status="stopped", stopped_at__isnull=False)
                        | (~Q(status="stopped") & Q(stopped_at__isnull=True, is_swept=False)),
                        name="stopped_voucher_batch_says_when",
                    ),
                    models.CheckConstraint(
                        condition=Q(random_chars__gte=11, random_chars__lte=16),
                        name="voucher_batch_draws_enough",
                    ),
                    models.CheckConstraint(
                        condition=Q(prefix="") | Q(prefix__regex="^[0-9A-HJKMNP-TV-Z]+$"),
                        name="voucher_batch_begins_as_codes_can",
                    ),
                    models.CheckConstraint(
                        condition=Q(valid_from__isnull=True)
                        | Q(valid_until__isnull=True)
                        | Q(valid_until__gte=F("valid_from")),
                        name="voucher_batch_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.AddField("voucher", "paused_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "voucher",
            "batch",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="vouchers",
                to="rewards.voucherbatch",
            ),
        ),
        migrations.AddIndex(
            "voucher",
            models.Index(
                condition=Q(batch__isnull=False), fields=["batch", "id"], name="vouchers_of_batch"
            ),
        ),
        migrations.AddIndex(
            "voucher",
            models.Index(
                condition=Q(status="used"), fields=["batch"], name="used_vouchers_of_batch"
            ),
        ),
        migrations.AddIndex(
            "voucher",
            models.Index(
                F("batch"),
                Right("code", 4),
                condition=Q(batch__isnull=False),
                name="vouchers_by_their_ending",
            ),
        ),
        migrations.AddIndex(
            "voucher",
            models.Index(
                condition=Q(kind="shared"),
                fields=["organization", "id"],
                name="shared_codes_of_organization",
            ),
        ),
        migrations.AddConstraint(
            "voucher",
            models.UniqueConstraint(
                F("organization"),
                Func(F("code"), Value("OIL"), Value("011"), function="TRANSLATE"),
                condition=Q(kind="shared"),
                name="shared_code_is_read_as_no_other",
            ),
        ),
        migrations.AddConstraint(
            "voucher",
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(kind="unique", redemption__isnull=True),
                name="voucher_of_a_batch_is_nobodys",
            ),
        ),
        migrations.AddConstraint(
            "voucher",
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(kind="shared"),
                name="only_shared_code_is_paused",
            ),
        ),
        migrations.AddIndex(
            "voucheruse", models.Index(fields=["voucher", "-used_at"], name="voucher_uses_by_time")
        ),
        migrations.RunSQL(KEEP_CODES, LET_CODES_GO),
    ]
