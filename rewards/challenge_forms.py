"""What is typed in the office about challenges and levels; their documents judge it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.keyed_forms import KeyForm
from core.program_files import Fault
from loyalty.challenges.levels import LEVELS_MAX
from loyalty.challenges.periods import PERIODS
from loyalty.challenges.targets import TARGETS
from loyalty.earning.vocabulary.labels import TYPES
from loyalty.earning.vocabulary.rule import CONDITIONS
from loyalty.forms.rules import SWITCH, Known, Option, can_show, part_fields
from loyalty.forms.typed import BETWEEN, MOMENT, NUMBER, Choices, Data, PartFields

ONE_LINE = {"dir": "auto", "autocomplete": "off"}
LEVEL_ROWS_MORE = 2
TARGET_NAMES = {
    "visits": _("Visits"),
    "amount": _("Money spent"),
    "items": _("Articles bought"),
    "distinct_categories": _("Different categories"),
    "week_streak": _("Weeks in a row"),
    "activities": _("Something else that members do"),
    "steps": _("Steps that rules give"),
}
PERIOD_NAMES = {
    "fixed": _("Between two days"),
    "each": _("Anew in each week, month or quarter"),
    "after_joining": _("So many days from joining on"),
}
JOINING = (
    ("automatic", _("Everybody, by themselves")),
    ("opt_in", _("Whoever joins it: in the portal, at the till or in the office")),
)
RETURNS = (
    ("undo", _("The progress falls, and a gift that was not used is taken back")),
    ("keep", _("Progress and gifts stay")),
)


class ChallengeForm(KeyForm):
    """A challenge, new or changed, made from the typed parts it consists of.

    ``spec`` is the version that is edited; conditions of it that the form cannot show are
    ``kept`` and go into the next version as they are.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(ONE_LINE))
    description = forms.CharField(
        label=_("A sentence for members"),
        max_length=120,
        required=False,
        widget=forms.TextInput(ONE_LINE),
    )
    joining = forms.ChoiceField(
        label=_("Who takes part"), choices=JOINING, widget=forms.RadioSelect
    )
    points = forms.IntegerField(
        label=_("Points"), required=False, min_value=1, widget=forms.TextInput(NUMBER)
    )
    rewards = forms.MultipleChoiceField(
        label=_("Vouchers for"), required=False, widget=forms.CheckboxSelectMultiple
    )
    badge = forms.CharField(
        label=_("A badge of this name"),
        required=False,
        max_length=64,
        widget=forms.TextInput(ONE_LINE),
    )
    returns = forms.ChoiceField(
        label=_("When goods come back"), choices=RETURNS, widget=forms.RadioSelect
    )
    counts_from = forms.DateTimeField(
        label=_("Counts from"),
        required=False,
        help_text=_("Leave it empty to count from now on."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        known: Known,
        rewards: Choices,
        spec: Data | None = None,
        is_dated: bool = False,
        initial: Mapping[str, Any],
    ) -> None:
        choices = known.as_choices(spec or {})
        self._targets = _scoped("target", TARGETS)
        self._periods = _scoped("period", PERIODS)
        self._conditions = {
            key: part_fields("conditions", key, kind, choices) for key, kind in CONDITIONS.items()
        }
        self._index: list[str] = []
        self.kept: list[Data] = []
        first = {"target": "visits", "period": "each", "joining": "automatic", "returns": "undo"}
        super().__init__(data, initial=first | self._shown(spec or {}) | dict(initial))
        self.fields.update(self._made())
        self.fields["rewards"].choices = rewards  # type: ignore[attr-defined]
        if not is_dated:
            del self.fields["counts_from"]

    # --- what it asks for ---------------------------------------------------------------------

    def _made(self) -> Iterator[tuple[str, forms.Field]]:
        yield "target", _radios(TARGET_NAMES)
        yield "period", _radios(PERIOD_NAMES)
        for part in self._conditions.values():
            yield (
                part.prefix,
                forms.BooleanField(required=False, widget=forms.CheckboxInput(SWITCH)),
            )
        for parts in (self._targets, self._periods, self._conditions):
            for part in parts.values():
                yield from part.fields()

    def _shown(self, spec: Data) -> Data:
        """Return what the fields show of a version; what they cannot show is kept."""
        if not spec:
            return {}
        target, period = spec["target"], spec["period"]
        shown: Data = {
            "target": target["type"],
            "period": period["type"],
            **self._targets[target["type"]].shown(target),
            **self._periods[period["type"]].shown(period),
            **{name: spec[name] for name in ("joining", "returns")},
            "description": spec.get("description", ""),
            **_shown_gifts(spec.get("gifts", ())),
        }
        for condition in spec.get("conditions", ()):
            part = self._conditions[condition["type"]]
            if part.prefix in shown or not can_show(part, condition):
                self.kept.append(condition)
            else:
                shown |= {part.prefix: True, **part.shown(condition)}
        return shown

    # --- what was typed -----------------------------------------------------------------------

    def spec(self) -> Data:
        """Return the challenge as JSON, which its document is to judge."""
        typed = self.cleaned_data
        chosen = [(key, part) for key, part in self._conditions.items() if typed.get(part.prefix)]
        self._index = [part.prefix for _key, part in chosen]
        conditions = [{"type": key, **part.told(typed)} for key, part in chosen]
        told: Data = {
            "target": self._one_of("target", self._targets),
            "period": self._one_of("period", self._periods),
            "conditions": [*conditions, *self.kept],
            "gifts": self._gifts(),
            **{name: typed.get(name) for name in ("joining", "returns", "description")},
        }
        return {name: value for name, value in told.items() if value not in (None, "")}

    def _one_of(self, name: str, parts: Mapping[str, PartFields]) -> Data | None:
        key = self.cleaned_data.get(name)
        return {"type": key, **parts[key].told(self.cleaned_data)} if key else None

    def _gifts(self) -> list[Data]:
        typed = self.cleaned_data
        gifts: list[Data] = []
        if typed.get("points"):
            gifts.append({"type": "points", "points": typed["points"]})
        gifts += [{"type": "voucher", "reward": code} for code in typed.get("rewards") or ()]
        if typed.get("badge"):
            gifts.append({"type": "badge", "badge": typed["badge"]})
        return gifts

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Put what the document says beside the fields it says it of."""
        for fault in faults:
            self.add_error(self._field_of(fault["field"]), fault["message"])

    def _field_of(self, path: str) -> str | None:
        steps = path.split(".")
        if steps[0] == "gifts":
            return "rewards"
        if steps[0] == "conditions" and len(steps) > 1:
            place = int(steps[1])
            if place >= len(self._index):
                return None
            steps = [self._index[place], *steps[2:]]
        elif steps[0] in ("target", "period"):
            steps = [steps[0], self.cleaned_data.get(steps[0]) or "", *steps[1:]]
        for end in range(len(steps), 0, -1):
            name = BETWEEN.join(filter(None, steps[:end]))
            if name in self.fields:
                return name
        return None

    # --- how it stands on the page ------------------------------------------------------------

    def targets(self) -> list[Option]:
        """Return what can be asked for, each with what it needs to know."""
        return self._options("target", self._targets)

    def periods(self) -> list[Option]:
        """Return when it can run, each with what it needs to know."""
        return self._options("period", self._periods)

    def conditions(self) -> list[Option]:
        """Return what can narrow the purchases that count."""
        return [
            Option(TYPES[key], self[part.prefix], [self[name] for name in part.names()])
            for key, part in self._conditions.items()
        ]

    @property
    def is_narrowed(self) -> bool:
        """Say whether any condition is set or faulty."""
        return any(
            option.switch.value() or any(field.errors for field in option.fields)
            for option in self.conditions()
        )

    def _options(self, name: str, parts: Mapping[str, PartFields]) -> list[Option]:
        return [
            Option(
                radio.choice_label,
                radio.tag(),
                [self[field] for field in parts[radio.data["value"]].names()],
            )
            for radio in self[name]
        ]


class LevelsForm(KeyForm):
    """The levels of a program: what is counted, and a name for so many."""

    counts = forms.ChoiceField(
        label=_("What is counted"),
        choices=(
            ("challenges", _("Completed challenges")),
            ("badges", _("Badges")),
        ),
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, levels: Data | None, **options: Any) -> None:
        steps = (levels or {}).get("steps", ())
        self.rows = min(LEVELS_MAX, max(3, len(steps) + LEVEL_ROWS_MORE))
        first: Data = {"counts": (levels or {}).get("counts", "challenges")}
        for row, step in enumerate(steps):
            first |= {f"name_{row}": step["name"], f"needed_{row}": step["needed"]}
        super().__init__(data, initial=first | options.pop("initial", {}), **options)
        for row in range(self.rows):
            self.fields[f"name_{row}"] = forms.CharField(
                label=_("Level"), max_length=120, required=False, widget=forms.TextInput(ONE_LINE)
            )
            self.fields[f"needed_{row}"] = forms.IntegerField(
                label=_("From"), required=False, min_value=1, widget=forms.TextInput(NUMBER)
            )

    def levels(self) -> Data | None:
        """Return the levels as JSON; none when no row says anything."""
        typed = self.cleaned_data
        steps = [
            {
                key: typed[f"{key}_{row}"]
                for key in ("name", "needed")
                if typed.get(f"{key}_{row}") not in (None, "")
            }
            for row in self._filled()
        ]
        return {"counts": typed["counts"], "steps": steps} if steps else None

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Put what the document says beside the row it says it of."""
        filled = self._filled()
        for fault in faults:
            steps = fault["field"].rpartition("levels.")[2].split(".")
            name = None
            if len(steps) > 2 and int(steps[1]) < len(filled):
                name = f"{steps[2]}_{filled[int(steps[1])]}"
            self.add_error(name if name in self.fields else None, fault["message"])

    def level_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the rows as they stand on the page."""
        return [(self[f"name_{row}"], self[f"needed_{row}"]) for row in range(self.rows)]

    def _filled(self) -> list[int]:
        typed = self.cleaned_data
        return [
            row
            for row in range(self.rows)
            if typed.get(f"name_{row}") or typed.get(f"needed_{row}")
        ]


def shows_all(spec: Data) -> bool:
    """Say whether the form would give back all gifts that it was shown."""
    kinds = [gift["type"] for gift in spec.get("gifts", ())]
    return kinds.count("badge") <= 1 and kinds.count("points") <= 1


def _scoped(group: str, kinds: Mapping[str, Any]) -> dict[str, PartFields]:
    """Return the fields of each kind, under labels that begin with the group."""
    return {
        key: PartFields(f"{group}{BETWEEN}{key}", f"{group}_{key}", kind)
        for key, kind in kinds.items()
    }


def _radios(names: Mapping[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=list(names.items()), widget=forms.RadioSelect(SWITCH))


def _shown_gifts(gifts: Sequence[Data]) -> Data:
    shown: Data = {"rewards": []}
    for gift in gifts:
        if gift["type"] == "voucher":
            shown["rewards"].append(gift["reward"])
        else:
            shown[gift["type"]] = gift[gift["type"]]
    return shown
