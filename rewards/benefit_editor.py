"""The editor of a benefit for one request: the form, what it says in words, and a trial."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from core.keyed_forms import new_key
from core.models import Organization
from core.queries import stores_of
from loyalty.earning.vocabulary.parse import faults_of
from loyalty.models import Program
from loyalty.rule_page import known_to
from rewards.benefit_forms import BasketForm, BenefitForm
from rewards.benefit_page import tried_rows
from rewards.discount_rows import DiscountRow
from rewards.discounts.describe import describe
from rewards.discounts.spec import BenefitSpec, parse_benefit
from rewards.models import Benefit, BenefitVersion
from rewards.services.benefit_editing import BenefitWish
from rewards.services.benefit_reading import benefit_versions
from rewards.services.benefit_trials import TypedBasket, try_benefit

SAVE = "save"  # the button that keeps what was written; any other only shows it in words
NOT_OF_THE_SPEC = {"name", "counts_from", "request_key", "seen"}


class BenefitEditor:
    """A benefit being written: ``spec`` is what was typed, as far as it is one."""

    def __init__(
        self,
        organization: Organization,
        program: Program,
        benefit: Benefit | None = None,
        typed: QueryDict | None = None,
    ) -> None:
        self.organization, self.program, self.benefit = organization, program, benefit
        versions = benefit_versions([benefit])[benefit.pk] if benefit else []
        self.newest: BenefitVersion | None = versions[-1] if versions else None
        self.is_dated = benefit is not None and benefit.status != Benefit.Status.DRAFT
        self._stores = {store.code: store for store in stores_of(organization)}
        with timezone.override(organization.zone):
            self.form = self._form(typed)
            stores = [(store.code, store.name) for store in self._stores.values()]
            self.basket = BasketForm(typed, stores=stores, now=timezone.localtime())
            self.basket.is_valid()
            self.spec = self._judged() if typed is not None else self._on_record()

    def _form(self, typed: QueryDict | None) -> BenefitForm:
        return BenefitForm(
            typed,
            known=known_to(self.organization, self.program),
            spec=self.newest.spec if self.newest else None,
            is_dated=self.is_dated,
            initial={
                "request_key": new_key(),
                "name": self.benefit.name if self.benefit else "",
                "seen": self.newest.number if self.newest else 0,
            },
        )

    def _on_record(self) -> BenefitSpec | None:
        return parse_benefit(self.newest.spec) if self.newest else None

    def _judged(self) -> BenefitSpec | None:
        """Return what was typed as a benefit; or put beside the fields why it is none."""
        self.form.is_valid()
        if self.form.errors.keys() - NOT_OF_THE_SPEC:
            return None
        told = self.form.spec()
        try:
            return parse_benefit(told)
        except ValidationError as error:
            self.form.show_faults(faults_of(error, told))
            return None

    @property
    def counts_from(self) -> datetime | None:
        """Return the moment from which the new version is to count, when one was typed."""
        return self.form.cleaned_data.get("counts_from")

    @property
    def wish(self) -> BenefitWish:
        """Return what a valid form asks for."""
        typed = self.form.cleaned_data
        return BenefitWish(
            name=typed["name"],
            spec=self.form.spec(),
            counts_from=self.counts_from,
            seen=typed.get("seen") or 0,
        )

    def words(self) -> dict[str, Any]:
        """Return the benefit in words and what it would take off the basket."""
        if self.spec is None:
            return {"sentence": "", "tried": []}
        currency = self.organization.currency
        return {"sentence": describe(self.spec, currency), "tried": self._tried(self.spec)}

    def _tried(self, spec: BenefitSpec) -> list[DiscountRow]:
        form = self.basket
        typed: dict[str, Any] = form.cleaned_data if form.is_bound else {}
        store = self._stores.get(typed.get("store") or next(iter(self._stores), ""))
        if store is None or (form.is_bound and form.errors):
            return []
        store.organization = self.organization
        at = typed.get("at") or timezone.now()
        clock = at.astimezone(self.organization.zone).replace(tzinfo=store.zone)
        articles = typed.get("basket") or [("latte", Decimal("3.40")), ("cake", Decimal("4.20"))]
        basket = TypedBasket(
            articles=articles, store=store, at=clock, spent=Decimal(typed.get("spent") or 0)
        )
        name = str(self.form["name"].value() or _("This benefit"))
        done = try_benefit(organization=self.organization, name=name, spec=spec, basket=basket)
        return tried_rows(done, self.organization.currency)
