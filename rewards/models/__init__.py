"""What members can have for points, and what they took."""

from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward

__all__ = ["Redemption", "Reward"]
