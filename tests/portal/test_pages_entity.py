"""The pages of an entity: what they show, where they lead, what they cost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.entities.models import Entity, Finding, FormerRef, Identity
from catalog.kind import KINDS
from catalog.sources.models import Source
from portal.web import panel
from tests import people
from tests.catalog.documents import declare, document, get, seen_by

pytestmark = pytest.mark.django_db
TABS = ("", "dependencies/", "yaml/", "history/", "catalog-info.yaml")
WEB = "/catalog/default/component/web/"


@pytest.fixture
def client() -> Client:
    declare(document("Group", "lab"))
    return people.signed_in(people.charlie())


@pytest.fixture
def admin() -> Client:
    return people.signed_in(people.alice())


def page(client: Client, address: str = WEB) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("kind", [*KINDS, "Template"])
def test_every_kind_has_its_pages(client, kind):
    declare(document(kind, "web"))
    for tab in TABS:
        page(client, f"/catalog/default/{kind.lower()}/web/{tab}")


def test_what_its_author_writes_is_text(client):
    harm = "<script>alert(1)</script>"
    links = [{"url": "javascript:alert(1)", "title": "Bad"}]
    declare(
        document(
            title=f"T {harm}",
            description=f"D {harm}\n\nMore {harm}",
            annotations={
                "backstage.io/source-location": "url:javascript:alert(1)",
                "greenroom/runbook": "javascript:alert(1)",
                "a.b/c": harm,
            },
            links=links,
            spec={"extra": {"deep": [harm]}},
        )
    )
    for tab in TABS[:4]:
        html = page(client, WEB + tab)
        assert harm not in html
        assert 'href="javascript' not in html


@pytest.mark.parametrize("tab", TABS)
def test_other_spellings_lead_to_the_page(client, tab):
    declare(document())
    response = client.get(f"/catalog/default/Component/WEB/{tab}?page=2")
    assert response.status_code == 301
    assert response["Location"] == f"{WEB}{tab}?page=2"


def test_a_former_name_leads_to_the_page(client):
    declare(document())
    identity = Identity.objects.get(ref="component:default/web")
    FormerRef.objects.create(identity=identity, ref="component:default/old")
    response = client.get("/catalog/default/component/old/history/")
    assert (response.status_code, response["Location"]) == (302, f"{WEB}history/")


def test_a_former_name_of_a_hidden_entity_is_not_found(client):
    declare(document(annotations=seen_by("user:default/bob")))
    identity = Identity.objects.get(ref="component:default/web")
    FormerRef.objects.create(identity=identity, ref="component:default/old")
    assert client.get("/catalog/default/component/old/").status_code == 404


def test_the_download_is_the_text_of_the_author(client):
    people.declare(
        "# Mine\napiVersion: backstage.io/v1alpha1\nkind: Component\n"
        "metadata: {name: web}   # short\n"
        "spec: {type: service, lifecycle: production, owner: lab}\n"
    )
    response = client.get(f"{WEB}catalog-info.yaml")
    assert response["Content-Type"] == "text/yaml; charset=utf-8"
    assert 'filename="web.yaml"' in response["Content-Disposition"]
    assert response.content.decode() == get("component:default/web").text
    assert b"# short" in response.content
    again = client.get(
        f"{WEB}catalog-info.yaml", headers={"If-None-Match": response["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_the_head_says_who_answers_and_who_uses_it(client):
    declare(
        document(title="Web", description="Answers people."),
        document(name="shop", title="Shop", spec={"dependsOn": ["component:web"]}),
    )
    html = page(client)
    assert "Answers people. Owned by <a" in html
    assert ">Shop</a>" in html


def test_decisions_that_nobody_took_say_so(client):
    declare(document(annotations={"greenroom/tier": "critical"}))
    html = page(client)
    assert html.count("Not decided") == 3
    assert "greenroom/exposure: lab | lan | vpn | internet" in html
    assert 'href="/catalog/?tier=critical"' in html


def test_a_relation_to_something_missing_is_no_link(client):
    declare(document(spec={"dependsOn": ["resource:gone"], "owner": "nobody"}))
    html = page(client)
    assert "Leads nowhere:" in html
    assert "Nobody answers for it." in html
    assert "/resource/gone/" not in html
    assert "/group/nobody/" not in html


def test_an_orphan_is_marked_and_only_an_administrator_removes_it(client, admin):
    declare(document())
    Entity.objects.update(orphan_since=timezone.now())
    assert "Orphan: it left" in page(client)
    assert "Remove it now" not in page(client)
    action = re.search(r'action="([^"]*/remove/)"', page(admin))
    assert action
    assert client.post(action[1]).status_code == 403
    assert admin.post(action[1]).status_code == 302
    assert admin.get(WEB).status_code == 404


def test_a_refused_text_is_told_with_its_place(client):
    declare(document())
    Finding.objects.create(
        code="yaml",
        severity=Finding.ERROR,
        subject="component:default/web",
        path="web.yaml",
        line=7,
        message="The YAML cannot be read.",
        remedy="Check the quotes.",
    )
    html = page(client)
    assert "The newest text was refused:" in html
    assert "<code>web.yaml:7</code>" in html
    assert "Check the quotes." in html


def test_an_example_is_marked(client):
    declare(document())
    assert "tag example" not in page(client)
    Source.objects.update(example=True)
    assert "tag example" in page(client)


def test_a_model_shows_its_versions(client):
    versions = [
        {"version": "v2", "stage": "production", "artifact": "s3://m/v2"},
        {"version": "v1", "stage": "archived", "baseModel": "qwen"},
    ]
    declare(document("Model", "sum", spec={"versions": versions}))
    html = page(client, "/catalog/default/model/sum/")
    assert '<span class="tag">v2</span>' in html
    assert "s3://m/v2" in html
    assert "archived" in html


def test_unknown_fields_are_shown(client):
    declare(document(spec={"hardware": {"cpu": "Ryzen", "disks": 4}}))
    assert "<dt>cpu</dt><dd>Ryzen</dd>" in page(client)


def test_history_shows_each_change_with_its_lines(client):
    for tier in ("critical", "important", "standard"):
        declare(document(annotations={"greenroom/tier": tier}))
    html = page(client, f"{WEB}history/")
    assert html.count('class="card revision"') == 3
    assert html.count('<details class="card revision" id="r') == 3
    assert re.search(r'class="removed".*?greenroom/tier: important', html)
    assert re.search(r'class="added".*?greenroom/tier: standard', html)


def test_history_comes_in_pages_at_a_constant_cost(client):
    for number in range(23):
        declare(document(title=f"Web {number}"))
    address = f"{WEB}history/"
    with CaptureQueriesContext(
        connection,
    ) as queries:
        first = page(client, address)
    assert first.count("card revision") == 20
    assert page(client, f"{address}?page=2").count("card revision") == 3
    assert "Web 0" in page(client, f"{address}?page=99")
    assert len(queries) <= 14


def test_walks_end_in_a_circle_and_count_who_is_affected(client):
    declare(
        document(name="web", spec={"dependsOn": ["component:b"]}),
        document(name="b", spec={"dependsOn": ["component:c"], "owner": "other"}),
        document(name="c", spec={"dependsOn": ["component:web", "resource:gone"]}),
    )
    html = page(client, f"{WEB}dependencies/")
    assert "2 entities are affected, and 2 owners have to know." in html
    assert "Through 1 other" in html
    assert "via b" in html
    assert "resource:gone" in html
    assert "/resource/gone/" not in html


def test_long_lists_of_dependencies_are_cut_and_say_so(client):
    declare(
        document(),
        *(
            document(name=f"u{i}", spec={"dependsOn": ["component:web"]})
            for i in range(45)
        ),
    )
    html = page(client, f"{WEB}dependencies/")
    assert "5 more are not listed." in html
    assert "not listed" not in page(client, f"{WEB}dependencies/?all=1")


def test_a_group_answers_for_what_its_groups_own(client):
    declare(
        document("Group", "inner", spec={"parent": "lab"}),
        document("Group", "secret", annotations=seen_by("user:default/bob")),
        document("Group", "deep", spec={"parent": "secret"}),
        document(name="own"),
        document(name="inside", spec={"owner": "inner"}),
        document(name="other", spec={"owner": "deep"}),
    )
    html = page(client, "/catalog/default/group/lab/")
    assert "/component/own/" in html
    assert "/component/inside/" in html
    assert "/component/other/" not in html


def test_a_person_shows_groups_contact_and_what_they_own(client):
    profile = {"displayName": "Mira Novak", "email": "mira@lab.example"}
    declare(
        document(
            "User",
            "mira",
            annotations={"greenroom/chat": "matrix:@mira:lab.example"},
            spec={"memberOf": ["lab"], "profile": profile},
        ),
        document(spec={"owner": "user:mira"}),
    )
    html = page(client, "/catalog/default/user/mira/")
    assert "Mira Novak" in html
    assert 'href="mailto:mira@lab.example"' in html
    assert 'href="matrix:u/mira:lab.example"' in html
    assert 'href="/catalog/default/group/lab/"' in html
    assert WEB in html


def test_the_cost_does_not_grow_with_the_catalog(client):
    declare(
        document(spec={"dependsOn": ["component:c1"], "system": "s"}),
        document("System", "s"),
        *(document(name=f"c{i}") for i in range(27)),
    )
    page(client)
    small = cost(client, WEB)
    declare(*(document(name=f"c{i}") for i in range(27, 1000)))
    page(client)
    assert cost(client, WEB) == small <= 20
    group = "/catalog/default/group/lab/"
    page(client, group)
    assert cost(client, group) <= 20


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        page(client, address)
    return len(queries)


def test_every_card_has_a_template(client):
    declare(document())
    assert not panel.PANELS.broken
    folder = Path(panel.__file__).parent / "templates" / "panels"
    for name in panel.PANELS:
        assert "ui.card(" in (folder / f"{name}.html").read_text("utf-8"), name


def test_what_a_forge_holds_is_edited_there():
    declare(document())
    entity = get("component:default/web")
    source = Source.objects.create(
        name="forge",
        provider="git",
        target="https://codeberg.org/lab/catalog.git",
        branch="prod",
    )
    Entity.objects.filter(pk=entity.pk).update(source=source, path="a/b.yaml", line=7)
    client = people.signed_in(people.charlie())
    html = client.get("/catalog/default/component/web/").content.decode()
    shown = "https://codeberg.org/lab/catalog/src/branch/prod/a/b.yaml#L7"
    assert shown in html and "Edit at source" in html
