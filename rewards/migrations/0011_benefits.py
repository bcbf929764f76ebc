"""Benefits, what was taken off purchases, and quotes that set vouchers and points aside."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

TABLES = ["rewards_benefitversion", "rewards_purchasediscount"]

CREATE = "\n".join(
    f"""
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();"""
    for table in TABLES
)
DROP = "\n".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0020_imports_side_by_side"),
        ("rewards", "0010_draws"),
    ]

    operations = [
        migrations.CreateModel(
            name="Benefit",
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
                        related_name="benefits",
                        to="loyalty.program",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BenefitVersion",
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
                    "benefit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="rewards.benefit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PurchaseDiscount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("benefit", "Benefit"), ("tier", "Tier"), ("voucher", "Voucher")],
                        max_length=8,
                    ),
                ),
                ("tier", models.CharField(blank=True, max_length=80)),
                ("name", models.CharField(max_length=120)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=14)),
                ("lines", models.JSONField()),
                ("why", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "benefit_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_off",
                        to="rewards.benefitversion",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_off",
                        to="loyalty.purchase",
                    ),
                ),
                (
                    "voucher_use",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_off",
                        to="rewards.voucheruse",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("asked", models.CharField(max_length=64)),
                ("due", models.DecimalField(decimal_places=3, max_digits=14)),
                ("promised", models.JSONField()),
                ("actor", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "hold",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quote",
                        to="loyalty.hold",
                    ),
                ),
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
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotes",
                        to="core.organization",
                    ),
                ),
                (
                    "purchase",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quote",
                        to="loyalty.purchase",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.store",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="QuotedVoucher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="rewards.quote",
                    ),
                ),
                (
                    "voucher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quoted",
                        to="rewards.voucher",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="benefit",
            constraint=models.UniqueConstraint(
                fields=("program", "code"), name="benefit_code_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="benefit",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "active", "paused", "ended"])),
                name="benefit_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="benefitversion",
            constraint=models.UniqueConstraint(
                fields=("benefit", "number"), name="benefit_version_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchasediscount",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="discount_takes_something_off"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchasediscount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("benefit_version__isnull", False),
                        ("source", "benefit"),
                        ("tier", ""),
                        ("voucher_use__isnull", True),
                    ),
                    models.Q(
                        ("benefit_version__isnull", True),
                        ("source", "tier"),
                        ("voucher_use__isnull", True),
                        models.Q(("tier", ""), _negated=True),
                    ),
                    models.Q(
                        ("benefit_version__isnull", True),
                        ("source", "voucher"),
                        ("tier", ""),
                        ("voucher_use__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="discount_has_the_source_it_names",
            ),
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["expires_at"],
                name="quotes_that_will_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("purchase__isnull", True), ("ended_at__isnull", False), _connector="OR"
                ),
                name="used_quote_has_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotedvoucher",
            constraint=models.UniqueConstraint(
                fields=("quote", "voucher"), name="quote_sets_a_voucher_aside_once"
            ),
        ),
        migrations.CreateModel(
            name="QuotedReward",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="rewards.quote",
                    ),
                ),
                (
                    "redemption",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quoted",
                        to="rewards.redemption",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
