"""Every way a program, its rules, or a file is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Refusal


class RuleInvalid(InvalidInput):
    """A rule's definition is wrong; ``errors`` lists field, code and message of each fault."""

    code = "rule_invalid"
    sentence = _("This rule cannot be used as it is. Please correct the fields named.")


class NoProgram(Refusal):
    """The organization has no live program, or the member has no account in it."""

    code = "no_program"
    field = "program"
    sentence = _("There is no live program for this.")


class ProgramUnknown(InvalidInput):
    """The organization has no such program."""

    code = "program_unknown"
    field = "program"
    sentence = _("There is no such program.")


class ProgramInvalid(InvalidInput):
    """A program file is wrong; ``errors`` lists field and message of each fault."""

    code = "program_invalid"
    sentence = _("This program file cannot be used as it is.")


class RuleChanged(Refusal):
    """Somebody else changed the rule while it was being edited."""

    code = "rule_changed"
    sentence = _("Somebody changed this rule meanwhile. Open it again and repeat your change.")


class RuleNamesUnknown(Refusal):
    """A rule asks for a group, a region, a tier or a note that there is not; data says which."""

    code = "rule_names_unknown"
    sentence = _("The rule names something that does not exist.")


class StateChangeRefused(Refusal):
    """A program or rule cannot go from the state it is in to the one that is wanted."""

    code = "state_change_refused"
    sentence = _("This cannot be done in its present state. Reload the page to see which it is.")


class UploadTooLarge(InvalidInput):
    """A file of receipts is larger than one that is sent by a browser may be."""

    code = "upload_too_large"
    field = "file"
    sentence = _("This file is too large to be sent here.")


class MappingInvalid(InvalidInput):
    """A mapping of columns is wrong; ``errors`` lists field, code and message of each fault."""

    code = "mapping_invalid"
    field = "mapping"
    sentence = _("This mapping cannot be used as it is.")


class FileUnreadable(InvalidInput):
    """A file of receipts cannot be read to its end."""

    code = "file_unreadable"
    field = "file"
    sentence = _("This file cannot be read.")


class ColumnMissing(InvalidInput):
    """A file lacks columns that its mapping names; ``missing`` and ``found`` are in the data."""

    code = "column_missing"
    field = "file"
    sentence = _("The file lacks columns that the mapping names.")


class ImportRunning(Refusal):
    """Another process is importing this file into the organization."""

    code = "import_running"
    field = "file"
    sentence = _("This file is being imported by another process.")


class ImportInterrupted(Refusal):
    """An import of this file did not come to its end; ``position`` receipts are done."""

    code = "import_interrupted"
    field = "file"
    sentence = _("An earlier import of this file was interrupted. Resume it.")


class MappingChanged(Refusal):
    """The interrupted import of this file began with other settings."""

    code = "mapping_changed"
    field = "mapping"
    sentence = _("The interrupted import began with another mapping, store or products file.")
