"""Vouchers without a redemption, shared codes, and every use of them."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

# What was handed over before has one use of its voucher each; what came back has none that counts.
USES = """
    INSERT INTO rewards_voucheruse
        (voucher_id, member_id, store_id, actor, request_key, used_at, released_by)
    SELECT voucher.id, redemption.member_id, voucher.used_in_id, voucher.used_by,
        'before:' || voucher.id, voucher.used_at, ''
    FROM rewards_voucher voucher
    JOIN rewards_redemption redemption ON redemption.id = voucher.redemption_id
    WHERE voucher.status = 'used'
"""
COUNTS = "UPDATE rewards_voucher SET uses = 1 WHERE status = 'used'"
REWARDS = """
    UPDATE rewards_voucher voucher
    SET reward_id = redemption.reward_id, public_id = gen_random_uuid()
    FROM rewards_redemption redemption WHERE redemption.id = voucher.redemption_id
"""
NOW = "SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0020_imports_side_by_side"),
        ("rewards", "0006_only_given"),
    ]

    operations = [
        migrations.AddField("voucher", "public_id", models.UUIDField(null=True, editable=False)),
        migrations.AddField(
            "voucher",
            "reward",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="vouchers",
                to="rewards.reward",
            ),
        ),
        migrations.RunSQL([REWARDS, NOW], migrations.RunSQL.noop),
        migrations.AlterField(
            "voucher",
            "public_id",
            models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AlterField(
            "voucher",
            "reward",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="vouchers",
                to="rewards.reward",
            ),
        ),
        migrations.AlterField(
            "voucher",
            "redemption",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="voucher",
                to="rewards.redemption",
            ),
        ),
        migrations.AddField(
            "voucher",
            "kind",
            models.CharField(
                choices=[("unique", "One code for one use"), ("shared", "One code for many")],
                default="unique",
                max_length=6,
            ),
        ),
        migrations.AlterField("voucher", "code", models.CharField(max_length=24)),
        migrations.AddField("voucher", "uses", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "voucher", "uses_max", models.PositiveIntegerField(blank=True, default=1, null=True)
        ),
        migrations.AddField(
            "voucher", "per_member_max", models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField("voucher", "valid_from", models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            "VoucherUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True),
                ),
                ("actor", models.CharField(max_length=64)),
                ("request_key", models.CharField(max_length=80)),
                ("used_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("released_by", models.CharField(blank=True, max_length=64)),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voucher_uses",
                        to="loyalty.purchase",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.store",
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="all_uses",
                        to="rewards.voucher",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(released_at__isnull=True),
                        fields=["voucher", "member"],
                        name="voucher_uses_of_member",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("voucher", "request_key"), name="voucher_is_used_once_for_a_request"
                    ),
                    models.UniqueConstraint(
                        condition=Q(released_at__isnull=True),
                        fields=("voucher", "purchase"),
                        name="voucher_is_used_once_on_a_purchase",
                    ),
                    models.CheckConstraint(
                        condition=Q(released_at__isnull=True, released_by="")
                        | (Q(released_at__gte=F("used_at")) & ~Q(released_by="")),
                        name="voucher_use_is_let_go_of_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=Q(amount__isnull=True) | Q(amount__gt=0),
                        name="voucher_use_takes_something_off_or_says_nothing",
                    ),
                ],
            },
        ),
        migrations.RunSQL([USES, COUNTS, NOW], migrations.RunSQL.noop),
        migrations.AddConstraint(
            "voucher",
            models.CheckConstraint(
                condition=Q(kind="unique", per_member_max__isnull=True, uses_max=1)
                | Q(kind="shared", redemption__isnull=True),
                name="voucher_is_for_one_use_or_shared",
            ),
        ),
        migrations.AddConstraint(
            "voucher",
            models.CheckConstraint(
                condition=Q(uses_max__isnull=True) | Q(uses_max__gt=0, uses__lte=F("uses_max")),
                name="voucher_is_used_no_more_than_it_may_be",
            ),
        ),
        migrations.AddConstraint(
            "voucher",
            models.CheckConstraint(
                condition=~Q(status="used") | Q(uses=F("uses_max")),
                name="voucher_is_used_when_no_use_is_left",
            ),
        ),
        migrations.AddConstraint(
            "voucher",
            models.CheckConstraint(
                condition=Q(per_member_max__isnull=True) | Q(per_member_max__gt=0),
                name="voucher_is_good_for_a_member_at_least_once",
            ),
        ),
    ]
