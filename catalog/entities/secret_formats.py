"""What secrets look like: the formats of a maintained scanner, and some that it lacks.

A literal that every such secret begins with is looked for first, by plain search. Only
where one stands are the scanner's rules loaded and asked: they cost 7 MB of memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

# No secret of these formats is longer; what comes after is taken with it all the same.
_LONGEST = 4096
_WORD = re.compile(r"[\w-]*")
_JWT = re.compile(r"[\w.+/=-]*")
_TOO_PLAIN = re.compile(r"example|placeholder|x{4}|\*{3}|0{8}|your", re.IGNORECASE)


@dataclass(frozen=True)
class Sighting:
    """What looks like a secret: where it begins and ends in a text, and what it is."""

    start: int
    end: int
    looks: str


@dataclass(frozen=True)
class Format:
    """One format: its name, how it begins, and the rule.

    The rule is a detector of the scanner, `module.Class`, or a pattern of ours. `rest`
    is what belongs to the secret beyond what the rule asks for, `public` the length of
    what precedes it and may be read.
    """

    looks: str
    begins: tuple[str, ...]
    detector: str = ""
    pattern: str = ""
    rest: re.Pattern[str] = _WORD
    public: int = 0

    def find(self, text: str) -> Iterator[Sighting]:
        """Every secret of this format in a text."""
        for literal in self.begins:
            at = text.find(literal)
            while at >= 0:
                end = self._end(text, at)
                if end:
                    yield Sighting(at + self.public, end, self.looks)
                at = text.find(literal, end or at + 1)

    def _end(self, text: str, at: int) -> int:
        """Where the secret that begins here ends; 0 where none does."""
        if at and (text[at - 1].isalnum() or text[at - 1] == "_"):
            return 0
        for rule in _rules(self.detector, self.pattern):
            found = rule.match(text, at, at + _LONGEST)
            if found and self._is_real(found[0]):
                rest = self.rest.match(text, found.end())
                return rest.end() if rest else found.end()
        return 0

    def _is_real(self, token: str) -> bool:
        """Not an example or a row of the same few characters."""
        if len(set(token)) < 10 or _TOO_PLAIN.search(token):
            return False
        formally_valid = getattr(_class(self.detector), "is_formally_valid", None)
        return formally_valid is None or bool(formally_valid(token.rstrip(".")))


@cache
def _rules(detector: str, pattern: str) -> tuple[re.Pattern[str], ...]:
    return (re.compile(pattern),) if pattern else tuple(_class(detector).denylist)


@cache
def _class(detector: str) -> Any:
    if not detector:
        return None
    module, _, name = detector.partition(".")
    return getattr(import_module(f"detect_secrets.plugins.{module}"), name)


_SLACK = "https://hooks.slack.com/services/"
FORMATS = (
    Format(
        "an AWS access key",
        ("AKIA", "ASIA", "ABIA", "ACCA", "A3T"),
        "aws.AWSKeyDetector",
    ),
    Format(
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        "github_token.GitHubTokenDetector",
    ),
    Format("a Slack token", ("xox",), "slack.SlackDetector"),
    Format(
        "the address of a Slack webhook",
        (_SLACK,),
        "slack.SlackDetector",
        public=len(_SLACK),
    ),
    Format("a JSON Web Token", ("eyJ",), "jwt.JwtTokenDetector", rest=_JWT),
    Format("a SendGrid key", ("SG.",), "sendgrid.SendGridDetector"),
    Format("a Stripe key", ("sk_live_", "rk_live_"), "stripe.StripeDetector"),
    Format("a Square secret", ("sq0csp-",), "square_oauth.SquareOAuthDetector"),
    Format("an npm token", ("npm_",), "npm.NpmDetector"),
    # The scanner has no rule for these, or an older one.
    Format("a GitHub token", ("github_pat_",), pattern=r"github_pat_\w{50,}"),
    Format(
        "a GitLab token",
        ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "gloas-", "glagent-"),
        pattern=r"gl[a-z]+-[\w-]{20,}",
    ),
    Format(
        "an OpenAI key",
        ("sk-",),
        pattern=r"sk-(?:(?:proj|svcacct|admin)-[\w-]{40,}|\w{20}T3BlbkFJ\w{20})",
    ),
    Format("an Anthropic key", ("sk-ant-",), pattern=r"sk-ant-[a-z]+\d+-[\w-]{40,}"),
    Format("an OpenRouter key", ("sk-or-",), pattern=r"sk-or-v\d-[0-9a-f]{40,}"),
    Format("a Hugging Face token", ("hf_",), pattern=r"hf_[A-Za-z0-9]{30,}"),
    Format("a Groq key", ("gsk_",), pattern=r"gsk_[A-Za-z0-9]{40,}"),
    Format("an NVIDIA key", ("nvapi-",), pattern=r"nvapi-[\w-]{40,}"),
    Format("a Google API key", ("AIza",), pattern=r"AIza[\w-]{35}"),
    Format("a PyPI token", ("pypi-AgE",), pattern=r"pypi-AgE[\w-]{50,}"),
    Format("a Tailscale key", ("tskey-",), pattern=r"tskey-[a-z]+-\w+-\w{16,}"),
    Format("a Vault token", ("hvs.",), pattern=r"hvs\.[\w-]{24,}"),
    Format(
        "an age key", ("AGE-SECRET-KEY-1",), pattern=r"AGE-SECRET-KEY-1[0-9A-Z]{40,}"
    ),
)


def tokens(text: str) -> Iterator[Sighting]:
    """Every secret that has a format of its own."""
    for known in FORMATS:
        yield from known.find(text)


_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
# Between the lines of a key: breaks, indentation, quotes; escapes where it is one line.
_GAP = r"(?:\r?\n|\\r|\\n|[ \t\"',#>])+"
_HEADER = r"(?:Proc-Type|DEK-Info|Version|Comment|Hash):[^\n\\]*"
_LINES = re.compile(
    rf"(?:{_GAP}(?:[A-Za-z0-9+/]{{16,}}={{0,2}}(?![\w:.-])|{_HEADER}))+"
)
_LAST = re.compile(
    rf"(?:{_GAP}[A-Za-z0-9+/=]{{1,76}}){{0,2}}{_GAP}"
    r"-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
)
_BODY = re.compile(r"[A-Za-z0-9+/]{24}")


def private_keys(text: str) -> Iterator[Sighting]:
    """Every block of a private key; one that is only spoken of has no body."""
    if "PRIVATE KEY" not in text:
        return
    at = 0
    while begin := _BEGIN.search(text, at):
        at = begin.end()
        body = _LINES.match(text, at)
        if body and _BODY.search(body[0]):
            last = _LAST.match(text, body.end())
            at = last.end() if last else body.end()
            yield Sighting(begin.start(), at, "a private key")


_USER = re.compile(r"://[^\s/?#:@\"'<>{}()\[\]|\\]{0,200}:")
_PASSWORD = re.compile(r"[^\s/?#\"'<>|\\]{1,500}@(?=[\w\[$<{-])")


def in_addresses(text: str) -> Iterator[Sighting]:
    """The password of every URL that holds one: `https://user:password@host`."""
    if "@" not in text or "://" not in text:
        return
    for user in _USER.finditer(text):
        password = _PASSWORD.match(text, user.end())
        if password:
            at = password.end() - 1
            yield Sighting(user.end(), at, "a password in a URL")
