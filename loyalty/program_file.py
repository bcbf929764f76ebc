"""What loyalty writes into a program file besides the program itself: its rules."""

from __future__ import annotations

from core.program_files import Section
from loyalty.program_document import rule_faults
from loyalty.services.rules import dump_rules, load_rules

SECTION = Section(name="rules", faults=rule_faults, load=load_rules, dump=dump_rules)
