"""The rule editor's contents for one request: the form, what it says in words, and a trial."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from core.keyed_forms import new_key
from core.models import Organization
from core.queries import stores_of
from loyalty.earning.changes import Change, changes
from loyalty.earning.describe import describe, describe_conditions
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.errors import RuleInvalid
from loyalty.forms.rules import RuleForm, TrialForm
from loyalty.models import Program, Rule, RuleVersion
from loyalty.queries import rule_versions
from loyalty.rule_history import counting
from loyalty.rule_page import Trial, in_force, known_to, sentence_of, trial_of
from loyalty.services.rule_editing import RuleWish
from loyalty.services.rule_trials import ImaginedSale, try_rule
from loyalty.services.trying import RuleOnTrial

NOT_OF_THE_SPEC = {"name", "counts_from", "request_key", "seen"}


@dataclass(frozen=True, slots=True)
class Replaced:
    """A version that was to begin at a moment to come."""

    begins: datetime
    sentence: str


class RuleEditor:
    """A rule being written: ``spec`` is what was typed, as far as it is a rule."""

    def __init__(
        self,
        organization: Organization,
        program: Program,
        rule: Rule | None = None,
        typed: QueryDict | None = None,
    ) -> None:
        self.organization, self.program, self.rule = organization, program, rule
        versions = rule_versions([rule])[rule.pk] if rule else []
        self._versions = versions
        self._newest: RuleVersion | None = versions[-1] if versions else None
        self._current = in_force(versions, timezone.now()) if versions else None
        self.is_dated = rule is not None and rule.status != Rule.Status.DRAFT
        self._stores = {store.code: store for store in stores_of(organization)}
        with timezone.override(organization.zone):
            self.form = self._form(typed)
            self.trial_form = self._trial_form(typed)
            self.spec = self._judged() if typed is not None else self._on_record()

    def _form(self, typed: QueryDict | None) -> RuleForm:
        first = {
            "request_key": new_key(),
            "name": self.rule.name if self.rule else "",
            "seen": self._newest.number if self._newest else 0,
        }
        return RuleForm(
            typed,
            initial=first,
            known=known_to(self.organization, self.program),
            data_of_rule=self._newest.spec if self._newest else None,
            is_dated=self.is_dated,
        )

    def _trial_form(self, typed: QueryDict | None) -> TrialForm:
        stores = [(store.code, store.name) for store in self._stores.values()]
        form = TrialForm(typed, stores=stores, now=timezone.localtime())
        form.is_valid()
        return form

    def _on_record(self) -> RuleVersionSpec | None:
        return parse_rule(self._newest.spec) if self._newest else None

    def _judged(self) -> RuleVersionSpec | None:
        """Return what was typed as a rule; or put beside the fields why it is none."""
        self.form.is_valid()
        if self.form.errors.keys() - NOT_OF_THE_SPEC:
            return None
        try:
            return parse_rule(self.form.spec())
        except RuleInvalid as refusal:
            self.form.show_faults(refusal.data["errors"])
            return None

    @property
    def currency(self) -> str:
        """Return the currency that amounts are in."""
        return self.organization.currency

    @property
    def sentence(self) -> str:
        """Return what is being written, in words; nothing while it is no rule."""
        return describe(self.spec, self.currency) if self.spec else ""

    @property
    def before(self) -> str:
        """Return what the rule says until now, when that is something else."""
        if not self.is_dated or self._current is None or not self.sentence:
            return ""
        told = sentence_of(self._current.spec, self.currency)
        return told if told != self.sentence else ""

    @property
    def changes(self) -> list[Change]:
        """Return part by part what the new version says otherwise; a draft is compared as it is."""
        before = self._current if self.is_dated else self._newest
        if before is None or self.spec is None:
            return []
        found = changes(parse_rule(before.spec), self.spec, self.currency)
        return [*self._renamed(), *found]

    def _renamed(self) -> list[Change]:
        name = self.form["name"].value()
        if self.rule is None or not name or name == self.rule.name:
            return []
        return [Change(_("Name"), self.rule.name, str(name))]

    @property
    def replaced(self) -> list[Replaced]:
        """Return what was to count later and never will, because this version takes its place."""
        if not self.is_dated or self.spec is None:
            return []
        begins = self.counts_from or timezone.now()
        return [
            Replaced(version.effective_from, sentence_of(version.spec, self.currency))
            for version in counting(self._versions)
            if begins <= version.effective_from
        ]

    @property
    def kept(self) -> str:
        """Return in words the conditions that the form does not show and that stay."""
        if not self.form.kept or self._newest is None:
            return ""
        kept = parse_rule({**self._newest.spec, "conditions": self.form.kept})
        return describe_conditions(kept, self.currency)

    @property
    def counts_from(self) -> datetime | None:
        """Return the moment from which the new version is to count, when one was typed."""
        return self.form.cleaned_data.get("counts_from") if self.form.is_bound else None

    @property
    def wish(self) -> RuleWish:
        """Return what a valid form asks for."""
        typed = self.form.cleaned_data
        return RuleWish(
            name=typed["name"],
            spec=self.form.spec(),
            counts_from=self.counts_from,
            seen=typed["seen"] or 0,
        )

    @property
    def fingerprint(self) -> str:
        """Return a sign of what is being written, to know whether it was read in words."""
        wish = self.wish
        said = [wish.name, wish.spec, str(wish.counts_from)]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def trial(self) -> Trial | None:
        """Return what the imagined purchase would earn; nothing while it cannot be told."""
        typed = self.trial_form
        values = dict(typed.cleaned_data if typed.is_bound else typed.initial)
        store = self._stores.get(values.get("store") or "")
        if self.spec is None or store is None or (typed.is_bound and typed.errors):
            return None
        store.organization = self.organization
        clock = values["at"].astimezone(self.organization.zone).replace(tzinfo=store.zone)
        rule_id = self.rule.pk if self.rule else 0
        outcome = try_rule(
            organization=self.organization,
            program=self.program,
            rule=RuleOnTrial(name=self._name, spec=self.spec, rule_id=rule_id),
            sale=ImaginedSale(amount=Decimal(values["amount"]), at=clock, store=store),
        )
        return trial_of(outcome, rule_id, self.currency) if outcome else None

    @property
    def _name(self) -> str:
        return str(self.form["name"].value() or _("This rule"))
