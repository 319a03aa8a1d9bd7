"""What a person asks for, and who may ask."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

#: a command that waited longer for a dead line, or a stopped process, may be meant no more
OLDEST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """One command as it came in; its key stays the same however often it is delivered."""

    command: str
    words: tuple[str, ...]
    user: int
    chat: int
    key: str
    at: datetime

    @property
    def actor(self) -> str:
        """How the audit trail names the person."""
        return f"telegram:{self.user}"

    def is_old(self, now: datetime) -> bool:
        """Return whether it was sent too long ago to be done without asking."""
        return now - self.at > OLDEST


@dataclass(frozen=True, slots=True)
class Listed:
    """Users who may command, and chats in which they may; a user's own chat needs no entry."""

    users: frozenset[int]
    chats: frozenset[int]

    def allow(self, user: int | None, chat: int) -> bool:
        """Return whether a user may command in a chat."""
        return user is not None and user in self.users and (chat == user or chat in self.chats)


def read_command(text: str, own_name: str) -> tuple[str, tuple[str, ...]] | None:
    """Return command and words of a message, None where it is for nobody or for another bot."""
    first, *words = text.split() or [""]
    command, _, addressed = first.partition("@")
    is_mine = not addressed or addressed.lower() == own_name.lower()
    if not (command.startswith("/") and len(command) > 1 and is_mine):
        return None
    return command[1:].lower(), tuple(words)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command is answered with; a picture is a PNG."""

    text: str
    picture: bytes | None = None


#: answers a command; it may take as long as the API does, and runs in a thread
Answer = Callable[[Asked], Reply]
