"""Rewards that are sent or picked up, and where they go."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0015_failure_counts"),
        ("loyalty", "0020_imports_side_by_side"),
        ("members", "0007_attribute_definitions"),
        ("rewards", "0013_fulfillment"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fulfillment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("pickup", "Picked up at a store"),
                            ("shipping", "Sent to an address"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for the member"),
                            ("open", "To be packed"),
                            ("ready", "Ready"),
                            ("done", "Done"),
                            ("canceled", "Canceled"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120)),
                ("line1", models.CharField(blank=True, max_length=160)),
                ("line2", models.CharField(blank=True, max_length=160)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("region", models.CharField(blank=True, max_length=100)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("forgotten_at", models.DateTimeField(blank=True, null=True)),
                ("carrier", models.CharField(blank=True, max_length=60)),
                ("tracking", models.CharField(blank=True, max_length=100)),
                ("created_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("opened_by", models.CharField(blank=True, max_length=64)),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
                ("ready_by", models.CharField(blank=True, max_length=64)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("done_by", models.CharField(blank=True, max_length=64)),
                ("canceled_at", models.DateTimeField(blank=True, null=True)),
                ("canceled_by", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name="redemption",
            name="delivery",
            field=models.CharField(
                blank=True,
                choices=[("pickup", "Picked up at a store"), ("shipping", "Sent to an address")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="delivery",
            field=models.CharField(
                blank=True,
                choices=[("pickup", "Picked up at a store"), ("shipping", "Sent to an address")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(("delivery__in", ["", "pickup", "shipping"])),
                name="redemption_delivery_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delivery", ""),
                    models.Q(
                        ("delivery__in", ["pickup", "shipping"]),
                        ("kind__in", ("free_product", "experience", "exclusive")),
                    ),
                    _connector="OR",
                ),
                name="only_things_are_delivered",
            ),
        ),
        migrations.AddField(
            model_name="fulfillment",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fulfillments",
                to="core.organization",
            ),
        ),
        migrations.AddField(
            model_name="fulfillment",
            name="redemption",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fulfillment",
                to="rewards.redemption",
            ),
        ),
        migrations.AddField(
            model_name="fulfillment",
            name="store",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.store",
            ),
        ),
        migrations.AddIndex(
            model_name="fulfillment",
            index=models.Index(
                fields=["organization", "status", "id"], name="fulfillments_by_status"
            ),
        ),
        migrations.AddIndex(
            model_name="fulfillment",
            index=models.Index(
                condition=models.Q(
                    ("forgotten_at__isnull", True), ("status__in", ("done", "canceled"))
                ),
                fields=["id"],
                name="fulfillments_to_forget",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["waiting", "open", "ready", "done", "canceled"]),
                    ("method__in", ["pickup", "shipping"]),
                ),
                name="fulfillment_is_of_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("method", "pickup"),
                        ("city", ""),
                        ("country", ""),
                        ("line1", ""),
                        ("line2", ""),
                        ("name", ""),
                        ("phone", ""),
                        ("postal_code", ""),
                        ("region", ""),
                    ),
                    models.Q(("method", "shipping"), ("store", None)),
                    _connector="OR",
                ),
                name="fulfillment_goes_to_a_store_or_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "waiting"), _negated=True),
                    models.Q(
                        ("city", ""),
                        ("country", ""),
                        ("line1", ""),
                        ("line2", ""),
                        ("name", ""),
                        ("phone", ""),
                        ("postal_code", ""),
                        ("region", ""),
                        ("note", ""),
                        ("opened_at", None),
                        ("ready_at", None),
                        ("store", None),
                    ),
                    _connector="OR",
                ),
                name="waiting_fulfillment_goes_nowhere_yet",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["open", "ready"]), _negated=True),
                    models.Q(
                        ("opened_at__isnull", False),
                        models.Q(
                            models.Q(("method", "pickup"), ("store__isnull", False)),
                            models.Q(
                                ("method", "shipping"),
                                models.Q(("name", ""), _negated=True),
                                models.Q(("line1", ""), _negated=True),
                                models.Q(("city", ""), _negated=True),
                                models.Q(("country", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="open_fulfillment_knows_where_to",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ready_at", None), ("status", "open")),
                    models.Q(("ready_at__isnull", False), ("status", "ready")),
                    ("status__in", ["waiting", "done", "canceled"]),
                    _connector="OR",
                ),
                name="ready_fulfillment_says_since_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", False), ("status", "done")),
                    ("status", "canceled"),
                    models.Q(("done_at", None), ("status__in", ["waiting", "open", "ready"])),
                    _connector="OR",
                ),
                name="done_fulfillment_says_since_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("canceled_at__isnull", False), ("status", "canceled")),
                    models.Q(
                        ("canceled_at", None), models.Q(("status", "canceled"), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="canceled_fulfillment_says_since_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", "shipping"), ("status", "done"), _negated=True),
                    models.Q(
                        ("ready_at__isnull", False),
                        models.Q(
                            models.Q(
                                models.Q(("name", ""), _negated=True),
                                models.Q(("line1", ""), _negated=True),
                                models.Q(("city", ""), _negated=True),
                                models.Q(("country", ""), _negated=True),
                            ),
                            ("forgotten_at__isnull", False),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="sent_fulfillment_was_packed_for_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("opened_at", None), ("opened_by", "")),
                    models.Q(
                        ("opened_at__isnull", False), models.Q(("opened_by", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="fulfillment_was_opened_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ready_at", None), ("ready_by", "")),
                    models.Q(
                        ("opened_at__isnull", False),
                        ("ready_at__isnull", False),
                        models.Q(("ready_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="fulfillment_was_made_ready_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("done_by", "")),
                    models.Q(("done_at__isnull", False), models.Q(("done_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="fulfillment_was_done_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("canceled_at", None), ("canceled_by", "")),
                    models.Q(
                        ("canceled_at__isnull", False), models.Q(("canceled_by", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="fulfillment_was_canceled_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("carrier", ""), ("tracking", "")),
                    models.Q(("done_at__isnull", False), ("method", "shipping")),
                    _connector="OR",
                ),
                name="only_what_was_sent_is_tracked",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("forgotten_at", None),
                    models.Q(
                        ("city", ""),
                        ("country", ""),
                        ("line1", ""),
                        ("line2", ""),
                        ("name", ""),
                        ("phone", ""),
                        ("postal_code", ""),
                        ("region", ""),
                        ("note", ""),
                        ("status__in", ("done", "canceled")),
                    ),
                    _connector="OR",
                ),
                name="forgotten_address_is_gone",
            ),
        ),
    ]
