"""The kinds of receivers: those of Apprise that need no package, file or program here.

Apprise knows 200 more. Each kind that is offered says where it really connects and
which parts of its address are secret, so that both can be judged before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

_WEBHOOK, _PASSWORD = frozenset({"method"}), ("password",)


@dataclass(frozen=True)
class Scheme:
    """One kind of receiver, and the plugin of Apprise behind it: `module.Class`.

    `secrets` are the fields of the plugin that hold one, `options` what may follow the
    “?”. `host` is where it connects, whatever the address says; without it, the host
    of the address. `token` is a form that the plugin insists on, with {} in it.
    """

    plugin: str
    title: str
    example: str
    secrets: tuple[str, ...]
    options: frozenset[str] = frozenset()
    host: str = ""
    is_mail: bool = False
    token: str = "{}"


KINDS = {
    "json": Scheme(
        "custom_json.NotifyJSON",
        "Webhook, JSON",
        "json://hooks.lan:8080/greenroom",
        _PASSWORD,
        _WEBHOOK,
    ),
    "form": Scheme(
        "custom_form.NotifyForm",
        "Webhook, form",
        "form://hooks.lan:8080/greenroom",
        _PASSWORD,
        _WEBHOOK,
    ),
    "xml": Scheme(
        "custom_xml.NotifyXML",
        "Webhook, XML",
        "xml://hooks.lan:8080/greenroom",
        _PASSWORD,
        _WEBHOOK,
    ),
    "ntfy": Scheme(
        "ntfy.NotifyNtfy",
        "ntfy",
        "ntfy://ntfy.lan/greenroom?token=${NTFY_TOKEN}",
        ("password", "token"),
        frozenset({"token", "priority", "tags"}),
        token="tk_{}",
    ),
    "mailto": Scheme(
        "email.NotifyEmail",
        "Mail",
        "mailtos://greenroom:${MAIL_PASSWORD}@mail.lan?"
        "from=greenroom@lab.example&to=ops@lab.example",
        _PASSWORD,
        frozenset({"from", "to", "cc", "bcc", "name", "smtp", "mode", "reply"}),
        is_mail=True,
    ),
    "gotify": Scheme(
        "gotify.NotifyGotify",
        "Gotify",
        "gotify://gotify.lan/${GOTIFY_TOKEN}",
        ("token",),
        frozenset({"priority"}),
    ),
    "matrix": Scheme(
        "matrix.NotifyMatrix",
        "Matrix",
        "matrixs://greenroom:${MATRIX_PASSWORD}@matrix.lan/#ops",
        ("password", "access_token"),
    ),
    "mmost": Scheme(
        "mattermost.NotifyMattermost",
        "Mattermost",
        "mmosts://chat.lan/${MATTERMOST_HOOK}",
        ("token",),
        frozenset({"channel"}),
    ),
    "rocket": Scheme(
        "rocketchat.NotifyRocketChat",
        "Rocket.Chat",
        "rockets://greenroom:${ROCKET_PASSWORD}@chat.lan/#ops",
        ("password", "webhook"),
        frozenset({"mode"}),
    ),
    "slack": Scheme(
        "slack.NotifySlack",
        "Slack",
        "slack://${SLACK_A}/${SLACK_B}/${SLACK_C}",
        ("token_a", "token_b", "token_c", "access_token"),
        host="hooks.slack.com",
    ),
    "discord": Scheme(
        "discord.NotifyDiscord",
        "Discord",
        "discord://123456/${DISCORD_TOKEN}",
        ("webhook_token",),
        host="discord.com",
    ),
    "tgram": Scheme(
        "telegram.NotifyTelegram",
        "Telegram",
        "tgram://${TELEGRAM_TOKEN}/123456789",
        ("bot_token",),
        host="api.telegram.org",
        token="900001:{}",
    ),
    "pover": Scheme(
        "pushover.NotifyPushover",
        "Pushover",
        "pover://${PUSHOVER_USER}@${PUSHOVER_TOKEN}",
        ("user_key", "token"),
        frozenset({"priority", "sound"}),
        host="api.pushover.net",
    ),
}
# As they are written: with an s at the end for TLS, where there are both.
SCHEMES = {
    **KINDS,
    **{f"{name}s": kind for name, kind in KINDS.items() if not kind.host},
}


@cache
def plugin_class(scheme: Scheme) -> Any:
    """The class of its plugin. Apprise is loaded now and not before: it costs 9 MB."""
    module, _, name = scheme.plugin.partition(".")
    return getattr(import_module(f"apprise.plugins.{module}"), name)
