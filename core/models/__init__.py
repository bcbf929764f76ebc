"""Everything the ground floor remembers."""

from core.models.access import ApiKey, Integration
from core.models.audit import AuditRecord
from core.models.failures import FailureCount
from core.models.messages import OutgoingMessage
from core.models.nights import Night
from core.models.organizations import Organization, Region, RegionStore, Register, Store
from core.models.outbox import OutboxEvent
from core.models.people import RegisterSession, Staff, User
from core.models.pictures import Picture
from core.models.requests import IdempotentRequest
from core.models.sign_in import Device, OneTimeLink, WrongTries

__all__ = [
    "ApiKey",
    "AuditRecord",
    "Device",
    "FailureCount",
    "IdempotentRequest",
    "Integration",
    "Night",
    "OneTimeLink",
    "Organization",
    "OutboxEvent",
    "OutgoingMessage",
    "Picture",
    "Region",
    "RegionStore",
    "Register",
    "RegisterSession",
    "Staff",
    "Store",
    "User",
    "WrongTries",
]
