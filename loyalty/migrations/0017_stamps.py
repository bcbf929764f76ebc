"""Stamp cards and their stamps."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0016_tiers"),
    ]

    operations = [
        migrations.CreateModel(
            name="StampCard",
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
                        related_name="stamp_cards",
                        to="loyalty.program",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StampCardVersion",
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
                    "card",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="loyalty.stampcard",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StampMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveIntegerField()),
                ("stamps", models.IntegerField()),
                ("reopened", models.PositiveSmallIntegerField(default=0)),
                ("balance_after", models.IntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("purchase", "Purchase"),
                            ("activity", "Activity"),
                            ("return", "Return"),
                            ("merge", "Two accounts became one"),
                            ("unmerge", "They are two again"),
                            ("manual", "By hand"),
                        ],
                        max_length=8,
                    ),
                ),
                ("cause_id", models.BigIntegerField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("request_key", models.CharField(max_length=80)),
                ("actor", models.CharField(max_length=64)),
                ("occurred_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stamp_moves",
                        to="loyalty.account",
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="loyalty.stampcard",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="loyalty.stampcardversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StampSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("stamps", models.IntegerField(default=0)),
                ("gifted", models.JSONField(default=list)),
                ("begun_by", models.PositiveIntegerField()),
                ("opened_at", models.DateTimeField()),
                ("stamped_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("lapsed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stamp_sheets",
                        to="loyalty.account",
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="loyalty.stampcard",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="loyalty.stampcardversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="stampcard",
            constraint=models.UniqueConstraint(
                fields=("program", "code"), name="stamp_card_code_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampcard",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "active", "paused", "ended"])),
                name="stamp_card_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stampcardversion",
            constraint=models.UniqueConstraint(
                fields=("card", "number"), name="stamp_card_version_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampmove",
            constraint=models.UniqueConstraint(
                fields=("account", "card", "sequence"), name="stamp_moves_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampmove",
            constraint=models.UniqueConstraint(
                fields=("account", "card", "request_key"), name="stamps_move_once_per_request"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampmove",
            constraint=models.CheckConstraint(
                condition=models.Q(("stamps", 0), _negated=True), name="stamp_move_moves_stamps"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampmove",
            constraint=models.CheckConstraint(
                condition=models.Q(("reopened", 0), ("stamps__lt", 0), _connector="OR"),
                name="only_taking_opens_full_sheets",
            ),
        ),
        migrations.AddIndex(
            model_name="stampsheet",
            index=models.Index(
                condition=models.Q(("completed_at__isnull", True), ("lapsed_at__isnull", True)),
                fields=["expires_at"],
                name="stamp_sheets_by_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="stampsheet",
            constraint=models.UniqueConstraint(
                fields=("account", "card", "number"), name="stamp_sheets_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="stampsheet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("completed_at__isnull", True), ("lapsed_at__isnull", True)),
                fields=("account", "card"),
                name="one_stamp_sheet_is_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="stampsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("completed_at__isnull", True), ("lapsed_at__isnull", True), _connector="OR"
                ),
                name="full_stamp_sheet_does_not_lapse",
            ),
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER loyalty_stampcardversion_append_only BEFORE UPDATE OR DELETE ON loyalty_stampcardversion
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            CREATE TRIGGER loyalty_stampmove_append_only BEFORE UPDATE OR DELETE ON loyalty_stampmove
                FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
            """,
            """
            DROP TRIGGER loyalty_stampcardversion_append_only ON loyalty_stampcardversion;
            DROP TRIGGER loyalty_stampmove_append_only ON loyalty_stampmove;
            """,
        ),
    ]
