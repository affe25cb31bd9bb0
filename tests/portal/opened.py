"""A house in which every door leads somewhere: the example, and one of each thing."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from catalog.entities import findings
from catalog.entities.models import Entity, Finding, Revision
from catalog.probes import looks, pings
from catalog.probes.models import Look, Probe, Receiver
from catalog.secrets.models import Secret
from catalog.sources import adding, hooks, processing
from catalog.sources.models import Source
from portal import keys
from portal.accounts import invites, metrics, passwords, tokens
from portal.accounts.models import Account, ApiToken, Invite, Role, SavedView
from portal.doors.programs import PROGRAMS
from portal.example import HOMELAB
from portal.projections import doors as exports
from portal.projections.models import ExportDoor
from portal.webhooks import keeping
from portal.webhooks.models import Delivery, Webhook
from tests import people
from tests.catalog.documents import declare, document, text_of
from tests.catalog.probed import VLLM, component
from tests.catalog.registered import registered
from tests.portal.hooked import hook

HEARTBEAT = {"type": "heartbeat", "period": 60}
BODY = b'{"ref": "refs/heads/main"}'
EXPORTED = {"target": "backstage", "profile": "stock", "file": "catalog-info.yaml"}
# At this port nobody listens: a test message is refused at once.
NOBODY = "json://127.0.0.1:1"


@dataclass
class House:
    """What the addresses of doors are filled with."""

    entity: Entity
    public: Entity
    probe: Probe
    looks: tuple[Look, Look]
    source: Source
    finding: Finding
    ignored: Finding
    receiver: Receiver
    secret: Secret
    invite: Invite
    invite_token: str
    api_token: str
    export: ExportDoor
    export_token: str
    webhook: Webhook
    accounts: dict[str, Account | None]

    def parts(self, key: str, who: str, public: bool = False) -> dict[str, Any]:
        """What fills the address of this door, for this person."""
        one = self.public if public else self.entity
        kind, _, path = one.ref.partition(":")
        namespace, _, name = path.partition("/")
        found = {"kind": kind, "namespace": namespace, "name": name}
        if key in ("help-kind", "schema"):
            found = {"kind": "model" if key == "help-kind" else "Model"}
        return {
            **found,
            "path": "catalog",
            **self._links(key),
            **self._pk(key, who, public),
        }

    def _links(self, key: str) -> dict[str, Any]:
        """The secrets that stand in addresses."""
        ping = {"uid": self.probe.uid, "token": pings.token_of(self.probe)}
        owner = self.accounts["viewer"]
        assert owner is not None
        links: dict[str, dict[str, Any]] = {
            "ping": ping,
            "ping-outcome": {**ping, "outcome": "fail"},
            "invite": {"token": self.invite_token},
            "setup": {"token": keys.setup_token(settings.SECRET_KEY)},
            "reset-confirm": resolve(passwords.reset_path(owner)).kwargs,
            "export": EXPORTED,
            "export-with-token": {**EXPORTED, "token": self.export_token},
            "backstage-catalog": {"rest": "entities/by-query"},
            "backstage-search": {"rest": "query"},
        }
        return {"ref": "component:default/orphan", **links.get(key, {})}

    def _pk(self, key: str, who: str, public: bool) -> dict[str, Any]:
        """The key of the row that this door is about; views are one's own."""
        account = self.accounts[who] or self.accounts["viewer"]
        rows: dict[str, Any] = {
            "finding-heed": self.ignored,
            "finding": self.finding,
            "view": SavedView.objects.filter(owner=account).first(),
            "token": ApiToken.objects.filter(account=account).first(),
            "invite": self.invite,
            "person": self.accounts["editor"],
            "changes": Revision.objects.filter(identity_id=self.entity.pk).first(),
            "notification": self.receiver,
            "secret": self.secret,
            "source": self.source,
            "hook": self.source,
            "orphan": self.source,
            "probe": self.looks[public],
            "backstage": self.export,
            "webhook": self.webhook,
        }
        row = rows.get(key) or rows.get(key.partition("-")[0])
        found = {"pk": row.pk} if row else {}
        if key == "webhook-again":
            found["delivery"] = Delivery.objects.filter(webhook=self.webhook)[0].pk
        return {**found, **self._id(key, account, public)}

    def _id(self, key: str, account: Any, public: bool) -> dict[str, Any]:
        """The same for operations of the API."""
        one = self.public if public else self.entity
        rows: dict[str, Any] = {
            "revisions": Revision.objects.filter(identity_id=one.pk).first(),
            "looks": self.looks[public],
            "sources": self.source,
            "views": SavedView.objects.filter(owner=account).first(),
            "tokens": ApiToken.objects.filter(account=account).last(),
        }
        named = [row for name, row in rows.items() if f"/{name}/<id>" in key]
        return {"id": named[0].pk} if named else {}

    def query(self, key: str, public: bool) -> str:
        """What stands behind the address, where a door needs it."""
        if key != "entity-patch":
            return ""
        one = self.public if public else self.entity
        return f"?to={Revision.objects.filter(identity_id=one.pk)[0].pk}"

    def typed(self, public: bool) -> dict[str, Any]:
        """What forms send: a probe of the entity."""
        one = self.public if public else self.entity
        return {"probe": Probe.objects.filter(identity_id=one.pk)[0].pk}

    def brought(self, key: str) -> dict[str, Any]:
        """What has to come with the request, so that the door has something to do."""
        if key.startswith("backstage-") and key in PROGRAMS:
            return {"headers": {"Authorization": f"Bearer {self.api_token}"}}
        if key == "metrics":
            return {"headers": {"Authorization": f"Bearer {metrics.token()}"}}
        if key == "hook":
            secret = hooks.secret_of(self.source).encode()
            digest = hmac.new(secret, BODY, hashlib.sha256).hexdigest()
            return {"headers": {"X-Hub-Signature-256": f"sha256={digest}"}}
        return {}


def build(folder: Path) -> House:
    """The example, people, and one of each thing that a door is about."""
    accounts = {
        "admin": people.alice(),
        "editor": people.bob(),
        "viewer": people.charlie(),
    }
    processing.refresh(adding.add_source(str(HOMELAB), example=True))
    source = _with_an_orphan(folder)
    shown = {"greenroom/visibility": "public", "greenroom/probe": VLLM}
    declare(document(name="open", annotations=shown))
    declare(document(name="night", spec={"probes": [HEARTBEAT]}))
    entity = component("llm")
    public = Entity.objects.get(ref="component:default/open")
    beat = Probe.objects.get(prober=pings.HEARTBEAT, identity__ref__endswith="/night")
    api_token = [_furnished(account) for account in accounts.values()][-1]
    invite, token = invites.make(invites.Offer(role=Role.VIEWER), by=accounts["admin"])
    export, export_token = exports.make(accounts["admin"], "lab", ExportDoor.SIGNED_IN)
    webhook = hook(accounts["admin"])
    keeping.test(webhook, accounts["admin"])
    house = House(
        entity=entity,
        public=public,
        probe=beat,
        looks=(_look(entity), _look(public)),
        source=source,
        finding=_finding("open"),
        ignored=_finding("aside"),
        receiver=Receiver.objects.create(name="Phone", address=NOBODY),
        secret=registered(),
        invite=invite,
        invite_token=token,
        api_token=api_token,
        export=export,
        export_token=export_token,
        webhook=webhook,
        accounts={**accounts, "stranger": None},
    )
    findings.ignore(house.ignored, timezone.now() + timedelta(1), "Bob", "later")
    return house


def _furnished(account: Account) -> str:
    """Give somebody a view and a token; its text."""
    SavedView.objects.create(owner=account, title="Models", query="kind=Model")
    scope = ApiToken.WRITE if account.can_edit else ApiToken.READ
    return tokens.make(account, "ci", scope, 0)[1]


def _with_an_orphan(folder: Path) -> Source:
    file = folder / "orphan.yaml"
    file.write_text(text_of(document(name="orphan")))
    (folder / "stays.yaml").write_text(text_of(document(name="stays")))
    source = adding.add_source(str(folder), name="lab")
    processing.refresh(source)
    Entity.objects.filter(ref="component:default/orphan").update(
        orphan_since=timezone.now()
    )
    return source


def _look(entity: Entity) -> Look:
    return looks.ask_for(Probe.objects.filter(identity_id=entity.pk)[0], "Bob")


def _finding(code: str) -> Finding:
    return Finding.objects.create(
        code=code, severity="warning", subject="component:default/llm", message="Odd."
    )


def client_of(account: Account | None) -> Client:
    """A browser of this person, or of a stranger."""
    client = Client(raise_request_exception=False)
    if account is not None:
        client.force_login(account)
    return client
