"""Rewards as documents."""

from __future__ import annotations

from typing import Any

from rewards.catalog_document import RewardPart
from rewards.models import Reward
from rewards.services.catalog import dump_rewards


def part_of(reward: Reward, **changes: Any) -> RewardPart:
    """Return the document of a reward, with some changes."""
    told = next(one for one in dump_rewards(reward.program_id) if one["code"] == reward.code)
    return RewardPart.model_validate(told | changes)
