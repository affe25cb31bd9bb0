"""What is not written into a log: tokens of one-time links, and mere refusals."""

from __future__ import annotations

import logging
import re

_LINK = re.compile(
    r"(/(?:setup|invite|reset/[^/\s]+|export/[^/\s]+/[^/\s]+/t)/)[^/\s?]{8,}"
)
_OUR_FAULT = 500


class HideTokens(logging.Filter):
    """Django logs the address of every refused request; some addresses are secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without its tokens."""
        if isinstance(record.msg, str):
            record.msg = _LINK.sub(r"\1…", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(
                _LINK.sub(r"\1…", arg) if isinstance(arg, str) else arg
                for arg in record.args
            )
        return True


class HideRefusals(logging.Filter):
    """A page that is not there is news to its reader only; our own faults stay.

    What may be an attack has a logger of its own, `django.security`, and stays too.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop what Django says about answers from 400 to 499."""
        status = getattr(record, "status_code", _OUR_FAULT)
        return record.name != "django.request" or status >= _OUR_FAULT
