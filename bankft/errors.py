"""Every error that a user of bankft can meet.

Each message is one sentence or two: what is wrong, where (file, line, field), and what to do
next. The command line prints the message alone, without a traceback, and ends with the
class's ``exit_code``. Values that may be personal data never stand in a message.

::

    BankftError                    someone can do something about it       exit 1
    ├── UsageError                 called wrongly                          exit 2
    │   ├── MissingExtra           an optional part is not installed       exit 2
    │   └── Unavailable            no sandbox on this machine (bankft.graders)
    ├── DataError                  a data file is not fine: file, line, field
    ├── RecordingError             a recording is not fine
    │   ├── RecordingMissing       replay has no answer for this call
    │   └── SecretFound            a recording would hold a secret or personal data
    ├── ProhibitedWording          a stream was stopped (bankft.compliance)
    ├── JobFailed                  a fine-tuning job ended without a model
    └── ServiceError               the embedded service cannot start or go on
        ├── PortInUse
        └── BaseModelUnreadable
"""


class BankftError(Exception):
    """Base of all of them; catch it to catch everything that is not a bug."""

    exit_code = 1


class UsageError(BankftError):
    """The call itself is wrong: an unknown mode, an option that contradicts another."""

    exit_code = 2


class MissingExtra(UsageError):
    """A feature needs a package that is not installed.

    >>> str(MissingExtra("bankft serve", package="torch", extra="service"))
    'bankft serve needs torch, which is not installed: run pip install "bankft[service]".'
    """

    def __init__(self, feature: str, *, package: str, extra: str) -> None:
        super().__init__(
            f'{feature} needs {package}, which is not installed: run pip install "bankft[{extra}]".'
        )


class DataError(BankftError):
    """A data file has a problem; the message names file, line and field where known."""


class RecordingError(BankftError):
    """A recording cannot be read, written or trusted."""


class RecordingMissing(RecordingError):
    """Replay was asked something that the recording does not hold."""


class SecretFound(RecordingError):
    """Something that looks like a secret or personal data would be written into a recording."""


class JobFailed(BankftError):
    """A fine-tuning job ended ``failed`` or ``cancelled``; the message carries the job's own."""


class ServiceError(BankftError):
    """The embedded service cannot start or go on."""


class PortInUse(ServiceError):
    """Another program listens on the port."""


class BaseModelUnreadable(ServiceError):
    """A base model's folder lacks a file or holds one that cannot be read."""
