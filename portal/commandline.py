"""Runs a command of Django's kind; what fails outside our code is one sentence."""

from __future__ import annotations

import io
import os
import sys

import django
from django.core import management
from django.db import DatabaseError, connection

from portal import faults, preflight
from portal.env import Env, SettingsError

# A person may call these first of all, before anything has made the tables.
NEED_TABLES = frozenset(
    {
        "account",
        "changepassword",
        "createsuperuser",
        "export",
        "import",
        "probe",
        "setup_link",
    }
)
FAILED = 2
# As a shell counts a program that ended because its output was closed.
NOBODY_READS = 141


def run(arguments: list[str], env: Env) -> int:
    """Run one command; its exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file name in another encoding is still a name.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return execute(arguments, env)
    except BrokenPipeError:
        # Whoever read it, such as `head`, has seen enough. What is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS


def execute(arguments: list[str], env: Env) -> int:
    """Run one command, and write out all that it said; its exit status."""
    try:
        if needs_tables(arguments):
            make_tables(env)
        management.execute_from_command_line(["manage.py", *arguments])
    except SettingsError as error:
        return fail(str(error))
    except DatabaseError as error:
        if isinstance(error, faults.OURS):
            raise
        return fail(faults.sentence(error, env))
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()
    return 0


def fail(sentence: str) -> int:
    """Say why; the exit status."""
    print(f"Greenroom cannot do this. {sentence}", file=sys.stderr)
    return FAILED


def needs_tables(arguments: list[str]) -> bool:
    """Whether this is a command on the catalog or on accounts, not a call for help."""
    wants_help = bool({"-h", "--help"} & set(arguments))
    return arguments[:1] != [] and arguments[0] in NEED_TABLES and not wants_help


def make_tables(env: Env) -> None:
    """In a database without any table, make them all; an older one is left alone."""
    preflight.check_folder(env.data)
    if env.database_file:
        env.database_file.touch(mode=0o600)
    django.setup()
    if not connection.introspection.table_names():
        management.call_command("migrate", verbosity=0, interactive=False)
