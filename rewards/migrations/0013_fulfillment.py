"""What is shipped, picked up or proved at a till."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0012_regions"),
        ("members", "0007_attribute_definitions"),
        ("rewards", "0012_voucher_batches"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProofCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.BinaryField(max_length=32)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("asked_today", models.PositiveSmallIntegerField(default=1)),
                ("today_since", models.DateTimeField()),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.register",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "means",
                    models.CharField(
                        choices=[
                            ("phone", "Shown on their phone"),
                            ("code", "A code that was sent to them"),
                        ],
                        max_length=5,
                    ),
                ),
                ("shown", models.BinaryField(blank=True, max_length=32, null=True)),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="members.member",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.register",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.staff",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["member", "register", "-expires_at"], name="proofs_of_member"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("shown",), name="phone_proves_once"),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("at"))),
                        name="proof_lasts_a_while",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("means", "code"), ("shown__isnull", True)),
                            models.Q(("means", "phone"), ("shown__isnull", False)),
                            _connector="OR",
                        ),
                        name="proof_by_phone_was_shown",
                    ),
                ],
            },
        ),
    ]
