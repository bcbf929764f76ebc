"""What members can have for points, what they took, and who looked for them at the tills."""

from rewards.models.look_ups import LookUp
from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward
from rewards.models.vouchers import Voucher

__all__ = ["LookUp", "Redemption", "Reward", "Voucher"]
