"""Kinds, pictures, categories, eligibility and limits of rewards; what was taken stays."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0014_pictures"), ("rewards", "0007_vouchers_and_uses")]

    operations = [
        migrations.CreateModel(
            name="RewardCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("code", models.SlugField()),
                ("name", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="reward",
            name="reward_takes_an_amount_off_or_none",
        ),
        migrations.AddField(
            model_name="redemption",
            name="chosen_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="choices",
                to="rewards.reward",
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="cost",
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="name",
            field=models.CharField(default="", max_length=120),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="redemption",
            name="price_money",
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="promised",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="redemption",
            name="serial",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="serial_of",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="redemption",
            name="terms",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="reward",
            name="cost",
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="reward",
            name="details",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="reward",
            name="ends_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reward",
            name="goodwill_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reward",
            name="groups",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="is_combinable",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="reward",
            name="is_limited_edition",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="reward",
            name="limit_count",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reward",
            name="limit_period",
            field=models.CharField(
                blank=True,
                choices=[
                    ("ever", "ever"),
                    ("year", "a year"),
                    ("month", "a month"),
                    ("week", "a week"),
                    ("day", "a day"),
                ],
                default="ever",
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="limited_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reward",
            name="picture",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.picture",
                to_field="digest",
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="picture_alt",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="reward",
            name="price_money",
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="reward",
            name="shown_to_all",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="reward",
            name="starts_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reward",
            name="stores",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="tiers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="undo_minutes",
            field=models.PositiveSmallIntegerField(default=15),
        ),
        migrations.AlterField(
            model_name="reward",
            name="kind",
            field=models.CharField(
                choices=[
                    ("percent_off", "Percent off"),
                    ("amount_off", "Amount off"),
                    ("free_product", "Free product"),
                    ("product_with_purchase", "Free product with a purchase"),
                    ("free_shipping", "Free shipping"),
                    ("gift_card", "Gift card credit"),
                    ("experience", "Experience"),
                    ("donation", "Donation or partner miles"),
                    ("draw_ticket", "Prize draw ticket"),
                    ("exclusive", "Product for members only"),
                    ("access", "Access to something closed"),
                    ("choose_one", "One of several"),
                ],
                default="free_product",
                max_length=24,
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE rewards_redemption redemption
            SET name = reward.name,
                terms = reward.terms,
                promised = jsonb_strip_nulls(
                    jsonb_build_object('type', reward.kind, 'amount', trim_scale(reward.amount)::text)
                )
            FROM rewards_reward reward
            WHERE reward.id = redemption.reward_id;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(
                condition=models.Q(("chosen_from__isnull", False)),
                fields=["chosen_from", "-created_at"],
                name="redemptions_of_choice",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("serial__isnull", True), ("serial_of__isnull", True)),
                    models.Q(("serial__gt", 0), ("serial__lte", models.F("serial_of"))),
                    _connector="OR",
                ),
                name="redemption_number_is_one_of_its_edition",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("promised__has_key", "type"), models.Q(("name", ""), _negated=True)
                ),
                name="redemption_says_what_was_promised",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["held", "issued"])),
                fields=("reward", "serial"),
                name="redemption_number_is_unique",
            ),
        ),
        migrations.AddField(
            model_name="rewardcategory",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reward_categories",
                to="loyalty.program",
            ),
        ),
        migrations.AddField(
            model_name="reward",
            name="category",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="rewards",
                to="rewards.rewardcategory",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("kind__in", ("amount_off", "gift_card"))),
                    models.Q(
                        ("amount__isnull", True),
                        (
                            "kind__in",
                            (
                                "free_product",
                                "product_with_purchase",
                                "free_shipping",
                                "experience",
                                "exclusive",
                            ),
                        ),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("kind__in", ("percent_off",)),
                        ("details__has_key", "percent"),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("kind__in", ("donation",)),
                        ("details__has_key", "partner"),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("kind__in", ("draw_ticket",)),
                        ("details__has_key", "draw"),
                        ("details__has_key", "tickets"),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("kind__in", ("access",)),
                        ("details__has_key", "link"),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("kind__in", ("access",)),
                        ("details__has_key", "access_code"),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("kind__in", ("choose_one",)),
                        ("details__has_key", "options"),
                    ),
                    _connector="OR",
                ),
                name="reward_has_what_its_kind_needs",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("price_money__isnull", True), ("price_money__gt", 0), _connector="OR"
                ),
                name="reward_asks_for_money_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost__isnull", True), ("cost__gte", 0), _connector="OR"),
                name="reward_cost_is_no_gain",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_on__isnull", True),
                    ("ends_on__isnull", True),
                    ("starts_on__lte", models.F("ends_on")),
                    _connector="OR",
                ),
                name="reward_begins_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("limit_count__isnull", True), ("limited_since__isnull", True)),
                    models.Q(("limit_count__gt", 0), ("limited_since__isnull", False)),
                    _connector="OR",
                ),
                name="reward_limit_is_one_since_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("limit_period__in", ["ever", "year", "month", "week", "day"])),
                name="reward_limit_period_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_limited_edition", False), ("stock__isnull", False), _connector="OR"
                ),
                name="limited_edition_says_how_many",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "access"), _negated=True),
                    ("shown_to_all", False),
                    _connector="OR",
                ),
                name="closed_reward_is_hidden_from_others",
            ),
        ),
        migrations.AddConstraint(
            model_name="rewardcategory",
            constraint=models.UniqueConstraint(
                fields=("program", "code"), name="reward_category_code_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="rewardcategory",
            constraint=models.UniqueConstraint(
                fields=("program", "id"), name="reward_category_belongs_to_program"
            ),
        ),
        migrations.AddConstraint(
            model_name="rewardcategory",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="reward_category_has_a_name"
            ),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE rewards_reward
                ADD CONSTRAINT reward_and_category_are_of_the_same_program
                    FOREIGN KEY (program_id, category_id)
                    REFERENCES rewards_rewardcategory (program_id, id)
                    DEFERRABLE INITIALLY DEFERRED;
            """,
            "ALTER TABLE rewards_reward DROP CONSTRAINT reward_and_category_are_of_the_same_program;",
        ),
    ]
