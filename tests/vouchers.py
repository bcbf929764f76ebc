"""Vouchers as tests use them."""

from core.actors import SYSTEM
from rewards.models import Voucher
from rewards.services.shared_codes import NewSharedCode, create_shared_code
from rewards.services.voucher_batches import NewBatch, create_batch, work_on_batches
from rewards.services.vouchers import Use, use_voucher


def use(voucher, *, actor=SYSTEM, store=None, member=None, key="use"):
    """Use a voucher once; return it as it stands then."""
    told = Use(request_key=key, store_id=store and store.pk, member_id=member and member.pk)
    return use_voucher(voucher_id=voucher.pk, use=told, actor=actor)


def shared_code(shop, word="SUMMER26", **details):
    """Let a word be good for a reward of the shop."""
    reward = details.pop("reward", None) or shop.reward(40)
    new = NewSharedCode(word=word, **details)
    return create_shared_code(reward_id=reward.pk, new=new, actor=SYSTEM)


def batch_of(shop, wanted=5, *, reward=None, **details):
    """Order codes and let a worker make them."""
    new = NewBatch(**{"name": "Leaflet", "wanted": wanted, **details})
    reward = reward or shop.reward(40)
    batch = create_batch(reward_id=reward.pk, new=new, actor=SYSTEM)
    work_on_batches()
    batch.refresh_from_db()
    return batch


def codes_of(batch):
    """Return the vouchers of a batch in the order of their making."""
    return list(Voucher.objects.filter(batch=batch).order_by("pk"))
