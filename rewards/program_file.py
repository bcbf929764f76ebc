"""What rewards write into a program file: the catalog."""

from __future__ import annotations

from core.program_files import Section
from rewards.catalog_document import reward_faults
from rewards.services.catalog import dump_rewards, load_rewards

SECTION = Section(name="rewards", faults=reward_faults, load=load_rewards, dump=dump_rewards)
