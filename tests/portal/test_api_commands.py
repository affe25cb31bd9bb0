"""query, get, apply and diff, here and by the API of a running portal: the same."""

from __future__ import annotations

import sys
import threading
import time
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.accounts import tokens
from portal.accounts.models import ApiToken
from tests import people, receiving
from tests.catalog.documents import declare, document, seen_by

YAML = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: web
  description: {}
spec: {{type: service, lifecycle: production, owner: user:ada}}
"""


@pytest.fixture(params=["here", "by the API"])
def door(request, live_server, monkeypatch) -> dict[str, Any]:
    """How a catalog is reached."""
    monkeypatch.delenv("GREENROOM_PORTAL", raising=False)
    if request.param == "here":
        return {}
    _, text = tokens.make(people.bob(), "cli", ApiToken.WRITE, 0)
    monkeypatch.setenv("GREENROOM_TOKEN", text)
    return {"portal": live_server.url}


pytestmark = pytest.mark.django_db(transaction=True)


def ran(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def test_query(door, capsys):
    declare(document("Model", "bge", title="BGE"), document(name="web"))
    call_command("query", "kind:model", **door)
    assert "model:bge  BGE" in capsys.readouterr().out
    call_command("query", "kind:model", format="yaml", **door)
    assert "name: bge" in capsys.readouterr().out
    call_command("query", "kind:model,component", format="refs", **door)
    refs = capsys.readouterr().out.split()
    assert refs == ["model:default/bge", "component:default/web"]
    with pytest.raises(CommandError, match="no field “knd”") as told:
        call_command("query", "knd:model", **door)
    assert "\nknd:model\n^^^\n" in str(told.value)
    assert "Did you mean: kind:model" in str(told.value)
    said = ran("query", "kind:model", explain="web", **door)
    assert said.split() == ["does", "not", "hold", "kind:model"]


def test_get(door):
    declare(document("Model", "bge"), document(name="web"))
    said = ran("get", "model:bge", "component:default/web", **door)
    assert said.count("---") == 1 and "name: bge" in said and "name: web" in said
    with pytest.raises(CommandError, match="model:default/nothing is not in") as told:
        ran("get", "model:nothing", **door)
    assert told.value.returncode == 1
    with pytest.raises(CommandError, match="“nonsense:”"):
        ran("get", "nonsense:", **door)


def test_diff_then_apply_then_nothing(door, tmp_path, capsys):
    file = tmp_path / "a.yaml"
    file.write_text(YAML.format("One."))
    with pytest.raises(SystemExit):
        ran("diff", file=[str(file)], **door)
    tried = ran("apply", file=[str(file)], dry_run=True, **door)
    assert "1 added (dry run)" in tried
    assert "1 added" in ran("apply", file=[str(file)], reason="first", **door)
    assert "1 unchanged" in ran("apply", file=[str(file)], **door)
    assert ran("diff", file=[str(file)], **door) == ""
    file.write_text(YAML.format("Two."))
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("diff", file=[str(file)], stdout=out, **door)
    assert "-  description: One." in out.getvalue()
    assert "+  description: Two." in out.getvalue()


def test_bad_documents_fail_and_good_ones_are_taken(door, tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(YAML.format("One.") + "---\nkind: Component\n")
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("apply", file=[str(file)], stdout=out, stderr=err, **door)
    assert ended.value.code == 1 and "1 added, 1 refused" in out.getvalue()
    assert f"{file}:" in err.getvalue() and "error" in err.getvalue()
    with pytest.raises(CommandError, match="no such file"):
        ran("apply", file=[str(tmp_path / "none.yaml")], **door)


def test_documents_come_from_the_input(door, monkeypatch):
    raw = TextIOWrapper(BytesIO(YAML.format("One.").encode()))
    monkeypatch.setattr(sys, "stdin", raw)
    assert "(input): 1 added" in ran("apply", file=["-"], **door)


def test_a_portal_shows_only_what_the_token_may_see(live_server, monkeypatch):
    declare(document(name="vault", annotations=seen_by("user:eve")))
    _, text = tokens.make(people.charlie(), "cli", ApiToken.READ, 0)
    monkeypatch.setenv("GREENROOM_TOKEN", text)
    door = {"portal": live_server.url}
    with pytest.raises(SystemExit):
        ran("query", "kind:component", **door)
    with pytest.raises(CommandError, match="not for you to see"):
        ran("get", "component:vault", **door)


def test_what_is_missing_or_wrong_is_told(live_server, monkeypatch, tmp_path):
    monkeypatch.delenv("GREENROOM_TOKEN", raising=False)
    door = {"portal": live_server.url}
    with pytest.raises(CommandError, match="/me/tokens/"):
        ran("query", "x", **door)
    file = tmp_path / "token"
    with pytest.raises(CommandError, match="cannot be read"):
        ran("query", "x", token_file=str(file), **door)
    file.write_text("grm_nonsense\n")
    with pytest.raises(CommandError, match="no valid token"):
        ran("query", "x", token_file=str(file), **door)
    with pytest.raises(CommandError, match="does not answer"):
        ran("query", "x", token_file=str(file), portal="http://127.0.0.1:1")
    _, text = tokens.make(people.charlie(), "cli", ApiToken.READ, 0)
    file.write_text(text)
    yaml = tmp_path / "a.yaml"
    yaml.write_text(YAML.format("x"))
    with pytest.raises(CommandError, match="only reads"):
        ran("apply", file=[str(yaml)], token_file=str(file), **door)


def test_a_set_of_files_is_pruned(door, tmp_path):
    files = []
    for name in "abcdef":
        file = tmp_path / f"{name}.yaml"
        file.write_text("---\n" + YAML.format("x").replace("web", name))
        files.append(f"-f{file}")
    lab = {"set": "lab", **door}
    assert "set lab: 6 added" in ran("apply", *files, **lab)
    tried = ran("apply", *files[1:], prune=True, dry_run=True, **lab)
    assert "1 removed (dry run)\n  removed: component:default/a\n" in tried
    assert "5 unchanged, 1 removed" in ran("apply", *files[1:], prune=True, **lab)
    assert "set lab: 5 unchanged" in ran("apply", *files[1:], prune=True, **lab)
    with pytest.raises(CommandError, match=r"2 of 5 .*--prune-confirm 2"):
        ran("apply", *files[3:], prune=True, **lab)
    tried = ran("apply", *files[3:], prune=True, dry_run=True, **lab)
    assert "add --prune-confirm 2." in tried
    done = ran("apply", *files[3:], prune=True, prune_confirm=2, **lab)
    assert "3 unchanged, 2 removed" in done
    with pytest.raises(CommandError, match="name of a set"):
        ran("apply", *files, prune=True, **door)
    with pytest.raises(CommandError, match="no name of a set"):
        ran("apply", *files, set="no/name", **door)


def test_a_complaint_in_a_set_names_its_file(door, tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(YAML.format("x"))
    bad.write_text(YAML.format("x").replace("web", "other") + "---\nkind: Component\n")
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "apply",
            f"-f{good}",
            f"-f{bad}",
            set="lab",
            prune=True,
            stdout=StringIO(),
            stderr=err,
            **door,
        )
    assert f"{bad}:8:" in err.getvalue() and f"{good}:" not in err.getvalue()
    assert "Nothing was taken away" in err.getvalue()


def test_one_name_in_two_files_names_no_line_of_neither(door, tmp_path):
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for file in files:
        file.write_text(YAML.format("x"))
    err = StringIO()
    given = {"file": list(map(str, files)), "stdout": StringIO(), "stderr": err}
    with pytest.raises(SystemExit):
        call_command("apply", set="lab", **given, **door)
    assert f"{files[1]}:4:3" in err.getvalue()
    assert "the one further up was first" in err.getvalue()


def test_several_files_stand_after_one_f(door, tmp_path):
    names = []
    for name in ("a", "b"):
        file = tmp_path / f"{name}.yaml"
        file.write_text(YAML.format("x").replace("web", name))
        names.append(str(file))
    done = ran("apply", "-f", *names, dry_run=True, **door)
    assert done.count("1 added (dry run)") == 2


def test_a_difference_is_told_as_the_catalog_reads_it(door, tmp_path):
    file = tmp_path / "a.yaml"
    secret = "ghp_" + "aB3dE5fG7h" * 4
    file.write_text(YAML.format(f"Token {secret[:40]}."))
    ran("apply", file=[str(file)], **door)
    assert ran("diff", file=[str(file)], **door) == ""
    file.write_text(YAML.format("x").replace("kind: Component\n", ""))
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit):
        call_command("diff", file=[str(file)], stdout=out, stderr=err, **door)
    assert "kind is missing" in err.getvalue() and out.getvalue() == ""


@pytest.mark.parametrize(
    ("portal", "said"),
    [
        ("localhost:8000", "is no address of a portal"),
        ("{}?q=x", "is no address of a portal"),
        ("ftp://localhost", "is no address of a portal"),
        ("{}/catalog", "answers 301. Is the address right"),
        ("https{}", "Does it speak http only"),
        ("http://127.0.0.1:1", "Is it running"),
        ("http://nowhere.invalid", "Is its name right"),
    ],
)
def test_an_address_that_is_nearly_right(live_server, monkeypatch, portal, said):
    monkeypatch.setenv("GREENROOM_TOKEN", "grm_any")
    url = live_server.url
    whole = portal.format(url.removeprefix("http") if "https" in portal else url)
    with pytest.raises(CommandError, match=said):
        ran("query", "x", portal=whole)


@pytest.mark.parametrize("token", ["grm_…", "Bearer grm_x", "secret"])
def test_what_is_no_token_is_not_sent(live_server, monkeypatch, token):
    monkeypatch.setenv("GREENROOM_TOKEN", token)
    with pytest.raises(CommandError, match="begins with grm_"):
        ran("query", "x", portal=live_server.url)


def test_a_token_without_a_portal_is_a_slip(tmp_path, monkeypatch):
    monkeypatch.delenv("GREENROOM_PORTAL", raising=False)
    file = tmp_path / "token"
    file.write_text("grm_any")
    with pytest.raises(CommandError, match="--portal"):
        ran("query", "x", token_file=str(file))


def test_who_has_asked_too_much_waits_and_goes_on(monkeypatch):
    monkeypatch.setenv("GREENROOM_TOKEN", "grm_any")
    with receiving.web() as portal:
        portal.status, portal.wait = 429, "1"

        def relent() -> None:
            while not portal.requests:
                time.sleep(0.01)
            portal.status, portal.wait = 200, ""

        threading.Thread(target=relent, daemon=True).start()
        assert "{}" in ran("get", "component:web", portal=f"http://{portal.at}")
        assert len(portal.requests) == 2
