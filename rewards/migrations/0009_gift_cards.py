"""Gift cards and their ledger."""

import uuid
from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

CREATE = """
    CREATE TRIGGER rewards_giftcardentry_append_only BEFORE UPDATE OR DELETE
        ON rewards_giftcardentry FOR EACH ROW EXECUTE FUNCTION regulars_refuse_change();
"""
DROP = "DROP TRIGGER rewards_giftcardentry_append_only ON rewards_giftcardentry;"


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0013_gift_card_scope"),
        ("loyalty", "0020_imports_side_by_side"),
        ("members", "0007_attribute_definitions"),
        ("rewards", "0008_full_catalog"),
    ]

    operations = [
        migrations.CreateModel(
            name="GiftCardBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField()),
                ("made", models.PositiveIntegerField(default=0)),
                ("has_pins", models.BooleanField(default=False)),
                ("created_by", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("downloaded_at", models.DateTimeField(blank=True, null=True)),
                ("downloaded_by", models.CharField(blank=True, max_length=64)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gift_card_batches",
                        to="core.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GiftCard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("code", models.CharField(max_length=17)),
                ("ending", models.CharField(max_length=4)),
                ("pin_digest", models.BinaryField(blank=True, max_length=32, null=True)),
                ("currency", models.CharField(max_length=3)),
                (
                    "balance",
                    models.DecimalField(decimal_places=3, default=Decimal(0), max_digits=14),
                ),
                (
                    "loaded",
                    models.DecimalField(decimal_places=3, default=Decimal(0), max_digits=14),
                ),
                ("entries_count", models.PositiveIntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("blank", "Not sold yet"),
                            ("active", "Active"),
                            ("blocked", "Blocked"),
                            ("expired", "Expired"),
                        ],
                        default="blank",
                        max_length=8,
                    ),
                ),
                ("valid_until", models.DateTimeField(blank=True, null=True)),
                ("sold_at", models.DateTimeField(blank=True, null=True)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gift_cards",
                        to="members.member",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="core.outgoingmessage",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gift_cards",
                        to="core.organization",
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="rewards.giftcard",
                    ),
                ),
                (
                    "sold_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.store",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cards",
                        to="rewards.giftcardbatch",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GiftCardEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("load", "Loaded"),
                            ("charge", "Paid with"),
                            ("refund", "Put back"),
                            ("expire", "Expired"),
                            ("adjust", "Corrected"),
                        ],
                        max_length=6,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=3, max_digits=14)),
                ("balance_after", models.DecimalField(decimal_places=3, max_digits=14)),
                ("actor", models.CharField(max_length=64)),
                ("request_key", models.CharField(max_length=120)),
                ("line", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("reference", models.CharField(blank=True, max_length=210)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                (
                    "came_back",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gift_card_entries",
                        to="loyalty.return",
                    ),
                ),
                (
                    "card",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="rewards.giftcard",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gift_card_entries",
                        to="loyalty.purchase",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GiftCardTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_months", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("asks_pin", models.BooleanField(default=False)),
                (
                    "balance_max",
                    models.DecimalField(decimal_places=3, default=Decimal(1000), max_digits=14),
                ),
                (
                    "load_max",
                    models.DecimalField(decimal_places=3, default=Decimal(1000), max_digits=14),
                ),
                (
                    "refund_to_ended",
                    models.CharField(
                        choices=[
                            ("new_card", "It goes onto a new card"),
                            ("refuse", "It is refused"),
                        ],
                        default="new_card",
                        max_length=8,
                    ),
                ),
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gift_card_terms",
                        to="core.organization",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="giftcardbatch",
            index=models.Index(
                condition=models.Q(("made__lt", models.F("size"))),
                fields=["id"],
                name="gift_card_batches_to_make",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcardbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("made__lte", models.F("size")), ("size__gt", 0)),
                name="gift_card_batch_has_a_size",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcardbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("downloaded_at__isnull", True),
                    models.Q(
                        ("made", models.F("size")), models.Q(("downloaded_by", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="gift_card_batch_is_downloaded_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="giftcard",
            index=models.Index(fields=["organization", "ending"], name="gift_cards_by_ending"),
        ),
        migrations.AddIndex(
            model_name="giftcard",
            index=models.Index(fields=["organization", "-id"], name="gift_cards_newest_first"),
        ),
        migrations.AddIndex(
            model_name="giftcard",
            index=models.Index(
                condition=models.Q(("status__in", ["active", "blocked"])),
                fields=["valid_until"],
                name="gift_cards_that_will_expire",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcard",
            constraint=models.UniqueConstraint(
                fields=("organization", "code"), name="gift_card_code_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcard",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance__gte", 0), ("balance__lte", models.F("loaded"))),
                name="gift_card_balance_is_between_zero_and_its_load",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcard",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                name="gift_card_currency_is_three_capitals",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcard",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["blank", "active", "blocked", "expired"])),
                name="gift_card_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "blank"), _negated=True),
                    models.Q(("loaded", 0), ("member", None), ("valid_until", None)),
                    _connector="OR",
                ),
                name="blank_gift_card_holds_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "expired"), _negated=True), ("balance", 0), _connector="OR"
                ),
                name="expired_gift_card_is_empty",
            ),
        ),
        migrations.AddIndex(
            model_name="giftcardentry",
            index=models.Index(fields=["reference", "card"], name="gift_card_entries_of_purchase"),
        ),
        migrations.AddConstraint(
            model_name="giftcardentry",
            constraint=models.UniqueConstraint(
                fields=("card", "sequence"), name="gift_card_entries_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcardentry",
            constraint=models.UniqueConstraint(
                fields=("card", "request_key"), name="gift_card_request_is_booked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcardentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("kind__in", ["load", "refund"])),
                    models.Q(("amount__lt", 0), ("kind__in", ["charge", "expire"])),
                    models.Q(("kind", "adjust"), models.Q(("amount", 0), _negated=True)),
                    _connector="OR",
                ),
                name="gift_card_entry_has_the_sign_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcardentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance_after__gte", 0)), name="gift_card_is_never_overdrawn"
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcardterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("balance_max__gt", 0),
                    ("load_max__gt", 0),
                    ("load_max__lte", models.F("balance_max")),
                ),
                name="gift_card_loads_fit_their_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcardterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_months__isnull", True), ("valid_months__gt", 0), _connector="OR"
                ),
                name="gift_card_is_valid_for_a_while",
            ),
        ),
        migrations.AddConstraint(
            model_name="giftcardterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("refund_to_ended__in", ["new_card", "refuse"])),
                name="refund_to_ended_gift_card_is_decided",
            ),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
