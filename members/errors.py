"""Every way in which the members app says no."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden, InvalidInput, Refusal, TooMany


class PhoneInvalid(InvalidInput):
    """No such phone number can exist."""

    code = "phone_invalid"
    field = "phone"
    sentence = _("This is not a valid phone number.")


class PhoneHasExtension(InvalidInput):
    """An extension would make two identities of one line."""

    code = "phone_extension"
    field = "phone"
    sentence = _("Leave out the extension.")


class PhoneHasLetters(InvalidInput):
    """Letters stand for digits in advertisements, never in an identity."""

    code = "phone_letters"
    field = "phone"
    sentence = _("Write the phone number in digits, without letters.")


class PhoneNeedsCountry(InvalidInput):
    """A national number means nothing without a country."""

    code = "phone_needs_country"
    field = "phone"
    sentence = _("Start the phone number with + and the country code.")


class PhoneCannotReceiveCodes(InvalidInput):
    """Codes go to mobile numbers only: no fixed line, premium or shared-cost number."""

    code = "phone_cannot_receive_codes"
    field = "phone"
    sentence = _("Codes can only be sent to a mobile number.")


class EmailInvalid(InvalidInput):
    """No mail could be sent to this address."""

    code = "email_invalid"
    field = "email"
    sentence = _("This is not a valid e-mail address.")


class SignInContactUnreadable(InvalidInput):
    """What was typed to sign in is neither a mobile number nor an e-mail address."""

    code = "sign_in_contact_unreadable"
    field = "contact"
    sentence = _("Type your mobile number or your e-mail address.")


class CodeAskedTooSoon(TooMany):
    """A code was sent to this contact a moment ago; ``retry_after`` is in the data."""

    code = "code_asked_too_soon"
    field = "contact"
    sentence = _("A code was asked for a moment ago. Please wait a little before the next one.")


class CodeNotAccepted(Forbidden):
    """The code is wrong, too old, used, asked for in another browser, or was tried too often."""

    code = "code_not_accepted"
    field = "code"
    sentence = _("This code does not fit, or it is no longer valid.")


class NameEmpty(InvalidInput):
    """A name was sent that shows nothing."""

    code = "name_empty"
    field = "name"
    sentence = _("This name has no visible letters.")


class CardInvalid(InvalidInput):
    """The digits are no card number; most often one of them is mistyped."""

    code = "card_invalid"
    field = "card"
    sentence = _("This is not a card number. Please check the digits.")


class BirthdayInvalid(InvalidInput):
    """No living person was born on this day."""

    code = "birthday_invalid"
    field = "birthday"
    sentence = _("This is not a possible birthday.")


class AttributesInvalid(InvalidInput):
    """More is to be noted of one member than there is room for; ``limit`` is how much."""

    code = "attributes_invalid"
    field = "attributes"
    sentence = _("So much cannot be noted of one member.")


class AttributeUnknown(InvalidInput):
    """The organization notes nothing of this name about its members."""

    code = "attribute_unknown"
    field = "attributes"
    sentence = _("Nothing of this name is noted about members.")


class AttributeValueInvalid(InvalidInput):
    """The value of an attribute is not of its type, or not one of its choices."""

    code = "attribute_value_invalid"
    sentence = _("This value does not fit what is noted here.")


class AttributeNameInvalid(InvalidInput):
    """An attribute's name cannot stand in a rule; ``limit`` says when there are too many."""

    code = "attribute_name_invalid"
    field = "name"
    sentence = _("Use lower-case letters, digits and underscores, at most 50 such names.")


class AttributeChoicesInvalid(InvalidInput):
    """An attribute that is chosen from a list has no such list."""

    code = "attribute_choices_invalid"
    field = "choices"
    sentence = _("List 2 to 100 values to choose from.")


class ConsentInvalid(InvalidInput):
    """A consent names a channel or a purpose that does not exist."""

    code = "consent_invalid"
    field = "consents"
    sentence = _("This consent names an unknown channel or purpose.")


class ContactNeeded(InvalidInput):
    """A member is known by phone, e-mail or another system's id; none was given."""

    code = "contact_needed"
    field = "phone"
    sentence = _("Enter a phone number or an e-mail address.")


class StoreUnknown(InvalidInput):
    """The store is not one of this organization's."""

    code = "store_unknown"
    field = "store"
    sentence = _("This store does not exist.")


class MemberUnknown(InvalidInput):
    """The organization has no member with this id, card number or phone."""

    code = "member_unknown"
    field = "member"
    sentence = _("There is no such member.")


class OneSignNeeded(InvalidInput):
    """A look-up names none or several of the signs a member is known by."""

    code = "one_sign_needed"
    sentence = _("Name exactly one of phone, card and e-mail.")


class LookUpUnreadable(InvalidInput):
    """What was typed is no number or address, or too little of one."""

    code = "look_up_unreadable"
    field = "q"
    sentence = _("Type a phone number, a card number, or at least the last four digits.")


class SignsDiffer(Refusal):
    """The signs that were given together belong to different people."""

    code = "signs_differ"
    sentence = _("Phone, e-mail, card and id name different people.")


class PhoneTaken(Refusal):
    """Another member has this phone number."""

    code = "phone_taken"
    field = "phone"
    sentence = _("Another member has this phone number.")


class EmailTaken(Refusal):
    """Another member has this e-mail address."""

    code = "email_taken"
    field = "email"
    sentence = _("Another member has this e-mail address.")


class ExternalIdTaken(Refusal):
    """Another member has this id in the other system."""

    code = "external_id_taken"
    field = "external_id"
    sentence = _("Another member has this id.")


class ContactIsUsedToSignIn(Refusal):
    """The member signs in with this contact, so only the member may change it."""

    code = "contact_is_used_to_sign_in"
    field = "phone"
    sentence = _("The member signs in with this and must change it in the portal.")


class CardTaken(Refusal):
    """The card belongs to somebody else or is no longer in use."""

    code = "card_taken"
    field = "card"
    sentence = _("This card is already in use or blocked.")


class MemberClosed(Refusal):
    """The member was merged into another one or erased."""

    code = "member_closed"
    sentence = _("This membership has ended.")


class MemberBlocked(Refusal):
    """The member is blocked and can neither earn nor spend."""

    code = "member_blocked"
    field = "member"
    sentence = _("This member is blocked.")


class MergeIntoSelf(InvalidInput):
    """A member is to be merged with themselves, perhaps under another card or number."""

    code = "merge_into_self"
    field = "find"
    sentence = _("This is the same member already. Choose the other one.")


class MergeUndone(Refusal):
    """This merge was undone before."""

    code = "merge_undone"
    sentence = _("This merge was undone before.")


class MemberInHousehold(Refusal):
    """Somebody who shares points with a household cannot be merged away or join another one."""

    code = "member_in_household"
    field = "find"
    sentence = _("They are in a household. Take them out of it first.")


class NotInHousehold(Refusal):
    """This member is in no household, or not in this one any more."""

    code = "not_in_household"
    sentence = _("They are not in this household. Reload the page to see who is.")


class HeadOfHousehold(Refusal):
    """The head holds the account of a household and leaves it last."""

    code = "head_of_household"
    sentence = _("The points are kept in the head's account. Take everybody else out first.")


class HouseholdNameEmpty(InvalidInput):
    """A household was given a name that shows nothing."""

    code = "household_name_empty"
    field = "name"
    sentence = _("Give the household a name.")


class GroupFileUnreadable(InvalidInput):
    """A list of members is no text, is empty or too long; ``rows`` is how many it may have."""

    code = "group_file_unreadable"
    field = "file"
    sentence = _("Send a CSV file with one member on each line, at most 5,000.")
