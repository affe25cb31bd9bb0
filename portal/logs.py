"""What must not be written into a log: the tokens of one-time links."""

from __future__ import annotations

import logging
import re

_LINK = re.compile(r"(/(?:setup|invite|reset/[^/\s]+)/)[^/\s?]{8,}")


class HideTokens(logging.Filter):
    """Django logs the address of every refused request; some addresses are secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without its tokens."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                _LINK.sub(r"\1…", arg) if isinstance(arg, str) else arg
                for arg in record.args
            )
        return True
