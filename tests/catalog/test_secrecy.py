"""Secrets do not come in: they are told with their place, and kept nowhere."""

from __future__ import annotations

import json
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from catalog.entities import secrecy
from catalog.entities.models import Entity, Finding, Revision
from catalog.entities.problems import Problem
from catalog.entities.secret_words import MARKER
from catalog.sources import adding, processing
from catalog.sources.candidates import examine
from portal.web.jinja import entity_url
from tests import people
from tests.catalog.documents import document, get, text_of
from tests.catalog.test_secret_formats import AWS, GITHUB, JWT, TOKENS

HUGGING = next(token for token, name in TOKENS.items() if "Hugging" in name)
COMPONENT = f"""\
# ask for {GITHUB}
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: web
  annotations:
    lab.example/note: 'the key is {AWS}, and {JWT}'
    {HUGGING}: a key
  links:
    - url: https://bob:hunter2horse@lab.example/x
spec:
  type: service
  lifecycle: production
  owner: lab
  password: hunter2horse  # as {GITHUB}
"""
SECRETS = (GITHUB, AWS, JWT, HUGGING, "hunter2horse")


def warned(problems: list[Problem]) -> list[tuple[str, int | None, int | None]]:
    assert not [p.sentence() for p in problems if p.is_error]
    return [(p.field, p.line, p.column) for p in problems if p.code == "secret"]


def test_a_warning_names_field_line_column_and_remedy_and_never_the_value():
    found = examine(COMPONENT, "web.yaml")
    note = "metadata.annotations.lab.example/note"
    assert warned(found.problems) == [
        ("", 1, 11),
        (note, 7, 35),
        (note, 7, 61),
        (f"metadata.annotations.{MARKER}", 8, 5),
        ("metadata.links[0].url", 10, 24),
        ("spec.password", 15, 13),
        ("spec.password", 15, 32),
    ]
    told = next(p for p in found.problems if p.line == 7)
    assert told.sentence() == (
        f"web.yaml:7:35: warning: {note} holds what looks like an AWS access key. "
        "It is withheld. Put it in the environment or in a secret file and write "
        "${NAME} here. Replace the secret itself: everybody who can read the source "
        "has read it."
    )
    assert told.subject == "component:default/web"
    (candidate,) = found.candidates
    for text in (candidate.doc.text, json.dumps(candidate.data), repr(found)):
        assert not [secret for secret in SECRETS if secret in text]
    assert candidate.data["metadata"]["links"][0]["url"] == (
        f"https://bob:{MARKER}@lab.example/x"
    )


def test_in_the_second_document_in_a_definition_and_twice():
    definition = f"openapi: 3.1.0\nkey: {AWS}\nagain: {AWS}\n"
    api = document("API", "api", spec={"definition": definition})
    text = text_of(document(name="a"), api)
    found = examine(text, "a.yaml")
    line = text[: text.index(AWS)].count("\n") + 1
    assert warned(found.problems) == [
        ("spec.definition", line, 10),
        ("spec.definition", line + 1, 12),
    ]
    assert {p.subject for p in found.problems} == {"api:default/api"}
    assert AWS not in found.candidates[1].doc.text


@pytest.mark.parametrize(
    "text",
    [
        f"kind: Component\n  x: {GITHUB}\n y: [\n",
        f"apiVersion: backstage.io/v1\n{GITHUB}: 1\n{GITHUB}: 2\n",
        f"apiVersion: backstage.io/v1\na: &{GITHUB} 1\nb: *{GITHUB}x\nc: [\n",
        f"apiVersion: backstage.io/v1\na: !{GITHUB} 1\n",
        f"apiVersion: backstage.io/v1\nkind: {GITHUB}\nmetadata: {{name: a b}}\n",
    ],
)
def test_an_unreadable_document_tells_nothing(text):
    found = examine(text.encode(), "catalog-info.yaml")
    assert any(p.is_error for p in found.problems)
    assert any(p.code == "secret" for p in found.problems)
    assert GITHUB not in repr(found)


def test_a_broken_neighbour_does_not_take_the_warning():
    text = f"a: [ {AWS}\n---\n" + text_of(document(name="web"))
    found = examine(text, "a.yaml")
    (warning,) = [p for p in found.problems if p.code == "secret"]
    assert (warning.line, warning.column, warning.subject) == (1, 6, "")
    assert not found.candidates[0].warnings


def test_thousands_are_told_in_a_few_sentences_and_in_no_time():
    started = time.process_time()
    text = text_of(document(description="x")) + f"# {AWS} {GITHUB}\n" * 20_000
    found = examine(text, "a.yaml")
    assert time.process_time() - started < 10
    told = [p for p in found.problems if p.code == "secret"]
    assert len(told) == secrecy.MOST + 1
    assert "39,970 more" in told[-1].message
    assert AWS not in found.candidates[0].doc.text


def stored() -> str:
    """Every text of every table."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    return repr(rows)


def ran(command: str, *args: str) -> str:
    out = StringIO()
    try:
        call_command(command, *args, stdout=out, stderr=out)
    except SystemExit as ended:
        assert ended.code == 1
    return out.getvalue()


@pytest.fixture
def catalog(folder) -> Path:
    broken = f"apiVersion: backstage.io/v1\n{GITHUB}: 1\n{GITHUB}: 2\n"
    filled = document("API", "api", spec={"definition": {"$text": "api.txt"}})
    root: Path = folder(
        {
            "web.yaml": COMPONENT,
            "broken.yaml": broken,
            "api.yaml": text_of(filled),
            "api.txt": f"first\nkey {AWS}\n",
        }
    )
    return root


@pytest.mark.django_db
@pytest.mark.storage
def test_nothing_of_it_is_kept_or_shown(catalog, tmp_path):
    admin = people.signed_in(people.alice())
    linted = ran("lint", str(catalog))
    assert "2 good, 1 error, 12 warnings" in linted
    imported = ran("import", str(catalog))
    assert "2 added" in imported
    source = get("component:default/web").source
    assert Finding.objects.filter(code="secret").count() == 10
    assert MARKER in get("api:default/api").text
    out = tmp_path / "out"
    ran("export", "-o", str(out))
    exported = "".join(path.read_text("utf-8") for path in out.rglob("*.yaml"))
    assert MARKER in exported
    places = [linted, imported, exported, stored()]
    base = entity_url("component:default/web")
    for address in (
        base,
        f"{base}yaml/",
        f"{base}history/",
        f"{base}catalog-info.yaml",
        entity_url("api:default/api"),
        "/",
        "/catalog/",
        "/catalog/catalog-info.yaml",
        f"/settings/sources/{source.pk}/",
        "/attention/",
        f"/search/?q={MARKER}",
    ):
        answer = admin.get(address, follow=True)
        assert answer.status_code == 200, address
        places.append(b"".join(answer).decode())
    for place in places:
        assert not [secret for secret in SECRETS if secret in place]


@pytest.mark.django_db
def test_reading_again_and_importing_the_export_change_nothing(catalog, tmp_path):
    source = adding.add_source(str(catalog))
    first = processing.refresh(source)
    assert first.added == 2
    again = processing.refresh(source)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    (catalog / "web.yaml").write_text(COMPONENT.replace("hunter2horse", "other3horse"))
    other = processing.refresh(source)
    assert (other.changed, other.unchanged) == (0, 2)
    ran("export", "-o", str(tmp_path / "out"))
    back = adding.dry_run(str(tmp_path / "out"))
    assert (back.added, back.changed, back.unchanged) == (0, 0, 2)
    assert Revision.objects.count() == 2


@pytest.mark.django_db
def test_a_paste_is_shown_without_it(tmp_path):
    admin = people.signed_in(people.alice())
    address = "/settings/sources/paste/"
    old = COMPONENT.replace("hunter2horse", "${PASSWORD}").replace(AWS, "x")
    admin.post(address, {"text": old, "take": "1"})
    assert Entity.objects.filter(ref="component:default/web").exists()
    answer = admin.post(address, {"text": COMPONENT}, headers={"HX-Request": "true"})
    plan = answer.content.decode()
    assert MARKER in plan and "an AWS access key" in plan
    whole = admin.post(address, {"text": COMPONENT}).content.decode()
    before, _, rest = whole.partition("<textarea")
    around = before + rest.partition("</textarea>")[2]
    for shown in (plan, around):
        assert not [secret for secret in SECRETS if secret in shown]
    admin.post(address, {"text": COMPONENT, "take": "1"})
    assert MARKER in get("component:default/web").text
    assert not [secret for secret in SECRETS if secret in stored()]
