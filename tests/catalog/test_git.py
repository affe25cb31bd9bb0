"""A git repository as a source: a branch, a pattern, what changes, what is odd."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from catalog.entities.models import Entity, Revision
from catalog.sources import adding, copies, managing, processing
from catalog.sources.models import Source
from catalog.sources.provider import SourceError, provider_of
from tests.catalog.documents import document, get, text_of
from tests.catalog.repositories import Work, git

pytestmark = pytest.mark.django_db
ONE, TWO = text_of(document(name="one")), text_of(document(name="two"))


@pytest.fixture
def work(tmp_path: Path, settings: Any) -> Work:
    settings.GIT_FOLDER = tmp_path / "copies"
    return Work(tmp_path / "forge")


def added(work: Work, **fields: Any) -> Source:
    return adding.add_source(str(work.bare), **fields)


def names() -> set[str]:
    rows = Entity.objects.filter(orphan_since=None)
    return set(rows.values_list("name", flat=True))


def test_clone_change_and_nothing_new(work):
    first = work.push({"a.yaml": ONE, "deep/b.yml": TWO, "README.md": "no: yaml"})
    source = added(work)
    assert source.provider == "git"
    assert processing.refresh(source).added == 2
    assert (source.state, source.commit) == (Source.OK, first)
    assert processing.refresh(source).summary == "2 unchanged"
    second = work.push({"a.yaml": text_of(document(name="one", title="New"))})
    assert processing.refresh(source).changed == 1
    assert (get("component:default/one").title, source.commit) == ("New", second)
    revision = Revision.objects.latest("id")
    assert (revision.commit, revision.path) == (second, "a.yaml")


def test_an_unchanged_blob_is_not_read(work, monkeypatch):
    work.push({"a.yaml": ONE, "b.yaml": TWO})
    source = added(work)
    processing.refresh(source)
    work.push({"b.yaml": text_of(document(name="two", title="New"))})
    read: list[str] = []
    provider = type(provider_of(source))
    inner = provider.read

    def noting(self, path, known):
        content = inner(self, path, known)
        if content is not None:
            read.append(path)
        return content

    monkeypatch.setattr(provider, "read", noting)
    assert processing.refresh(source).summary == "1 changed, 1 unchanged"
    assert read == ["b.yaml"]


@pytest.mark.parametrize("branch", ["prod", "team/prod", "v1.2"])
def test_a_branch_with_a_pattern(work, branch):
    work.push({"a.yaml": ONE})
    work.push(
        {
            "services/x/catalog-info.yaml": TWO,
            "services/x/other.yaml": text_of(document(name="three")),
        },
        branch,
    )
    source = added(work, branch=branch, pattern="services/**/catalog-info.yaml")
    assert processing.refresh(source).added == 1
    assert names() == {"two"}


@pytest.mark.parametrize("annotated", [True, False])
def test_a_tag(work, annotated):
    commit = work.push({"a.yaml": ONE})
    words = ["tag", "-a", "-m", "One", "v1"] if annotated else ["tag", "v1"]
    git(work.tree, *words)
    git(work.tree, "push", "-q", "origin", "v1")
    work.push({"a.yaml": TWO})
    source = added(work, branch="v1")
    for _ in range(2):
        processing.refresh(source)
        assert (names(), source.commit) == ({"one"}, commit)


def test_a_force_push_and_a_branch_that_is_gone(work):
    work.push({"a.yaml": ONE, "b.yaml": TWO})
    source = added(work, branch="main")
    processing.refresh(source)
    git(work.tree, "checkout", "-q", "--orphan", "fresh")
    work.push({"a.yaml": text_of(document(name="one", title="Forced"))}, "fresh")
    git(work.tree, "push", "-q", "--force", "origin", "fresh:main")
    assert processing.refresh(source).changed == 1
    git(work.tree, "push", "-q", "origin", "fresh:keep", ":main")
    outcome = processing.refresh(source)
    assert outcome.error == (
        "There is no branch or tag 'main' in the repository. It has fresh, keep."
    )
    assert (source.state, names()) == (Source.FAILED, {"one", "two"})


def test_an_empty_repository(work):
    with pytest.raises(SourceError) as caught:
        added(work)
    assert "is empty" in str(caught.value)


def test_what_is_odd_in_it_is_explained_or_left(work):
    target = "apiVersion: backstage.io/v1alpha1\nkind: Location\n"
    target += "metadata: {name: all}\nspec: {targets: [link.yaml, gone.yaml, ../x]}\n"
    work.push({"real.yaml": ONE, "all.yaml": target, ".hidden/x.yaml": TWO})
    (work.tree / "link.yaml").symlink_to("/etc/passwd")
    (work.tree / "node_modules").mkdir()
    (work.tree / "node_modules/x.yaml").write_text(TWO)
    (work.tree / os.fsdecode(b"od\xffd.yaml")).write_text(TWO)
    (work.tree / "spä ce.yaml").write_text(text_of(document(name="space")))
    work.commit()
    outcome = processing.refresh(added(work))
    told = sorted(problem.sentence() for problem in outcome.problems)
    assert told == [
        "all.yaml:4:29: error: The target gone.yaml does not exist. "
        "Correct it, or take it out of the Location.",
        "all.yaml:4:40: error: ../x leads out of the repository. "
        "Targets have to stay inside it.",
        "link.yaml: error: link.yaml is a symbolic link, which is not followed in a "
        "repository. Name the file that it points to.",
        "od�d.yaml: error: The file name od�d.yaml is not UTF-8. Rename it.",
    ]
    assert names() == {"one", "space", "all"}


def test_a_submodule_is_explained(work):
    commit = work.push({"a.yaml": ONE})
    entry = f"160000,{commit},sub.yaml"
    git(work.tree, "update-index", "--add", "--cacheinfo", entry)
    git(work.tree, "commit", "-q", "-m", "Module")
    git(work.tree, "push", "-q", "origin", "HEAD:main")
    source = added(work, pattern="/a.yaml /sub.yaml")
    assert processing.refresh(source).added == 1


def test_a_huge_file_is_not_read(work):
    work.push({"a.yaml": ONE, "huge.yaml": b"#" * (17 * 1024 * 1024)})
    outcome = processing.refresh(added(work))
    (problem,) = outcome.problems
    assert "huge.yaml is larger than 16 MB" in problem.message and outcome.added == 1


def test_targets_patterns_and_placeholders(work):
    location = "apiVersion: backstage.io/v1alpha1\nkind: Location\n"
    location += "metadata: {name: all}\nspec: {targets: ['./s/*/info.yml', x/t.yml]}\n"
    api = text_of(
        document("API", "api", spec={"definition": {"$text": "./openapi.txt"}})
    )
    work.push(
        {
            "deep/all.yaml": location,
            "deep/s/a/info.yml": ONE,
            "deep/s/b/info.yml": TWO,
            "deep/x/t.yml": api,
            "deep/x/openapi.txt": "openapi: 3.1.0",
        }
    )
    source = added(work, pattern="/deep/all.yaml")
    outcome = processing.refresh(source)
    assert not outcome.problems, outcome.problems
    assert names() == {"all", "one", "two", "api"}
    assert get("api:default/api").spec["definition"] == "openapi: 3.1.0"
    assert processing.refresh(source).summary == "4 unchanged"
    work.push({"deep/x/openapi.txt": "openapi: 3.2.0"})
    assert processing.refresh(source).changed == 1


@pytest.mark.parametrize(
    ("target", "meant"),
    [("a/catalogs.yaml", "a/catalog.yaml"), ("b/catalog.yaml", "a/catalog.yaml")],
)
def test_a_path_that_is_near_is_named(target, meant):
    provider: Any = provider_of(Source(provider="git", target="https://h.lab/c.git"))
    others = {f"x/{number}.yaml": None for number in range(1000)}
    provider._entries = {**others, "a/catalog.yaml": None}
    with pytest.raises(SourceError, match=f"Did you mean '{meant}'"):
        provider.resolve("all.yaml", target)


def test_a_page_of_the_forge_is_a_target_of_the_same_repository():
    source = Source(provider="git", target="https://github.com/lab/catalog.git")
    provider: Any = provider_of(source)
    provider._entries = {"a/b.yaml": None, "b.yaml": None}
    page = "https://github.com/lab/catalog/blob/main/a/b.yaml"
    assert provider.resolve("x.yaml", page) == "a/b.yaml"
    blob = "https://github.com/lab/catalog/blob"
    foreign = ["https://github.com/lab/other/blob/main/b.yaml", "https://x/b.yaml"]
    for other in [*foreign, f"{blob}/main/gone/b.yaml", f"{blob}/main"]:
        with pytest.raises(SourceError):
            provider.resolve("x.yaml", other)
    shown = "https://github.com/lab/catalog/blob/HEAD/a/b.yaml#L3"
    assert provider.web_url("a/b.yaml", 3) == shown
    source.branch = "team/prod"
    assert provider.resolve("x.yaml", f"{blob}/team/prod/b.yaml") == "b.yaml"
    for other in (f"{blob}/main/b.yaml", f"{blob}/team/b.yaml"):
        with pytest.raises(SourceError):
            provider.resolve("x.yaml", other)
    shown = provider.web_url("a b#c?.yaml")
    assert shown.endswith("/blob/team/prod/a%20b%23c%3F.yaml#L1")
    source.target = "https://forge.lab/lab/catalog.git"
    assert provider.web_url("a/b.yaml", 3) == ""


def test_a_broken_copy_is_made_anew(work):
    work.push({"a.yaml": ONE})
    source = added(work)
    processing.refresh(source)
    (copy,) = (work.bare.parent.parent / "copies").glob("*.git")
    for path in copy.glob("objects/**/*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"broken")
    work.push({"b.yaml": TWO})
    assert processing.refresh(source).added == 1
    shutil.rmtree(copy)
    assert processing.refresh(source).summary == "2 unchanged"


def test_a_repository_that_went_away_keeps_everything(work):
    work.push({"a.yaml": ONE})
    source = added(work)
    processing.refresh(source)
    work.bare.rename(work.bare.with_name("away.git"))
    outcome = processing.refresh(source)
    assert "There is no repository at" in outcome.error
    assert (source.state, names()) == (Source.FAILED, {"one"})


def test_copies_that_nobody_reads_go_after_a_day(work, tmp_path):
    work.push({"a.yaml": ONE})
    source = added(work)
    processing.refresh(source)
    (copy,) = (tmp_path / "copies").glob("*.git")
    old = 0.0
    os.utime(copy, (old, old))
    assert copies.remove_unused() == 0 and copy.exists()
    managing.remove_source(source, None, keep_entities=False)
    assert copies.remove_unused() == 1 and not copy.exists()
    processing.refresh(added(work))
    managing.remove_source(Source.objects.get(provider="git"), None, keep_entities=True)
    assert copies.remove_unused() == 0, "a young one may be wanted in a moment"


def test_the_same_repository_twice_with_two_branches(work):
    work.push({"a.yaml": ONE})
    work.push({"a.yaml": TWO}, "prod")
    first, second = added(work), added(work, branch="prod")
    assert first.pk != second.pk
    processing.refresh(first)
    processing.refresh(second)
    processing.refresh(first)
    assert names() == {"one", "two"} and added(work, branch="prod") == second
