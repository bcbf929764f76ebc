"""Brings in what members have from before, from a file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import Refusal
from core.progress import Progress
from core.queries import organization_named
from loyalty.importing.tally import Tally
from loyalty.models import ReceiptImport
from loyalty.services.balance_files import (
    BalanceFile,
    BalanceSettings,
    open_balance_file,
    run_balances,
)
from loyalty.services.imports import alone_with, begin_import, undone


class Command(BaseCommand):
    """Give members the points they bring along, and say what came of every row."""

    help = "Import a CSV file of balances; run it again as often as needed: a row counts once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file, whose points these are, and how to go about it."""
        parser.add_argument("file", type=Path, help="a CSV file, plain or gzip")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--program", required=True, metavar="SLUG")
        parser.add_argument("--known-only", action="store_true", help="enroll nobody")
        parser.add_argument("--trial", action="store_true", help="do it all, and undo it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import the file and print the report; exit with 1 when rows had faults."""
        settings = BalanceSettings(program=options["program"], enroll=not options["known_only"])
        try:
            file = open_balance_file(
                organization_id=organization_named(options["organization"]).pk,
                path=options["file"],
                settings=settings,
            )
            with alone_with(file), undone(options["trial"]):
                job = self._import(file)
        except Refusal as refusal:
            raise CommandError(_explained(refusal, options)) from refusal
        if job.report["faults"]:
            sys.exit(1)

    def _import(self, file: BalanceFile) -> ReceiptImport:
        table = file.table
        self.stdout.write(
            f"{table.path.name}: {table.encoding}, delimiter {table.delimiter!r},"
            f" {file.rows:,} rows"
        )
        job = begin_import(file=file, resume=True)
        progress = Progress(file.rows, "rows", sys.stderr)
        progress.skip(job.position)
        if job.status != ReceiptImport.Status.FINISHED:
            run_balances(file=file, job=job, told=progress.advance)
        progress.finish()
        self._report(job)
        return job

    def _report(self, job: ReceiptImport) -> None:
        tally = Tally.from_data(job.report)
        self.stdout.write(
            f"rows      {tally.rows:,} = {tally.accepted:,} accepted + {tally.refused:,} refused"
            f" + {tally.skipped:,} there before"
        )
        self.stdout.write(f"members   {tally.members:,} new")
        self.stdout.write(f"points    {tally.points_given:,} brought forward")
        for refusal in job.refusals.order_by("row"):
            self.stdout.write(f"row {refusal.row}: {refusal.code}, {refusal.message}")
        more = tally.refused - job.refusals.count()
        if more > 0:
            self.stdout.write(f"and {more:,} more rows")


def _explained(refusal: Refusal, options: dict[str, Any]) -> str:
    if refusal.field == "slug":
        return "There is no such organization."
    about = "--program" if refusal.field == "program" else options["file"]
    return f"{about}: {refusal}"
