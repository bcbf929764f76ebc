"""Everything that is remembered about people."""

from members.models.attributes import AttributeDefinition
from members.models.cards import Card, CardKind, CardStatus
from members.models.consents import Channel, Consent, Purpose
from members.models.groups import Group, GroupMember
from members.models.households import Household, HouseholdMember
from members.models.members import Member, MemberStatus, Source
from members.models.merges import MemberMerge
from members.models.sign_in import SignInCode

__all__ = [
    "AttributeDefinition",
    "Card",
    "CardKind",
    "CardStatus",
    "Channel",
    "Consent",
    "Group",
    "GroupMember",
    "Household",
    "HouseholdMember",
    "Member",
    "MemberMerge",
    "MemberStatus",
    "Purpose",
    "SignInCode",
    "Source",
]
