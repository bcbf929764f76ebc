"""The ladder of tiers, who stands where, and every step."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0015_activities_and_grants"),
    ]

    operations = [
        migrations.CreateModel(
            name="LadderVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("spec", models.JSONField()),
                ("effective_from", models.DateTimeField()),
                ("created_by", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "program",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ladder_versions",
                        to="loyalty.program",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "number"), name="ladder_version_is_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LadderLift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lift",
                        to="loyalty.ladderversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TierCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                ("spend", models.DecimalField(decimal_places=3, default=0, max_digits=14)),
                ("points", models.BigIntegerField(default=0)),
                ("visits", models.SmallIntegerField(default=0)),
                ("credits", models.BigIntegerField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tier_counts",
                        to="loyalty.account",
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="loyalty.activity",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="loyalty.return",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="loyalty.purchase",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "day"], name="tier_counts_of_account")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("parent__isnull", True)),
                        fields=("purchase", "account"),
                        name="purchase_counts_once_for_a_tier",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("activity__isnull", False)),
                        fields=("activity", "account"),
                        name="activity_counts_once_for_a_tier",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("parent__isnull", False)),
                        fields=("parent", "purchase", "account"),
                        name="return_counts_once_for_a_tier",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purchase__isnull", True),
                            ("activity__isnull", True),
                            _connector="XOR",
                        ),
                        name="tier_counts_a_purchase_or_an_activity",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tier", models.SlugField(blank=True)),
                ("floor", models.SlugField(blank=True)),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("grace_until", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("steps", models.JSONField(default=list)),
                ("joined_on", models.DateField()),
                ("looked_at", models.DateTimeField()),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing",
                        to="loyalty.account",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="standings_by_due",
                    ),
                    models.Index(
                        condition=models.Q(("tier", ""), _negated=True),
                        fields=["tier"],
                        name="standings_by_tier",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grace_until__isnull", True),
                            ("grace_until__gte", models.F("until")),
                            _connector="OR",
                        ),
                        name="grace_comes_after_the_tier",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TierChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("kept", "Kept for another period"),
                            ("lowered", "Not kept"),
                            ("returned", "Taken back by a return"),
                            ("granted", "Given"),
                            ("grant_ended", "What was given has ended"),
                            ("rules", "The tiers have changed"),
                            ("merged", "Accounts were joined or parted"),
                        ],
                        max_length=11,
                    ),
                ),
                ("before", models.SlugField(blank=True)),
                ("after", models.SlugField(blank=True)),
                ("floor", models.SlugField(blank=True)),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                ("cause", models.CharField(max_length=32)),
                ("cause_id", models.BigIntegerField(blank=True, null=True)),
                ("details", models.JSONField(default=dict)),
                ("actor", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tier_changes",
                        to="loyalty.account",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "-id"], name="tier_changes_of_account")
                ],
            },
        ),
        migrations.CreateModel(
            name="TierGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tier", models.SlugField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("cause", models.CharField(max_length=32)),
                ("cause_id", models.BigIntegerField(blank=True, null=True)),
                ("line", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("request_key", models.CharField(max_length=80)),
                ("actor", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tier_grants",
                        to="loyalty.account",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_on_by",
                        to="loyalty.tiergrant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["ends_at"],
                        name="tier_grants_by_end",
                    ),
                    models.Index(fields=["cause", "cause_id"], name="tier_grants_by_cause"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "request_key"), name="tier_is_granted_once_per_request"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True),
                            ("ends_at__gt", models.F("begins_at")),
                            _connector="OR",
                        ),
                        name="tier_grant_lasts",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER loyalty_ladderversion_append_only BEFORE UPDATE OR DELETE ON loyalty_ladderversion
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            CREATE TRIGGER loyalty_tiercount_append_only BEFORE UPDATE OR DELETE ON loyalty_tiercount
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            CREATE TRIGGER loyalty_tierchange_append_only BEFORE UPDATE OR DELETE ON loyalty_tierchange
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            """,
            """
            DROP TRIGGER loyalty_ladderversion_append_only ON loyalty_ladderversion;
            DROP TRIGGER loyalty_tiercount_append_only ON loyalty_tiercount;
            DROP TRIGGER loyalty_tierchange_append_only ON loyalty_tierchange;
            """,
        ),
    ]
