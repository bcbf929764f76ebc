"""The back-office pages of programs, rules and imports, as the design check looks at them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.caution_words import Advice, advice_of
from loyalty.earning.cautions import Caution
from loyalty.earning.changes import Change
from loyalty.earning.wording import Wording
from loyalty.forms.imports import ImportForm
from loyalty.forms.program import FileForm, TermsForm
from loyalty.forms.rules import Known, RuleForm, StateForm, TrialForm
from loyalty.forms.trying import LineSet, Offered, TryForm
from loyalty.import_page import ImportRow, Progress
from loyalty.models import Program, ReceiptImport, ReceiptUpload, Rule
from loyalty.program_page import ProgramRow
from loyalty.rule_editor import Replaced
from loyalty.rule_list import STAGES, RuleRow, StageRows
from loyalty.rule_page import Comparison, Standing, Trial, TrialRow, VersionRow
from loyalty.services.looking_back import LookBack
from loyalty.states import PROGRAM_STEPS, RULE_STEPS
from loyalty.try_page import Tried, TriedLine, TriedRule

Pages = dict[str, tuple[str, dict[str, Any]]]

OFFICE = {
    "organization": {"name": "Bean & Leaf", "slug": "bean-and-leaf"},
    "staff": {"name": "Ada"},
    "navigation": [
        {"label": _("Home"), "url": "#main", "icon": "home", "current": False},
        {"label": _("Program"), "url": "#main", "icon": "sparkles", "current": True},
        {"label": _("Imports"), "url": "#main", "icon": "arrow-up-tray", "current": False},
    ],
    "may_manage": True,
    "request_key": "k",
}
SENTENCE = "2 points per £1 on Coffee, Mondays to Wednesdays 7:00–10:00, at most 200 a day"
STORES = (("HS", "High Street"), ("ST", "Station"))
COFFEE = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "points_per_amount", "points": 2, "per": "1"},
    "conditions": [
        {"type": "category", "match": "any", "categories": ["Coffee"]},
        {"type": "weekdays_and_hours", "weekdays": ["monday"], "from": "07:00", "to": "10:00"},
    ],
    "limits": {"per_member": {"day": 200}},
}


def program_pages() -> Pages:
    """Return the pages of the program itself."""
    club = Program(name="Bean & Leaf Club", slug="club", status="live")
    words = [("", "usable for 12 months"), ("Oldest receipt that is taken, in days", "30")]
    shown = {"program": club, "terms": words, "rules": rules()[:1], "others": 2}
    listed = [ProgramRow("Club", "#", "live", "Live"), ProgramRow("Gold", "#", "draft", "Draft")]
    faults = [{"field": "rules.0.name", "message": "Write something here."}]
    terms = TermsForm({"expiry": "after", "pending_days": ""}, program=club)
    return {
        "office-program": (
            "office/program/program.html",
            OFFICE | shown | {"steps": PROGRAM_STEPS["live"]},
        ),
        "office-programs": ("office/program/programs.html", OFFICE | {"programs": listed}),
        "office-programs-none": ("office/program/programs.html", OFFICE | {"programs": []}),
        "office-terms": (
            "office/program/terms.html",
            OFFICE | {"program": club, "form": TermsForm(program=club)},
        ),
        "office-terms-wrong": (
            "office/program/terms.html",
            OFFICE | {"program": club, "form": terms},
        ),
        "office-load": (
            "office/program/load.html",
            OFFICE
            | {
                "form": FileForm(),
                "is_looked_at": True,
                "changes": ["Rule: Base"],
                "document": "{}",
            },
        ),
        "office-load-refused": (
            "office/program/load.html",
            OFFICE | {"form": FileForm(), "refusal": "This file cannot be used.", "faults": faults},
        ),
    }


def rules() -> list[RuleRow]:
    """Return rules in different states, of different stages, with what to look at."""
    now = timezone.now()
    since = now - timedelta(days=40)
    acts = Standing("active", "Active", since, ends=now + timedelta(days=20))
    always = Standing("active", "Active", since, is_from_beginning=True)
    names = "Coffee in the morning and Everything on Fridays"
    return [
        RuleRow(
            "Double on coffee", "#", acts, "multiplier", SENTENCE, 3120, 41300, 90000, "coffee"
        ),
        RuleRow(
            "Points for every purchase",
            "#",
            always,
            "base",
            "1 point per £1",
            12400,
            advice=[advice("overlap", rules=[names])],
        ),
        RuleRow(
            "Early bird",
            "#",
            Standing("draft", "Draft"),
            "bonus",
            "50 points, from 7:00",
            0,
        ),
        RuleRow(
            "Station opens",
            "#",
            Standing("scheduled", "Begins later", begins=now + timedelta(days=3)),
            "bonus",
            "20 points, in store ST",
            0,
            0,
            5000,
        ),
        RuleRow(
            "Summer",
            "#",
            Standing("over", "Over", ends=since),
            "bonus",
            "20 points, given until the end of Aug 31, 2026",
            90,
            advice=[advice("margin", days=90, most=30, share=54)],
        ),
    ]


def advice(code: str, **params: Any) -> Advice:
    """Return one thing to look at, in words."""
    return advice_of(Caution(code, params), Wording.for_reader("GBP"), "#")


def changed() -> list[Change]:
    """Return what one version says otherwise."""
    return [
        Change("At most", "at most 200 per member a day", "at most 300 per member a day"),
        Change("In certain stores", "", "in store HS or ST"),
        Change("Counts until", "until the end of Dec 31, 2026", ""),
    ]


def rule_pages() -> Pages:
    """Return the list of rules, one rule, and the editor in each of its states."""
    club = Program(name="Bean & Leaf Club", slug="club", status="live")
    rule = Rule(name="Double on coffee", status="draft", program=club, public_id=UUID(int=1))
    now = timezone.now()
    active = VersionRow(3, SENTENCE, now, False, "by Ada", now, "active", "Counts now", changed())
    history = [
        active,
        VersionRow(2, SENTENCE, None, False, "by Ada", now, "draft", "Draft"),
        VersionRow(1, "1 point per £1 on Coffee", now, True, "by Ada", now, "ended", "Before"),
    ]
    one = {"rule": rule, "sentence": SENTENCE, "history": history, "may_edit": True}
    one |= {"standing": rules()[0].standing, "numbers": [3, 2, 1]}
    one |= {"compared": Comparison(1, 3, changed())}
    one |= {"steps": RULE_STEPS["active"], "state_form": StateForm()}
    one |= {"later": "3 points per £1", "later_from": now + timedelta(days=3)}
    draft = one | {"steps": RULE_STEPS["draft"], "standing": Standing("draft", "Draft")}
    draft |= {"history": history[1:2], "compared": None, "later": None}
    figures = LookBack(
        days=28,
        sales=3412,
        looked_at=500,
        reached=213,
        points=10840,
        others=61230,
        worth=Decimal("108.40"),
    )
    draft |= {"looked_back": figures}
    paused = one | {"steps": RULE_STEPS["paused"], "standing": Standing("paused", "Paused")}
    paused |= {"looked_back": replace(figures, sales=0, looked_at=0, points=0), "later": None}
    over = one | {"standing": rules()[4].standing, "later": None, "compared": None}
    read = {"is_dated": True, "read": "r", "before": "1 point per £1", "kept": SENTENCE}
    read |= {"changes": changed(), "replaced": [Replaced(now + timedelta(days=3), SENTENCE)]}
    return {
        "office-rules": ("office/program/rules.html", OFFICE | _rules(club, rules())),
        "office-rules-none": ("office/program/rules.html", OFFICE | _rules(club, [])),
        "office-rule": ("office/program/rule.html", OFFICE | one),
        "office-rule-draft": ("office/program/rule.html", OFFICE | draft),
        "office-rule-paused": ("office/program/rule.html", OFFICE | paused),
        "office-rule-over": ("office/program/rule.html", OFFICE | over),
        "office-edit-rule": ("office/program/edit_rule.html", OFFICE | _editor(club, rule)),
        "office-edit-rule-read": (
            "office/program/edit_rule.html",
            OFFICE | _editor(club, rule) | read,
        ),
        "office-try": ("office/program/try.html", OFFICE | _trial(club)),
        "office-tried": ("office/program/try.html", OFFICE | _trial(club) | {"tried": _tried()}),
        "office-try-wrong": (
            "office/program/try.html",
            OFFICE | _trial(club, QueryDict("who=member&lines-TOTAL_FORMS=1&lines-0-item=Latte")),
        ),
    }


def _rules(club: Program, rows: list[RuleRow]) -> dict[str, Any]:
    found = {stage: [row for row in rows if row.stage == stage] for stage in STAGES}
    stages = [StageRows(*STAGES[stage], some) for stage, some in found.items() if some]
    ended = RuleRow("Opening", "#", Standing("ended", "Ended"), "bonus", "100 points", 0)
    return {
        "program": club,
        "stages": stages,
        "over": [ended] if rows else [],
        "to_look_at": sum(bool(row.advice) for row in rows),
        "days": 30,
    }


def _trial(club: Program, typed: QueryDict | None = None) -> dict[str, Any]:
    offered = Offered(
        stores=STORES,
        channels=Known().channels,
        tiers=(("silver", "Silver"), ("gold", "Gold")),
        groups=(("staff", "Staff"), ("friends", "Friends of the house")),
        drafts=(("1", "Early bird"), ("2", "Birthday")),
    )
    form = TryForm(typed, offered=offered, initial={"at": timezone.now(), "who": "made_up"})
    lines = LineSet(typed, prefix="lines")
    return {
        "program": club,
        "form": form,
        "lines": lines,
        "currency": "GBP",
        "categories": ["Coffee", "Food › Bread"],
        "brands": ["Illy"],
    }


def _tried() -> Tried:
    return Tried(
        points=27,
        total=Decimal("21.50"),
        worth=Decimal("1.35"),
        lines=[
            TriedLine("Latte × 2", Decimal("6.80"), 12, ["Points for every purchase: 6"]),
            TriedLine("Beans", Decimal("14.70"), 15, ["Points for every purchase: 15"]),
        ],
        applied=[
            TriedRule("Points for every purchase", "1 point per £1 on £21.50", "#", 21),
            TriedRule(
                "Double on coffee",
                "2 times the base of 6 · 6 left of the limit per member a day (desired 12)",
                "#",
                6,
                is_capped=True,
            ),
            TriedRule("Coffee card", "2 stamps for this purchase", "#", given="2 stamps"),
        ],
        not_applied=[
            TriedRule("Early bird", "only Mondays 7:00–10:00; this was Tuesday", "#", is_draft=True)
        ],
    )


def _editor(club: Program, rule: Rule) -> dict[str, Any]:
    known = Known(
        stores=STORES,
        categories=tuple((name, name) for name in ("Cake", "Coffee", "Food › Bread", "Tea")),
        brands=(("Illy", "Illy"),),
    )
    reasons = [TrialRow("Double on coffee", "2 points per £1 on £3.40", 6)]
    return {
        "program": club,
        "rule": rule,
        "form": RuleForm(known=known, data_of_rule=COFFEE, initial={"name": rule.name}),
        "trial_form": TrialForm(stores=STORES, now=timezone.now()),
        "sentence": SENTENCE,
        "trial": Trial(6, 9, reasons, [TrialRow("Points", "1 point per £1 on £3.40", 3)]),
    }


def import_pages() -> Pages:
    """Return the pages of imports."""
    now = timezone.now()
    result = "12,400 accepted, 3 refused, 0 there before"
    done = ImportRow("receipts-2025.csv.gz", "#", "finished", "Finished", now, 12403, result)
    waits = ImportRow("january.csv", "#", "running", "Being checked", now, None, "")
    refusals = [{"row": 7, "receipt": "536365", "message": "The quantity is negative."}]
    report = [("Rows", result), ("Purchases", "3,120"), ("Sold", "£41,300.00")]
    job = ReceiptImport(file_name="receipts-2025.csv.gz", status="finished", started_at=now)
    came = {"job": job, "report": report, "refusals": refusals, "page": {"next_url": "?after=1"}}
    came["names_receipts"] = True
    new = ImportForm(stores=STORES, initial={"request_key": "k"})
    checked = {"report": report, "refusals": refusals, "names_receipts": True}
    checked |= {"is_resting": True, "is_whole": True}
    return {
        "office-imports": (
            "office/imports/imports.html",
            OFFICE | {"uploads": [waits], "imports": [done], "page": {}},
        ),
        "office-imports-none": ("office/imports/imports.html", OFFICE),
        "office-import-new": ("office/imports/new.html", OFFICE | {"form": new}),
        "office-import": ("office/imports/import.html", OFFICE | came),
        "office-upload-ready": ("office/imports/upload.html", _upload("ready", is_resting=True)),
        "office-upload-checked": ("office/imports/upload.html", _upload("checked", **checked)),
        "office-upload-importing": (
            "office/imports/upload.html",
            _upload("importing", is_working=True, state="running"),
        ),
        "office-upload-failed": ("office/imports/upload.html", _upload("failed", state="blocked")),
    }


def _upload(status: str, **shown: Any) -> dict[str, Any]:
    problem = "The compressed file is damaged at row 900." if status == "failed" else ""
    upload = ReceiptUpload(file_name="receipts.csv", status=status, problem=problem)
    return OFFICE | {"upload": upload, "state": "draft", "progress": Progress(500, 700)} | shown


def program_and_import_pages() -> Pages:
    """Return each page by name: its template and what it shows."""
    return program_pages() | rule_pages() | import_pages()
