"""Opens a new Greenroom for the run: its accounts, tokens and source.

`python -m tests.benchmarks.backstage.opening DIR`, in its environment. Prints one line
of JSON: a token that reads, one that administers, one of the export, and the number of
the source that reads DIR.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

import django


def main(folder: str) -> None:
    """Make the accounts, the tokens and the source."""
    django.setup()
    models: Any = import_module("portal.accounts.models")
    tokens: Any = import_module("portal.accounts.tokens")
    doors: Any = import_module("portal.projections.doors")
    adding: Any = import_module("catalog.sources.adding")
    make = models.Account.objects.create_user
    # The reader has no special rights, so that visibility is part of every figure.
    reader = make("reader", entity_ref="user:default/person-1", role="viewer")
    admin = make("admin", role="admin")
    found = {
        "reader": tokens.make(reader, "benchmark", "read", 0)[1],
        "admin": tokens.make(admin, "benchmark", "write", 0)[1],
        "export": doors.make(admin, "benchmark", "signed-in")[1],
        "source": adding.add_source(folder).pk,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
