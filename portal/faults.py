"""What the terminal says when the database fails: one sentence, and what to do."""

from __future__ import annotations

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InternalError,
    NotSupportedError,
    ProgrammingError,
)

from portal import preflight
from portal.env import Env

# These are mistakes in our own code: their traceback is wanted.
OURS = (DataError, IntegrityError, InternalError, NotSupportedError)
DAMAGED = ("not a database", "malformed", "disk i/o error")
OUTDATED = ("no such table", "no such column", "has no column", "does not exist")
BUSY = ("database is locked", "database table is locked")
CLOSED = ("unable to open", "readonly database", "read-only")


def sentence(error: DatabaseError, env: Env) -> str:
    """What happened, to which database, and what to do."""
    why = reason(error)
    if env.database_file is None:
        return of_server(error, why, env)
    file = env.database_file
    if has(why, DAMAGED):
        return preflight.damaged(file, why)
    if has(why, BUSY):
        return f"The database {file} is busy: another process writes. Try again."
    if has(why, CLOSED):
        return (
            f"The database {file} cannot be used: {why}. Let this user read and write "
            "it, or set GREENROOM_DATA to another folder."
        )
    return outdated(str(file), why)


def of_server(error: DatabaseError, why: str, env: Env) -> str:
    """The same where a server has the database; a table or the database may lack."""
    if isinstance(error, ProgrammingError) and has(why, OUTDATED):
        return outdated(preflight.without_password(env.database_url), why)
    return preflight.unanswered("database_url", why, env)


def outdated(name: str, why: str) -> str:
    """Tables that are missing or of another version are the likeliest of the rest."""
    if has(why, OUTDATED):
        why = f"its tables are not those of this version ({why})"
    return f"The database {name} cannot be used: {why}. Run manage.py prepare."


def has(why: str, words: tuple[str, ...]) -> bool:
    """Whether one of these is said."""
    return any(word in why.lower() for word in words)


def reason(error: DatabaseError) -> str:
    """The first line, without the names of the layers it came through."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rpartition("failed: ")[2].removeprefix("FATAL:").strip(" .")
