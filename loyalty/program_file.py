"""What loyalty writes into a program file besides the program itself: what it gives, and why."""

from __future__ import annotations

from core.program_files import Section
from loyalty.challenge_document import challenge_faults
from loyalty.program_document import rule_faults
from loyalty.services.challenge_settings import dump_challenges, load_challenges
from loyalty.services.ladder_files import dump_tiers, load_tiers
from loyalty.services.rules import dump_rules, load_rules
from loyalty.services.stamp_cards import dump_cards, load_cards
from loyalty.stamp_document import card_faults
from loyalty.tier_document import tier_faults

SECTIONS = (
    Section(name="rules", faults=rule_faults, load=load_rules, dump=dump_rules),
    Section(name="stamp_cards", faults=card_faults, load=load_cards, dump=dump_cards),
    Section(name="tiers", faults=tier_faults, load=load_tiers, dump=dump_tiers),
    Section(name="challenges", faults=challenge_faults, load=load_challenges, dump=dump_challenges),
)
