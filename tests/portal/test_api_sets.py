"""Sets: what was applied under a name and is not any more goes, where asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from catalog.entities.models import Entity, Revision
from catalog.sources import adding, processing
from catalog.sources.models import SetMember
from portal.accounts.models import ApiToken
from tests import people
from tests.catalog.documents import declare, document, seen_by, text_of
from tests.portal.test_api import applied, client_of, got, reader, writer

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
__all__ = ["reader", "writer"]
PRUNE = "?set=lab&prune=true"


def put(
    client: Client, names: str, ask: str = "?set=lab", status: int = 200, **more: Any
) -> Any:
    text = text_of(*(document(name=name) for name in names.split()))
    return applied(client, text + more.pop("also", ""), status, ask=ask, **more)


def present() -> set[str]:
    rows = Entity.objects.filter(kind="Component")
    return set(rows.values_list("name", flat=True))


def test_what_a_set_holds_no_more_goes_once(writer):
    put(writer, "a b c d e f")
    put(writer, "alone", "")
    tried = put(writer, "a b c d e", f"{PRUNE}&dry_run=true")
    assert tried["removed_refs"] == ["component:default/f"] and tried["removed"] == 1
    assert tried["confirm"] is None and "f" in present()
    done = put(writer, "a b c d e", f"{PRUNE}&reason=clean")
    assert (done["removed"], done["unchanged"], done["added"]) == (1, 5, 0)
    assert present() == set("abcde") | {"alone"}
    again = put(writer, "a b c d e", PRUNE)
    assert again["removed"] == 0 and again["note"] == ""
    row = Revision.objects.get(action=Revision.REMOVED)
    assert (row.door, row.reason, row.author_name) == ("api", "clean", "bob")


def test_without_prune_everything_stays(writer):
    put(writer, "a b")
    assert put(writer, "a")["removed"] == 0 and present() == {"a", "b"}
    problem = put(writer, "a", "?prune=true", 400)
    assert "`set`" in problem["detail"] and problem["remedy"]
    put(writer, "a", "?set=no/name", 422)


def test_too_many_have_to_be_confirmed_by_their_number(writer):
    put(writer, "a b c d e")
    tried = put(writer, "a b c", f"{PRUNE}&dry_run=true")
    assert (tried["confirm"], tried["removed"]) == (2, 2)
    for wrong in ("", "&prune_confirm=3", "&prune_confirm=0"):
        problem = put(writer, "a b c new", f"{PRUNE}{wrong}", 409)
        assert "2 of 5" in problem["detail"]
        assert "prune_confirm=2" in problem["remedy"]
    assert present() == set("abcde")
    assert put(writer, "a b c", f"{PRUNE}&prune_confirm=2")["removed"] == 2
    assert present() == set("abc")


def test_many_are_confirmed_whatever_the_set_holds(writer):
    names = [f"n{number}" for number in range(140)]
    put(writer, " ".join(names))
    put(writer, " ".join(names[26:]), PRUNE, 409)
    assert put(writer, " ".join(names[25:]), PRUNE)["removed"] == 25


def test_one_refused_document_keeps_everything(writer):
    put(writer, "a b c d e f")
    done = put(writer, "a b c d e", PRUNE, also="---\nkind: Component\n")
    assert done["refused"] and done["removed"] == 0 and "refused" in done["note"]
    assert "f" in present()


def test_what_was_applied_in_another_set_is_of_that_one(writer):
    put(writer, "a b c d e f")
    put(writer, "f", "?set=other")
    put(writer, "a b c d e", PRUNE)
    assert "f" in present()
    assert SetMember.objects.get(entity__name="f").name == "other"


def test_what_a_source_declares_meanwhile_stays(writer, tmp_path):
    put(writer, "a b c d e f")
    (tmp_path / "f.yaml").write_text(text_of(document(name="f")))
    source = adding.add_source(str(tmp_path), name="folder")
    Entity.objects.filter(name="f").update(source=source)
    assert put(writer, "a b c d e", PRUNE)["removed"] == 0
    assert "f" in present()


def test_what_is_made_anew_by_hand_is_in_no_set(writer):
    put(writer, "a b c d e f")
    put(writer, "a b c d e", PRUNE)
    processing.declare(text_of(document(name="f")), door="paste")
    assert put(writer, "a b c d e", PRUNE)["removed"] == 0 and "f" in present()


def test_nobody_prunes_or_counts_what_they_do_not_see(writer):
    admin = client_of(people.alice(), ApiToken.WRITE)
    put(admin, "a b c d e f vault")
    declare(document(name="vault", annotations=seen_by("user:eve")))
    for ask in (f"{PRUNE}&dry_run=true", PRUNE):
        done = put(writer, "a b c d e", ask)
        assert "vault" not in json.dumps(done) and done["removed"] == 1
    assert "vault" in present()
    assert put(admin, "a b c d e", PRUNE)["removed_refs"] == ["component:default/vault"]


def test_groups_go_only_by_administrators(writer):
    admin = client_of(people.alice(), ApiToken.WRITE)
    group = text_of(document("Group", "crowd"))
    put(admin, "a b c d e", also="---\n" + group)
    assert put(writer, "a b c d e", PRUNE)["removed"] == 0
    assert put(admin, "a b c d e", PRUNE)["removed_refs"] == ["group:default/crowd"]


def test_who_only_reads_prunes_nothing(reader):
    assert "only reads" in put(reader, "a", PRUNE, 403)["detail"]
    got(reader, "/entities")
