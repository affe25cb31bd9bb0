"""The YAML dialect of the catalog: text to plain values and back.

YAML 1.2 core, as Backstage reads it: `no`, `on`, `1_000`, `1:30` and dates are texts,
`012` is twelve, `<<` is a key like any other. Depth, size and aliases are bounded.
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from catalog.entities import escapes
from catalog.entities.problems import Path
from catalog.entities.spellings import SUSPECT_STARTS, Remarks, is_suspect, remark
from catalog.entities.unreadable import Unreadable, explained, unreadable

MAX_DEPTH = 100
MAX_NODES = 200_000
# How many values a document may unfold to beyond one for each of its characters.
_SLACK = 1000
# This many characters weigh as much as one value, so that aliases of long texts count.
_WEIGHT = 200

_NUMBER = re.compile(
    r"(?P<oct>0o[0-7]+)|(?P<hex>0x[0-9a-fA-F]+)|(?P<int>[-+]?[0-9]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
)
_WORDS: dict[str, Any] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], math.inf),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], -math.inf),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
}
_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "map", "seq")
}
_TAGGED_TYPES = {"int": int, "float": float, "bool": bool, "null": type(None)}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def build(
    text: str,
    line: int,
    marks: dict[Path, tuple[int, int]] | None,
    remarks: Remarks | None = None,
) -> Any:
    """Build one document. Where given, fill `marks` with the place of every field,
    and `remarks` with the values that other tools may read differently."""
    masked = escapes.masked(text)
    builder = _Builder if masked is None else _PairBuilder
    try:
        return builder(masked or text, line, marks, remarks).build()
    except (yaml.YAMLError, ValueError) as error:
        raise explained(error, text, line) from error


class _Frame:
    """A mapping or sequence that is being built."""

    __slots__ = ("anchor", "container", "count", "key", "path")

    def __init__(self, container: Any, anchor: str | None, path: Path, count: int):
        self.container = container
        self.anchor = anchor
        self.path = path
        self.key: str | None = None
        self.count = count


class _Builder:
    """Builds a document from events, without recursion, counting as it goes."""

    def __init__(
        self,
        text: str,
        line: int,
        marks: dict[Path, tuple[int, int]] | None,
        remarks: Remarks | None,
    ) -> None:
        # As Backstage reads it: a block value in the last line ends with a line break.
        self.loader = _Loader(text if text.endswith("\n") else f"{text}\n")
        self.line = line
        self.marks = marks
        self.remarks = remarks
        self.started = False
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = 0
        self.limit = min(MAX_NODES, _SLACK + len(text))
        self.root: Any = None

    def build(self) -> Any:
        """The document as plain Python values; None when it is empty."""
        handlers = {
            yaml.DocumentStartEvent: self._start,
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open_mapping,
            yaml.SequenceStartEvent: self._open_sequence,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
        }
        get_event = self.loader.get_event
        while True:
            event = get_event()
            kind = type(event)
            if kind is yaml.StreamEndEvent:
                return self.root
            handler = handlers.get(kind)
            if handler:
                handler(event)

    def _fail(self, event: Any, code: str, message: str, remedy: str) -> Unreadable:
        return unreadable(code, message, remedy, event.start_mark, self.line)

    def _start(self, event: Any) -> None:
        """The file was split into documents before; what is left is one."""
        if self.started:
            raise self._fail(
                event,
                "yaml",
                "A second document begins here.",
                "Write --- on a line of its own between the two.",
            )
        self.started = True

    def _count(self, event: Any, number: int = 1) -> None:
        self.nodes += number
        if self.nodes > self.limit or len(self.stack) > MAX_DEPTH:
            raise self._fail(
                event,
                "too-complex",
                f"The document is nested deeper than {MAX_DEPTH} levels or unfolds to "
                f"more than {self.limit:,} values.",
                "Write it flatter, and without aliases that multiply.",
            )

    def _scalar(self, event: Any) -> None:
        weight = 1 + len(event.value) // _WEIGHT
        self._count(event, weight)
        if "\0" in event.value:
            raise self._null_character(event)
        if self._wants_key():
            self._set_key(event, event.value)
            if event.anchor:
                self.anchors[event.anchor] = (event.value, weight)
            return
        plain = event.implicit[0] and event.tag is None
        value = event.value
        if plain:
            value = resolve_plain(value)
            if event.value[:1] in SUSPECT_STARTS and self.remarks is not None:
                self._remark(event, value)
        elif event.tag is not None:
            value = self._tagged(event)
        if isinstance(value, float) and not math.isfinite(value):
            raise self._fail(
                event,
                "number",
                f"The value {event.value} is a number that JSON does not have.",
                "Write a finite number, or put the value in quotes.",
            )
        self._add(event, value, event.anchor, weight)

    def _remark(self, event: Any, value: Any) -> None:
        if self.remarks is None or not is_suspect(event.value, value):
            return
        if isinstance(value, float) and not math.isfinite(value):
            return
        problem = remark(event.value, value, self._path())
        if problem:
            self.remarks.add(problem.placed("", *self._place(event)), event.value)

    def _null_character(self, event: Any) -> Unreadable:
        """Databases do not take it; it may hide in an escape."""
        return self._fail(
            event, "binary", "The value holds the character U+0000.", "Remove it."
        )

    def _tagged(self, event: Any) -> Any:
        self._check_tag(event)
        name = event.tag.rpartition(":")[2]
        value = resolve_plain(event.value) if event.value else None
        # As Backstage reads it: a tag that does not fit its value leaves a text.
        fits = _TAGGED_TYPES.get(name) is type(value)
        return value if fits and (event.value or name == "null") else event.value

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag not in _TAGS and event.tag != "!":
            tag = event.tag.replace("tag:yaml.org,2002:", "!!", 1)
            raise self._fail(
                event,
                "tag",
                f"The tag {tag} is not allowed in a catalog file.",
                "Remove the tag, or put a value that begins with ! in quotes.",
            )

    def _open_mapping(self, event: Any) -> None:
        self._open(event, {})

    def _open_sequence(self, event: Any) -> None:
        self._open(event, [])

    def _open(self, event: Any, container: Any) -> None:
        self._count(event)
        self._check_tag(event)
        if self._wants_key():
            raise self._fail(
                event,
                "key",
                "A list or a mapping stands here where a key has to be.",
                "Write a text as the key; put a value that begins with { or [ in "
                "quotes.",
            )
        path = self._path()
        if self.marks is not None and path not in self.marks:
            self.marks[path] = self._place(event)
        self._add(event, container, None, 0)
        self.stack.append(_Frame(container, event.anchor, path, self.nodes))

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        if frame.anchor:
            size = self.nodes - frame.count + 1
            self.anchors[frame.anchor] = (frame.container, size)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise self._fail(
                event,
                "alias",
                f"The alias *{event.anchor} points to nothing before it.",
                "Define the anchor first, or write the value out.",
            )
        value, size = self.anchors[event.anchor]
        self._count(event, size)
        if self._wants_key():
            self._set_key(event, str(value))
        else:
            self._add(event, value, None, size)

    def _wants_key(self) -> bool:
        if not self.stack:
            return False
        frame = self.stack[-1]
        return frame.key is None and type(frame.container) is dict

    def _set_key(self, event: Any, key: str) -> None:
        frame = self.stack[-1]
        if key in frame.container:
            raise self._fail(
                event,
                "duplicate-key",
                f"The key {key!r} stands twice in one mapping.",
                "Remove one of the two.",
            )
        frame.key = key
        if self.marks is not None:
            self.marks[(*frame.path, key)] = self._place(event)

    def _add(self, event: Any, value: Any, anchor: str | None, size: int) -> None:
        if anchor:
            self.anchors[anchor] = (value, size)
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        if frame.key is not None:
            frame.container[frame.key] = value
            frame.key = None
            return
        if self.marks is not None:
            self.marks[(*frame.path, len(frame.container))] = self._place(event)
        frame.container.append(value)

    def _path(self) -> Path:
        if not self.stack:
            return ()
        frame = self.stack[-1]
        step = frame.key if frame.key is not None else len(frame.container)
        return (*frame.path, step)

    def _place(self, event: Any) -> tuple[int, int]:
        return (event.start_mark.line + self.line, event.start_mark.column + 1)


class _PairBuilder(_Builder):
    """For a document in which two escapes are one character."""

    def _scalar(self, event: Any) -> None:
        if event.style == '"':
            event.value = escapes.unmasked(event.value)
        elif escapes.is_masked(event.value):
            raise self._fail(
                event,
                "escape",
                "The value holds the text of an escape such as \\ud83d, and a quoted "
                "value of this document holds the escape itself.",
                "Write the character itself in the quoted value.",
            )
        super()._scalar(event)


def resolve_plain(value: str) -> Any:
    """What an unquoted scalar means in YAML 1.2 core."""
    if value in _WORDS:
        return _WORDS[value]
    if value[0] not in "+-.0123456789" or len(value) > 300:
        return value
    match = _NUMBER.fullmatch(value)
    if not match:
        return value
    if match["int"]:
        return int(value)
    if match["float"]:
        return float(value)
    return int(value[2:], 8 if match["oct"] else 16)


# Line breaks for YAML 1.1, ordinary characters for 1.2: only escapes are safe.
_ODD_BREAK = re.compile("[\r\x85\u2028\u2029]")


class _Dumper(yaml.SafeDumper):
    """Writes documents that YAML 1.1 and 1.2 readers understand alike."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _ODD_BREAK.search(text):
        style = '"'
    elif "\n" in text:
        style = "|"
    elif text and resolve_plain(text) != text:
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def write(data: Any) -> str:
    """A document as YAML, in the order of its keys."""
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=88
    )
