"""Every setting on one page: its name, where it may stand, its form and its default.

Read once from environment variables and from greenroom.yaml in the data folder. Each
value knows where it came from, and a wrong one is answered with one sentence. Imports
no Django, so that the supervisor can use it.
"""

from __future__ import annotations

import difflib
import functools
import os
import secrets
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from portal import values
from portal.values import Wrong

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "GREENROOM_"
FILE_NAME = "greenroom.yaml"
NEAR = 0.7  # So alike must names be, from 0 to 1, to be taken for a slip.
# Set by the supervisor for its children; not for people.
INTERNAL = frozenset({"GREENROOM_INSTANCE", "GREENROOM_DEMO"})
# Which portal a command speaks to, and with what: no settings of this one.
OF_COMMANDS = frozenset({"GREENROOM_PORTAL", "GREENROOM_TOKEN"})


class SettingsError(Exception):
    """A setting is wrong; the message is one sentence for the person who set it."""


@dataclass(frozen=True)
class Setting:
    """One line of the table: what may be set, and how it is read."""

    name: str
    parse: values.Parser
    default: str
    help: str
    unprefixed: bool = False
    secret: bool = False
    only_environment: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()

    @property
    def variables(self) -> tuple[str, ...]:
        """Every environment variable that sets it, the strongest first."""
        plain = (self.name.upper(),) if self.unprefixed else ()
        names = (self.variable, *plain)
        files = tuple(f"{name}_FILE" for name in names) if self.secret else ()
        return names + files


TABLE = (
    Setting(
        "data",
        values.folder,
        str(PROJECT / "data"),
        "Folder of everything this installation keeps.",
        only_environment=True,
    ),
    Setting("bind", values.address, values.everywhere(), "Address to listen on."),
    Setting("port", values.port, "8000", "Port to listen on."),
    Setting(
        "url",
        values.base_url,
        "",
        "Address that people use, for links and sub-paths: https://host/path.",
    ),
    Setting(
        "allowed_hosts",
        values.words,
        "*",
        "Host names that are answered, with commas; * for all.",
    ),
    Setting(
        "trusted_proxies",
        values.networks,
        "127.0.0.0/8,::1",
        "Proxies whose X-Forwarded headers are believed: addresses or networks.",
    ),
    Setting(
        "public",
        values.boolean,
        "false",
        "Whether strangers may read what is not restricted.",
    ),
    Setting(
        "status_public",
        values.boolean,
        "false",
        "Whether strangers see the status page, with what is declared public.",
    ),
    Setting(
        "catalog",
        values.targets,
        "",
        "Folders, files and URLs to load, with commas.",
    ),
    Setting(
        "database_url",
        values.database_url,
        "",
        "postgres://user:password@host/name; empty for SQLite in the data folder.",
        unprefixed=True,
        secret=True,
    ),
    Setting(
        "broker_url",
        values.broker_url,
        "",
        "redis://host:6379/0; empty for a queue in the data folder.",
        unprefixed=True,
        secret=True,
    ),
    Setting(
        "secret_key",
        values.secret_key,
        "",
        "Key that signs sessions and links; made at the first start when empty.",
        secret=True,
    ),
    Setting(
        "email_url",
        values.email_url,
        "",
        "smtp+tls://user:password@host:587; empty sends no mail.",
        secret=True,
    ),
    Setting("email_from", values.text, "greenroom@localhost", "Sender of mail."),
    Setting(
        "time_zone",
        values.time_zone,
        values.machine_time_zone(),
        "Zone that times are shown in, where a person has set none.",
    ),
    Setting("threads", values.threads, "8", "Requests answered at the same time."),
    Setting(
        "api_per_minute",
        values.per_minute,
        "1200",
        "Requests to the API that one account may make in a minute.",
    ),
    Setting("static", values.folder, "", "Folder of collected static files; in data."),
    Setting("secrets", values.folder, "", "Folder of files with secrets; in data."),
    Setting("history_days", values.days, "400", "Days of history kept; 0 for ever."),
    Setting("log_level", values.log_level, "info", "How much is logged."),
    Setting("debug", values.boolean, "false", "Only while developing."),
)
BY_NAME = {setting.name: setting for setting in TABLE}
BY_VARIABLE = {name: setting for setting in TABLE for name in setting.variables}


@dataclass(frozen=True)
class Value:
    """A value as text or list, and the place it was found at."""

    raw: str | list[str]
    origin: str


@dataclass(frozen=True)
class Env:
    """The settings of this installation, typed."""

    data: Path
    bind: str
    port: int
    url: values.BaseUrl | None
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[values.Network, ...]
    public: bool
    status_public: bool
    catalog: tuple[str, ...]
    database_url: str
    broker_url: str
    secret_key: str
    email_url: str
    email_from: str
    time_zone: str
    threads: int
    api_per_minute: int
    static: Path
    secrets: Path
    history_days: int
    log_level: str
    debug: bool
    origins: Mapping[str, str]

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, or nothing where another database is used."""
        return None if self.database_url else self.data / "greenroom.sqlite3"

    @property
    def queue(self) -> Path | None:
        """The folder of the embedded queue, or nothing where a broker is used."""
        return None if self.broker_url else self.data / "queue"

    @property
    def prefix(self) -> str:
        """The sub-path that a proxy serves us under, such as /greenroom, or empty."""
        return self.url.path if self.url else ""


def load(
    environ: Mapping[str, str] | None = None,
    options: Mapping[str, str | list[str]] | None = None,
) -> Env:
    """Read all settings; raises SettingsError with one sentence.

    `options` are those of the command line: they win over the environment, and that
    over the file.
    """
    environ = os.environ if environ is None else environ
    found = dict(from_environment(environ))
    for name, raw in (options or {}).items():
        found[name] = Value(raw, f"option --{name}")
    data = parsed(BY_NAME["data"], found)
    for name, value in from_file(data / FILE_NAME):
        found.setdefault(name, value)
    fields = {setting.name: parsed(setting, found) for setting in TABLE}
    for name in ("static", "secrets"):
        fields[name] = fields[name] or data / name
    origins = {name: value.origin for name, value in found.items()}
    return Env(**fields, origins=origins)


@functools.cache
def current() -> Env:
    """The settings of this process, read once."""
    return load()


def forget(environ: MutableMapping[str, str]) -> None:
    """Make it an environment without a house, for commands that only look at files.

    No variable and no file of this machine counts, and nothing can be kept: the data
    folder lies where none can be, and the queue is none that needs a folder.
    """
    for name in list(environ):
        if name in BY_VARIABLE or name.startswith(PREFIX):
            del environ[name]
    environ["GREENROOM_DATA"] = f"{os.devnull}/none"
    environ["GREENROOM_BROKER_URL"] = "redis://localhost"
    environ["GREENROOM_SECRET_KEY"] = secrets.token_urlsafe(50)


def parsed(setting: Setting, found: Mapping[str, Value]) -> Any:
    """The typed value of one setting, or the sentence that says what is wrong."""
    value = found.get(setting.name, Value(setting.default, "default"))
    try:
        return setting.parse(value.raw)
    except Wrong as wrong:
        shown = "the value given" if setting.secret else f"“{shorten(value.raw)}”"
        raise SettingsError(
            f"{setting.name} ({value.origin}): {shown} {wrong}"
        ) from None


def shorten(raw: str | list[str]) -> str:
    """A value as it is quoted in a message."""
    text = raw if isinstance(raw, str) else ", ".join(raw)
    return text if len(text) <= 80 else text[:77] + "…"


def from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    """What environment variables set; unknown GREENROOM_ names are refused."""
    for variable in environ:
        known = variable in BY_VARIABLE or variable in INTERNAL | OF_COMMANDS
        if variable.startswith(PREFIX) and not known:
            raise SettingsError(
                f"environment variable {variable} is not a setting"
                f"{did_you_mean(variable, BY_VARIABLE)}"
            )
    for setting in TABLE:
        given = [name for name in setting.variables if environ.get(name)]
        if given:
            yield setting.name, from_variable(given[0], environ[given[0]])


def from_variable(variable: str, text: str) -> Value:
    """The value of one variable; `…_FILE` names a file that holds it."""
    if not variable.endswith("_FILE"):
        return Value(text, f"environment variable {variable}")
    try:
        content = Path(text).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"environment variable {variable} names “{text}”, which cannot be read: "
            f"{reason(error)}; name a readable text file or unset it."
        ) from None
    return Value(content, f"file {text} (environment variable {variable})")


def from_file(path: Path) -> Iterator[tuple[str, Value]]:
    """What greenroom.yaml sets, with the line of each value."""
    try:
        # Composed, not loaded: nodes know their lines, and every scalar stays text.
        root = yaml.compose(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"file {path} cannot be read: {reason(error)}.") from None
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        raise SettingsError(
            f"file {path}, line 1 must hold lines such as “port: 8090”."
        )
    for key, node in root.value:
        where = f"file {path}, line {key.start_mark.line + 1}"
        name = str(key.value)
        check_key(name, where)
        yield name, Value(content_of(node, where, name), where)


def check_key(name: str, where: str) -> None:
    """Refuse what is no setting, and what cannot stand in this file."""
    if name not in BY_NAME:
        raise SettingsError(
            f"{where}: {name} is not a setting{did_you_mean(name, BY_NAME)}"
        )
    if BY_NAME[name].only_environment:
        raise SettingsError(
            f"{where}: {name} cannot be set in this file, because it says where this "
            f"file is; set the environment variable {BY_NAME[name].variable}."
        )


def content_of(node: yaml.Node, where: str, name: str) -> str | list[str]:
    """A scalar as text, a list as a list of texts."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode) and all(
        isinstance(item, yaml.ScalarNode) for item in node.value
    ):
        return [str(item.value) for item in node.value]
    raise SettingsError(f"{where}: {name} must be a value or a list of values.")


def did_you_mean(name: str, known: Mapping[str, Setting]) -> str:
    """The end of the sentence about an unknown name, with one that is nearly it."""
    # What all names share would make them alike.
    short = {one.removeprefix(PREFIX): one for one in known}
    close = difflib.get_close_matches(name.removeprefix(PREFIX), short, 1, NEAR)
    if close:
        return f"; did you mean {short[close[0]]}?"
    return "; manage.py settings lists those that exist."


def reason(error: Exception) -> str:
    """Why a file could not be read, in a few words on one line."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        problem = getattr(error, "problem", "") or "it is not YAML"
        return f"line {mark.line + 1}: {problem}"
    return getattr(error, "strerror", None) or " ".join(str(error).split())
