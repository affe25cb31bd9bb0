"""Secrets known by their name: `password: …`, `api_key=…`; and what is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.entities.secret_formats import Sighting

# Written wherever a secret stood. A text, a name, a label, a tag and a part of a URL
# may be spelled like this, so that a document stays as valid as it was.
MARKER = "secret-withheld"

_HINTS = ("passw", "passphrase", "pwd", "secret", "token", "key")
_ASCII_LOWER = {code: code + 32 for code in range(65, 91)}
_NAME = re.compile(r"(?:passwo?r?d|passphrase|pwd|secret|token|key)[\"']?[ \t]*([:=])")
_PASSWORD = re.compile(r".*?(?:passw(?:or)?d|passphrase|pwd)", re.I)
_TOKEN = re.compile(
    r".*?(?:secret|token|(?:api|access|secret|private|auth|signing|encryption|account"
    r"|master|service)[-_]?key)",
    re.I,
)
_KEY_CHARACTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"
)
_LONGEST_KEY = 100
_BEFORE = re.compile(r"[ \t]*(?:#+[ \t]*|>+[ \t]*|-[ \t]+|export[ \t]+)*[{\[]?[ \t]*")

_PREFIX = r"[ \t]*(?:!\S*[ \t]+|&\S+[ \t]+)*"
_QUOTED = (
    r"\"(?P<double>(?:[^\"\\\n]|\\.){1,1000})\"|'(?P<single>(?:[^'\n]|''){1,1000})'"
)
_IN_BLOCK = re.compile(
    _PREFIX
    + rf"(?:{_QUOTED}"
    + r"|[|>][-+0-9]*[ \t]*\r?\n[ \t]*(?P<folded>\S[^\r\n]*)"
    + r"|\r?\n[ \t]+(?P<below>[^\s\-\"'#:]\S*)(?<!:)[ \t]*(?=\r?\n|\Z)"
    + r"|(?P<plain>[^\s\"'|>][^\r\n]*))"
)
_IN_FLOW = re.compile(
    _PREFIX
    + rf"(?:{_QUOTED}"
    + r"|(?P<plain>[^\s\"',{}\[\]]+)(?=[ \t]*(?:[,}\]\r\n]|\Z)))"
)
_ASSIGNED = re.compile(rf"(?:{_QUOTED}|(?P<plain>[^\s\"'&;,<>|)\]}}`]+))")
_COMMENT = re.compile(r"[ \t]+#.*")

_REFERENCE = re.compile(
    r"\$[{(a-z_]|%\w+%|\{\{|<|[a-z]+://|/|\.{1,2}/|~/"
    r"|(?:arn|env|file|ref|vault|sops|enc|sha\d+)[:\[]",
    re.I,
)
# How aliases, anchors, tags, collections and comments begin outside of quotes.
_STRUCTURE = tuple("*&!{[#%@`")
_STANDS_FOR = re.compile(
    r"\$\{|\{\{|x{3}|\*{3}|\.{3}|…|change.?me|example|placeholder|redacted|withheld"
    r"|dummy|insert|replace|your|<[^>]*>|not.?set|_here|fixme|hidden",
    re.I,
)
_PLAIN_WORD = re.compile(
    r"(?:my|the|a|some)?[-_]?(?:pass(?:word|wd|phrase|w)?|pwd|secret|token|(?:api[-_]?)?key)"
    r"|none|null|nil|true|false|yes|no|on|off|n/?a|required|optional|string|text|bytes"
    r"|integer|number|object|boolean|default|empty|unset|missing|unknown|plain|disabled"
    r"|enabled|never|always|env|environment|vault|keyring|ldap|oidc|saml|basic|bearer"
    r"|jwt|header|cookie|query|oauth2?|base64|sha\d+|md5|[erh]s256|x509|ed25519|uuid4?"
    r"|test|-+|\.+|\?+|#+",
    re.I,
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_NUMBER = re.compile(r"[-+]?[\d_.,]+(?:e[-+]?\d+)?", re.I)
_SEGMENT = re.compile(r"[-_./:]+")


def named(text: str) -> Iterator[Sighting]:
    """Every literal value of something that is called a password, token or the like."""
    low = text.lower()
    if len(low) != len(text):
        low = text.translate(_ASCII_LOWER)
    for hint in _HINTS:
        at = low.find(hint)
        while at >= 0:
            name = _NAME.match(low, at)
            if name:
                yield from _valued(text, at, name)
            at = low.find(hint, at + 1)


def _valued(text: str, at: int, name: re.Match[str]) -> Iterator[Sighting]:
    start, least = at, max(0, at - _LONGEST_KEY)
    while start > least and text[start - 1] in _KEY_CHARACTERS:
        start -= 1
    key = text[start : name.start(1)].rstrip(" \t\"'")
    is_password = _PASSWORD.fullmatch(key) is not None
    if not (is_password or _TOKEN.fullmatch(key)):
        return
    value = _value(text, start, name)
    if value is None:
        return
    group = str(value.lastgroup)
    word, first = value[group], value.start(group)
    if group in ("plain", "folded"):
        word = _COMMENT.sub("", word).rstrip(" \t\r,")
    if group == "plain" and name[1] == ":" and word.startswith(_STRUCTURE):
        return
    speaks = is_secret_word(word) if is_password else _is_random(word)
    if speaks and _is_one(word, key):
        looks = "a password" if is_password else "the value of a secret"
        yield Sighting(first, first + len(word), looks)


def _value(text: str, start: int, name: re.Match[str]) -> re.Match[str] | None:
    """The value after the name, by the place where it stands."""
    at = name.end(1)
    if name[1] == "=":
        return _ASSIGNED.match(text, at)
    if text[at : at + 1] not in ("", " ", "\t", "\r", "\n", '"', "'"):
        return None
    opening = start - 1 if text[start - 1 : start] in ('"', "'") else start
    before = text[max(0, opening - _LONGEST_KEY) : opening].rpartition("\n")[2]
    if before.rstrip(" \t").endswith(("{", ",")):
        return _IN_FLOW.match(text, at)
    return _IN_BLOCK.match(text, at) if _BEFORE.fullmatch(before) else None


def _is_one(word: str, key: str) -> bool:
    """Prose is no password; a passphrase may have several words."""
    return " " not in word or "phrase" in key.lower()


def is_secret_word(word: str) -> bool:
    """Could this be a password? Not a reference or a word that stands for one."""
    return not (
        len(word) < 4
        or _REFERENCE.match(word)
        or _STANDS_FOR.search(word)
        or _PLAIN_WORD.fullmatch(word)
        or _UUID.fullmatch(word)
        or len(set(word)) == 1
    )


def _is_random(word: str) -> bool:
    """Does it look made by a machine? `prod-db-2` is the name of a secret, not one."""
    if len(word) < 6 or not is_secret_word(word) or _NUMBER.fullmatch(word):
        return False
    return any(
        len(part) > 3 and not (part.isalpha() or part.isdigit())
        for part in _SEGMENT.split(word)
    )
