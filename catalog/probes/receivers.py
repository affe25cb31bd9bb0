"""The address of a receiver: what Apprise makes of it, where it leads, what is secret.

    ntfy://ntfy.lan/greenroom?token=${NTFY_TOKEN}

Apprise reads the address with a stand-in for each `${NAME}`. Values take the place of
the stand-ins only in what it has read, so that no character of a value can change
where the message goes, and no text ever holds a whole address with its secrets.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import quote

from django.conf import settings

from catalog.entities.secrecy import withhold
from catalog.probes.hearing import heard
from catalog.probes.schemes import SCHEMES, Scheme, plugin_class
from catalog.secrets.places import Unfit, host_of
from catalog.secrets.revealing import references

CONNECT, READ = 5.0, 10.0
_MOST_NAMES = 9
# Long and plain enough for every form of a token that a plugin insists on.
_STAND_IN = "Q{:02d}GREENROOM00000000000000000Q"
_NAMED = re.compile(r"auth|cookie|key|pass|secret|session|sign|token", re.I)
_EXTRAS = ("headers", "params", "payload_extras")
HOW = (
    "Register it under Settings, Secrets, for notifications and the host {host}, then "
    "write its name in its place, such as ${{NTFY_TOKEN}}."
)


class PlainSecret(Unfit):
    """A secret is typed in. Do not show the address again."""


@dataclass(frozen=True, repr=False)
class Address:
    """An address that may be used: the plugin of Apprise behind it, and where it leads.

    `stand_ins` says which name each stand-in in the plugin is for.
    """

    scheme: Scheme
    plugin: Any
    host: str
    port: int
    secure: bool
    stand_ins: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """The secrets that it refers to."""
        return list(self.stand_ins.values())

    @property
    def where(self) -> str:
        """Host and port, for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def fill(self, values: Mapping[str, str]) -> None:
        """Put the values of the secrets where they belong. Raises Unfit where Apprise
        has no use for one."""
        for stand_in, name in self.stand_ins.items():
            fields = vars(self.plugin)
            if stand_in not in repr(fields):
                raise Unfit(f"${{{name}}} stands where Apprise does not use it.")
            for field, held in list(fields.items()):
                value = values[name]
                value = quote(value, safe="") if field == "fullpath" else value
                fields[field] = _replaced(held, stand_in, value)


def read(text: str) -> Address:
    """What an address means. Raises Unfit, and PlainSecret for one that is typed in."""
    text = text.strip()
    scheme = _scheme(text)
    stand_ins = _stand_ins(text, scheme)
    plugin = _plugin(text, scheme, stand_ins)
    host = scheme.host or _host(plugin)
    if any(stand_in in host for stand_in in stand_ins):
        raise Unfit("A secret cannot stand for the host: write the host itself.")
    shown = host_of(host)
    _check_secrets(plugin, scheme, stand_ins, shown)
    _check_shape(text, shown)
    secure = bool(plugin.secure or scheme.host or _is_cloud(plugin))
    port = plugin.port if not scheme.host and plugin.port else 443 if secure else 80
    return Address(scheme, plugin, shown, port, secure, stand_ins)


def _scheme(text: str) -> Scheme:
    name, found, _ = text.partition("://")
    scheme = SCHEMES.get(name.lower()) if found else None
    if scheme is not None:
        return scheme
    known = ", ".join(f"{one}://" for one in SCHEMES)
    # What is no address may be a secret, in the wrong field: it is not repeated.
    if not found or not name.isalnum() or len(name) > 20:
        raise Unfit(f"An address begins with one of {known}.")
    near = difflib.get_close_matches(name, SCHEMES, 1)
    hint = f" Did you mean {near[0]}://?" if near else ""
    raise Unfit(f"{name}:// is not offered.{hint} There are {known}.")


def _stand_ins(text: str, scheme: Scheme) -> dict[str, str]:
    names = references(text)
    if len(names) > _MOST_NAMES:
        raise Unfit(f"{len(names)} secrets are too many; {_MOST_NAMES} are the most.")
    rest = text
    for name in names:
        rest = rest.replace(f"${{{name}}}", "")
    if "${" in rest:
        raise Unfit(
            "A ${…} in it is not the name of a secret. A name has capital letters, "
            "digits and _, such as ${NTFY_TOKEN}."
        )
    return {
        scheme.token.format(_STAND_IN.format(number)): name
        for number, name in enumerate(names)
    }


def _plugin(text: str, scheme: Scheme, stand_ins: Mapping[str, str]) -> Any:
    for stand_in, name in stand_ins.items():
        text = text.replace(f"${{{name}}}", quote(stand_in, safe=""))
    with heard() as said:
        # Before anything is made of it: some options name files to read.
        parsed = _parsed(text, scheme)
        plugin = _made(parsed, scheme)
    # Only those of mail: others may repeat what was typed, and that may be a secret.
    if said and scheme.is_mail:
        raise Unfit(f"{said[0].rstrip('.')}. One looks like {scheme.example}")
    if plugin is None:
        raise _unreadable(scheme)
    if plugin.port and not 0 < plugin.port < 65536:
        raise Unfit(f"{plugin.port} is no port: one is a number from 1 to 65535.")
    # A mail server that is wary lets one wait before it speaks, and has this one limit.
    plugin.socket_connect_timeout = READ if scheme.is_mail else CONNECT
    plugin.socket_read_timeout = READ
    # Matrix would ask a server where its server is.
    plugin.discovery = False
    return plugin


def _asset() -> Any:
    return import_module("apprise").AppriseAsset(
        app_id="Greenroom",
        app_desc="Greenroom",
        app_url=settings.GREENROOM_URL,
        # Where a redirect leads was judged by nobody.
        http_redirects=False,
        async_mode=False,
        image_url_mask="",
        image_url_logo="",
        pgp_autogen=False,
        pem_autogen=False,
    )


def _unreadable(scheme: Scheme) -> Unfit:
    return Unfit(
        f"Apprise cannot read this address. One for {scheme.title} looks like "
        f"{scheme.example}"
    )


def _made(parsed: dict[str, Any], scheme: Scheme) -> Any:
    """The plugin; None where it refuses what was parsed."""
    try:
        return plugin_class(scheme)(**parsed, asset=_asset())
    except Exception:
        # Each plugin has errors of its own, which may repeat a token.
        return None


def _parsed(text: str, scheme: Scheme) -> dict[str, Any]:
    """The parts of an address as the plugin reads them. Raises Unfit also for options
    that would read files, ask further servers, or follow redirects."""
    # A room begins with #, which a URL takes for the beginning of its end.
    whole = text.replace("#", "%23")
    parsed: dict[str, Any] = plugin_class(scheme).parse_url(whole)
    if not parsed:
        raise _unreadable(scheme)
    strange = [
        name
        for name in parsed.get("qsd", {})
        if name not in scheme.options and not _is_extra(name, scheme)
    ]
    if strange:
        allowed = ", ".join(sorted(scheme.options)) or "none"
        raise Unfit(
            f"The option “{strange[0][:40]}” is not offered for {scheme.title}. "
            f"There are: {allowed}."
        )
    return parsed


def _is_extra(name: str, scheme: Scheme) -> bool:
    """A header, a parameter or a field of one's own, as webhooks have them."""
    return "method" in scheme.options and name[:1] in ("+", " ", "-", ":")


def _host(plugin: Any) -> str:
    """Where it really connects: a mail address may name another host than its own."""
    if _is_cloud(plugin):
        return "ntfy.sh"
    return str(getattr(plugin, "smtp_host", "") or plugin.host or "")


def _is_cloud(plugin: Any) -> bool:
    return bool(plugin.schema.startswith("ntfy") and plugin.mode == "cloud")


def _check_secrets(
    plugin: Any, scheme: Scheme, stand_ins: Mapping[str, str], host: str
) -> None:
    """Raise PlainSecret where one is not written as a name."""
    for field in scheme.secrets:
        value = getattr(plugin, field, None)
        if value and value not in stand_ins:
            raise PlainSecret(
                f"The {field.replace('_', ' ')} stands in the address as it is. "
                + HOW.format(host=host)
            )
    for extras in _EXTRAS:
        for name, value in (getattr(plugin, extras, None) or {}).items():
            has_name = any(stand_in in str(value) for stand_in in stand_ins)
            if _NAMED.search(name) and not has_name:
                raise PlainSecret(
                    f"“{name}” looks like a secret and stands in the address as it is. "
                    + HOW.format(host=host)
                )


def _check_shape(text: str, host: str) -> None:
    """Raise PlainSecret for what looks like a secret, wherever it stands."""
    _, found = withhold(text)
    if found:
        raise PlainSecret(
            f"A part of the address looks like {found[0].looks}. "
            + HOW.format(host=host)
        )


def _replaced(held: Any, stand_in: str, value: str) -> Any:
    """The same with the value; only plain data is gone through."""
    if isinstance(held, str):
        return held.replace(stand_in, value)
    if isinstance(held, dict):
        return dict(_pairs(held, stand_in, value))
    if isinstance(held, list | tuple | set):
        return type(held)(_replaced(one, stand_in, value) for one in held)
    return held


def _pairs(
    held: dict[Any, Any], stand_in: str, value: str
) -> Iterator[tuple[Any, Any]]:
    for key, one in held.items():
        yield _replaced(key, stand_in, value), _replaced(one, stand_in, value)
