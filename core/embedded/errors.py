"""Why an installation cannot run; the texts are for the person at the command line."""


class CannotRun(Exception):
    """Something outside the program is missing or in the way."""


class NothingSuitable(CannotRun):
    """This machine lacks a program."""


class NotYours(CannotRun):
    """A folder belongs to somebody else."""


class DatabaseDown(CannotRun):
    """The database does not start."""


class GivenUp(CannotRun):
    """A process does not stay up."""


class AlreadyRunning(CannotRun):
    """The data folder is in use by another supervisor."""


class AddressTaken(CannotRun):
    """Another program listens where we should."""
