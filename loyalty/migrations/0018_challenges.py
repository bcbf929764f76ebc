"""Challenges and how far members have come."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0017_stamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Challenge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("code", models.SlugField()),
                ("name", models.CharField(max_length=120)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("ended", "Ended"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="challenges",
                        to="loyalty.program",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChallengeVersion",
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
                    "challenge",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="loyalty.challenge",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChallengeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.DateField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("progress", models.DecimalField(decimal_places=3, default=0, max_digits=18)),
                ("seen", models.JSONField(default=dict)),
                ("opted_in_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="challenge_runs",
                        to="loyalty.account",
                    ),
                ),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="loyalty.challenge",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="loyalty.challengeversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.UniqueConstraint(
                fields=("program", "code"), name="challenge_code_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="challenge",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "active", "paused", "ended"])),
                name="challenge_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="challengeversion",
            constraint=models.UniqueConstraint(
                fields=("challenge", "number"), name="challenge_version_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="challengerun",
            constraint=models.UniqueConstraint(
                fields=("account", "challenge", "version", "period"),
                name="challenge_runs_once_a_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="challengerun",
            constraint=models.CheckConstraint(
                condition=models.Q(("progress__gte", 0)), name="challenge_progress_is_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="challengerun",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lt", models.F("ends_at"))),
                name="challenge_run_ends_after_its_start",
            ),
        ),
        migrations.CreateModel(
            name="ChallengeCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("counted", models.DecimalField(decimal_places=3, max_digits=18)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="challenge_counts",
                        to="loyalty.activity",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="challenge_counts",
                        to="loyalty.purchase",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counts",
                        to="loyalty.challengerun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "purchase"), name="purchase_counts_once_in_a_run"
                    ),
                    models.UniqueConstraint(
                        fields=("run", "activity"), name="activity_counts_once_in_a_run"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purchase__isnull", True), ("activity__isnull", True), _connector="XOR"
                        ),
                        name="challenge_count_is_of_a_purchase_or_an_activity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counted__gte", 0)),
                        name="challenge_count_is_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChallengeCompletion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("points", models.BigIntegerField(default=0)),
                ("taken", models.BigIntegerField(default=0)),
                ("request_key", models.CharField(max_length=80)),
                ("actor", models.CharField(max_length=64)),
                ("completed_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="completions",
                        to="loyalty.challengerun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("run",),
                        name="challenge_run_is_completed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("taken__gte", 0), ("taken__lte", models.F("points"))),
                        name="challenge_takes_back_what_it_gave_at_most",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER loyalty_challengeversion_append_only BEFORE UPDATE OR DELETE ON loyalty_challengeversion
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            """,
            """
            DROP TRIGGER loyalty_challengeversion_append_only ON loyalty_challengeversion;
            """,
        ),
    ]
