"""What rewards write into a program file: draws, the catalog and how it is sorted, benefits."""

from __future__ import annotations

from core.program_files import Section
from rewards.benefit_document import SECTION, benefit_faults
from rewards.catalog_document import reward_faults
from rewards.category_document import category_faults
from rewards.drawing.document import draw_faults
from rewards.services.benefits import dump_benefits, load_benefits
from rewards.services.catalog import dump_rewards, load_rewards
from rewards.services.categories import dump_categories, load_categories
from rewards.services.draw_settings import dump_draws, load_draws

# What stands last is loaded first: rewards name categories, and draws that they give tickets of.
# A draft of a draw may name rewards that are still to come.
SECTIONS = (
    Section(name="rewards", faults=reward_faults, load=load_rewards, dump=dump_rewards),
    Section(name="draws", faults=draw_faults, load=load_draws, dump=dump_draws),
    Section(
        name="reward_categories",
        faults=category_faults,
        load=load_categories,
        dump=dump_categories,
    ),
    Section(name=SECTION, faults=benefit_faults, load=load_benefits, dump=dump_benefits),
)
