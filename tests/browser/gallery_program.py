"""The back-office pages of programs, rules and imports, as the design check looks at them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.forms.imports import ImportForm
from loyalty.forms.program import FileForm, TermsForm
from loyalty.forms.rules import Known, RuleForm, StateForm, TrialForm
from loyalty.import_page import ImportRow, Progress
from loyalty.models import Program, ReceiptImport, ReceiptUpload, Rule
from loyalty.program_page import ProgramRow
from loyalty.rule_page import RuleRow, Trial, TrialRow, VersionRow
from loyalty.states import PROGRAM_STEPS, RULE_STEPS

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
    """Return three rules in different states."""
    since = timezone.now() - timedelta(days=40)
    base = ("Points for every purchase", "#", "active", "Active", "1 point per £1", since)
    return [
        RuleRow(
            "Double on coffee", "#", "active", "Active", SENTENCE, since, False, 3120, 41300, 90000
        ),
        RuleRow(*base, True, 12400, 0, None),
        RuleRow(
            "Early bird", "#", "draft", "Draft", "50 points, from 7:00", None, False, 0, 0, None
        ),
    ]


def rule_pages() -> Pages:
    """Return the list of rules, one rule, and the editor in each of its states."""
    club = Program(name="Bean & Leaf Club", slug="club", status="live")
    rule = Rule(name="Double on coffee", status="draft", program=club, public_id=UUID(int=1))
    now = timezone.now()
    history = [
        VersionRow(2, SENTENCE, None, False, "by Ada", now, "draft", "Draft"),
        VersionRow(1, "1 point per £1 on Coffee", now, True, "by Ada", now, "ended", "Before"),
    ]
    one = {"rule": rule, "sentence": SENTENCE, "history": history, "may_edit": True}
    one |= {"steps": RULE_STEPS["draft"], "state_form": StateForm()}
    one |= {"later": "3 points per £1", "later_from": now + timedelta(days=3)}
    return {
        "office-rules": ("office/program/rules.html", OFFICE | _rules(club, rules())),
        "office-rules-none": ("office/program/rules.html", OFFICE | _rules(club, [])),
        "office-rule": ("office/program/rule.html", OFFICE | one),
        "office-edit-rule": ("office/program/edit_rule.html", OFFICE | _editor(club, rule)),
        "office-edit-rule-read": (
            "office/program/edit_rule.html",
            OFFICE
            | _editor(club, rule)
            | {"is_dated": True, "read": "r", "before": "1 point per £1", "kept": SENTENCE},
        ),
    }


def _rules(club: Program, rows: list[RuleRow]) -> dict[str, Any]:
    return {"program": club, "rules": rows, "days": 30}


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
