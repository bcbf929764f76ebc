"""`manage.py import_receipts`: a shop's history, from a file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import Refusal
from core.progress import Progress
from core.queries import organization_named
from loyalty.errors import ImportInterrupted
from loyalty.importing.mapping import load_mapping, preset_names
from loyalty.importing.report import report_lines
from loyalty.importing.tally import Tally
from loyalty.models import ReceiptImport
from loyalty.services.import_runs import run_side_by_side
from loyalty.services.imports import (
    ImportFile,
    alone_with,
    begin_import,
    done_so_far,
    open_import_file,
    undone,
)


class Command(BaseCommand):
    """Import receipts, and say what came of every row."""

    help = "Import a CSV file of receipts; run it again, or resume it, as often as needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file, what its columns mean, and how to go about it."""
        parser.add_argument("slug", help="the organization's short name")
        parser.add_argument("file", type=Path, help="a CSV file, plain or gzip")
        known = ", ".join(preset_names())
        parser.add_argument("--mapping", required=True, help=f"{known}, or a JSON file")
        parser.add_argument("--store", metavar="CODE", help="where everything was bought")
        parser.add_argument("--products", type=Path, help="default: beside the receipts")
        parser.add_argument("--dry-run", action="store_true", help="do it all, and undo it")
        parser.add_argument("--resume", action="store_true", help="go on where it stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import the file and print the report; exit with 1 when rows had faults."""
        try:
            organization = organization_named(options["slug"])
            file = open_import_file(
                organization_id=organization.pk,
                path=options["file"],
                mapping=load_mapping(options["mapping"]),
                store_code=options["store"],
                products=options["products"],
            )
            self._tell_how(file)
            progress = Progress(file.rows, "lines", sys.stderr)
            with alone_with(file), undone(options["dry_run"]):
                job = self._import(file, options["resume"], progress)
                self._report(job, organization.currency, progress)
        except Refusal as refusal:
            raise CommandError(_explained(refusal, options)) from refusal
        if job.report["faults"]:
            sys.exit(1)

    def _tell_how(self, file: ImportFile) -> None:
        table, mapping = file.table, file.mapping
        self.stdout.write(
            f"{table.path.name}: {table.encoding}, delimiter {table.delimiter!r},"
            f" {file.rows:,} lines, source {mapping.source}"
        )
        if mapping.products and not file.articles:
            self.stdout.write(f"{mapping.products.file} is not there: articles stay without names")

    def _import(self, file: ImportFile, resume: bool, progress: Progress) -> ReceiptImport:  # noqa: FBT001
        job = begin_import(file=file, resume=resume)
        if job.status == ReceiptImport.Status.FINISHED:
            self.stdout.write(f"This import was finished at {job.finished_at:%Y-%m-%d %H:%M} UTC.")
            return job
        receipts, rows = done_so_far(job)
        if receipts:
            self.stdout.write(f"going on after {receipts:,} receipts, {rows:,} lines")
            progress.skip(rows)
        return run_side_by_side(file=file, job=job, told=progress.advance)

    def _report(self, job: ReceiptImport, currency: str, progress: Progress) -> None:
        progress.finish()
        tally = Tally.from_data(job.report)
        for line in report_lines(tally, currency):
            self.stdout.write(line)
        listed = job.refusals.order_by("row")
        for refusal in listed:
            self.stdout.write(
                f"row {refusal.row} {refusal.receipt}: {refusal.code}, {refusal.message}"
            )
        if tally.refused > len(listed):
            self.stdout.write(f"and {tally.refused - len(listed):,} more rows")


def _explained(refusal: Refusal, options: dict[str, Any]) -> str:
    """Say what is wrong, one line for each fault of a mapping."""
    if refusal.field == "slug":
        return "There is no such organization."
    if isinstance(refusal, ImportInterrupted):
        return f"{refusal} It stopped after {refusal.data['position']:,} receipts: add --resume."
    if refusal.field == "store":
        return f"--store: {refusal}"
    faults = refusal.data.get("errors", ())
    lines = [f"  {fault['field'] or 'mapping'}: {fault['message']}" for fault in faults]
    about = options["mapping"] if refusal.field == "mapping" else options["file"]
    return "\n".join([f"{about}: {refusal}", *lines])
