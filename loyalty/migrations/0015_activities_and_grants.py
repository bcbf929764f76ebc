"""Activities, grants, and awards that are not points."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0012_regions"),
        ("loyalty", "0014_no_index_twice"),
        ("members", "0006_groups"),
    ]

    operations = [
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("voucher", "Voucher"),
                            ("ticket", "Draw ticket"),
                            ("badge", "Badge"),
                        ],
                        max_length=8,
                    ),
                ),
                ("target", models.CharField(max_length=64)),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("count", models.PositiveIntegerField(default=1)),
                ("cause", models.CharField(max_length=32)),
                ("cause_id", models.BigIntegerField()),
                ("request_key", models.CharField(max_length=80)),
                ("actor", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("given", "Given"), ("withdrawn", "Taken back")],
                        default="given",
                        max_length=9,
                    ),
                ),
                ("given_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RuleCarry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("carried", models.DecimalField(decimal_places=6, default=0, max_digits=24)),
                ("per", models.DecimalField(decimal_places=6, max_digits=24)),
            ],
        ),
        migrations.AddField(
            model_name="award",
            name="target",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="award",
            name="unit",
            field=models.CharField(
                choices=[
                    ("points", "points"),
                    ("stamps", "stamps"),
                    ("steps", "steps of a challenge"),
                    ("credits", "credits for a tier"),
                    ("vouchers", "vouchers"),
                    ("tickets", "draw tickets"),
                ],
                default="points",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="award",
            name="purchase",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="awards",
                to="loyalty.purchase",
            ),
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("joined", "Joined"),
                            ("birthday", "Birthday"),
                            ("join_anniversary", "Anniversary of joining"),
                            ("review", "Review"),
                            ("check_in", "Visit without a purchase"),
                            ("survey", "Survey"),
                            ("referral", "Referral"),
                            ("social_share", "Shared in public"),
                            ("app_install", "App installed"),
                            ("custom", "Something of the shop's own"),
                        ],
                        max_length=16,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=50)),
                ("source", models.CharField(max_length=64)),
                ("external_id", models.CharField(max_length=128)),
                ("once_key", models.CharField(blank=True, max_length=40)),
                ("occurred_at", models.DateTimeField()),
                ("data", models.JSONField(default=dict)),
                ("content_digest", models.CharField(max_length=64)),
                ("request_key", models.CharField(max_length=80)),
                ("actor", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="members.member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="core.organization",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="award",
            name="activity",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="awards",
                to="loyalty.activity",
            ),
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.UniqueConstraint(
                condition=models.Q(("activity__isnull", False)),
                fields=("activity", "account", "rule_version"),
                name="rule_awards_an_activity_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("purchase__isnull", True), ("activity__isnull", True), _connector="XOR"
                ),
                name="award_is_for_a_purchase_or_an_activity",
            ),
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("target", ""), ("unit", "points")),
                    models.Q(models.Q(("unit", "points"), _negated=True), ("entry__isnull", True)),
                    _connector="OR",
                ),
                name="only_points_have_entries",
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="loyalty.account",
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="members.member",
            ),
        ),
        migrations.AddField(
            model_name="rulecarry",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carries",
                to="loyalty.account",
            ),
        ),
        migrations.AddField(
            model_name="rulecarry",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carries",
                to="loyalty.rule",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["member", "occurred_at"], name="activities_of_member"),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.UniqueConstraint(
                fields=("organization", "source", "external_id"), name="activity_number_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("once_key", ""), _negated=True),
                fields=("member", "kind", "once_key"),
                name="activity_counts_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "custom"), ("name", ""), _connector="XOR"),
                name="own_activity_has_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "given")),
                fields=("account", "cause", "cause_id", "kind", "target", "number"),
                name="grant_is_given_once_per_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("count", 1),
                    models.Q(("count__gt", 1), ("kind", "ticket")),
                    _connector="OR",
                ),
                name="grant_gives_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "given"), ("withdrawn_at__isnull", True)),
                    models.Q(("status", "withdrawn"), ("withdrawn_at__isnull", False)),
                    _connector="OR",
                ),
                name="withdrawn_grant_says_when",
            ),
        ),
        migrations.CreateModel(
            name="CarriedPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("counted", models.DecimalField(decimal_places=6, max_digits=24)),
                ("per", models.DecimalField(decimal_places=6, max_digits=24)),
                ("returned", models.DecimalField(decimal_places=6, default=0, max_digits=24)),
                ("given", models.BigIntegerField(default=0)),
                ("taken", models.BigIntegerField(default=0)),
                ("forgone", models.BigIntegerField(default=0)),
                ("lines", models.JSONField()),
                ("back", models.JSONField(default=list)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_parts",
                        to="loyalty.account",
                    ),
                ),
                (
                    "award",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_part",
                        to="loyalty.award",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_parts",
                        to="loyalty.purchase",
                    ),
                ),
                (
                    "rule_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_parts",
                        to="loyalty.ruleversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purchase", "account", "rule_version"),
                        name="rule_carries_a_purchase_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("forgone__gte", 0),
                            ("per__gt", 0),
                            ("taken__gte", 0),
                            ("taken__lte", models.F("given")),
                        ),
                        name="carried_part_is_of_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("returned__gte", 0), ("returned__lte", models.F("counted"))
                        ),
                        name="carried_part_comes_back_at_most_whole",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="rulecarry",
            constraint=models.UniqueConstraint(
                fields=("account", "rule", "per"), name="rule_carries_once_per_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulecarry",
            constraint=models.CheckConstraint(
                condition=models.Q(("per__gt", 0)), name="carry_is_of_something"
            ),
        ),
    ]
