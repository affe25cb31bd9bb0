"""lint, import and export: exit codes, one sentence each, and never a traceback."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.entities.models import CatalogState, Entity, Revision
from catalog.sources.models import Source
from tests.catalog.conftest import Folder
from tests.catalog.documents import declare, document, seen_by, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
EXAMPLES = Path(__file__).parents[2] / "deploy/examples"

BROKEN: list[str | bytes] = [
    b"\x00\x01\x02backstage.io/",
    b"\xff\xfe\x00",
    "apiVersion: backstage.io/v1alpha1\n\tkind: Component\n",
    "apiVersion: backstage.io/v1alpha1\nkind: [\n",
    "apiVersion: backstage.io/v1alpha1\nkind: *x\n",
    "apiVersion: backstage.io/v1alpha1\nkind: A\nkind: B\n",
    "apiVersion: backstage.io/v1alpha1\nkind: !!python/name:os.system\n",
    "apiVersion: backstage.io/v1alpha1\nkind: " + "[" * 5000,
    "apiVersion: backstage.io/v1alpha1\n",
    "apiVersion: backstage.io/v1alpha1\nkind: component\nmetadata: {name: a}\n",
    "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a b}\n",
    "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: []\n",
    "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: 5}\n",
    "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: c}\n",
    "apiVersion: backstage.io/v9\nkind: Component\nmetadata: {name: d}\nspec: {}\n",
    text_of(document(name="e", tags=["No Tag"])),
    text_of(document(name="f", labels={"a": 1})),
    text_of(document(name="g", spec={"owner": ["x"]})),
    text_of(document(name="h", annotations={"greenroom/visibility": "api:x"})),
    text_of({**document(name="i"), "status": {}}),
]


def run(command: str, *args: str) -> tuple[int, list[str]]:
    """Exit code, and everything that was said."""
    output = StringIO()
    try:
        call_command(command, *args, stdout=output, stderr=output)
    except SystemExit as end:
        return int(end.code or 0), output.getvalue().splitlines()
    return 0, output.getvalue().splitlines()


@pytest.fixture
def mixed(folder: Folder) -> Path:
    """Twenty files that are broken, each differently, and five good ones."""
    files = {f"broken-{n:02}.yaml": text for n, text in enumerate(BROKEN)}
    good = {f"good-{n}.yaml": text_of(document(name=f"good-{n}")) for n in range(5)}
    return folder({**files, **good})


def test_lint_says_what_is_wrong_with_each_file(mixed):
    code, lines = run("lint", str(mixed))
    assert (code, len(BROKEN)) == (1, 20)
    assert lines[-1].startswith("5 good, ")
    for number in range(20):
        file = str(mixed / f"broken-{number:02}.yaml")
        said = [line for line in lines if line.startswith(file)]
        assert said and all(len(line) < 500 for line in said), file
        assert all(line[-1] in ".?…\x27\x22" for line in said)
    assert not Source.objects.exists()


def test_lint_of_good_files_ends_well(folder):
    texts = text_of(document(), document("Group", "lab"))
    root = folder({"a.yaml": texts, "b/b.yaml": text_of(document(name="b"))})
    assert run("lint", str(root), str(root / "a.yaml"), str(root / "b")) == (
        0,
        ["3 good, 0 errors, 0 warnings"],
    )


@pytest.mark.parametrize(
    "path", ["/no/such", "", "~no-such-user-here", "ftp://x/y", "x" * 5000]
)
def test_a_path_that_is_none_is_a_sentence(path):
    for command in ("lint", "import"):
        code, lines = run(command, path)
        assert code == 1
        assert any("error" in line for line in lines)


def test_the_example_has_only_the_complaints_that_it_is_meant_to_have():
    """Its README names them: what is not in order is there to be seen."""
    code, lines = run("lint", str(EXAMPLES / "homelab"))
    assert (code, lines[-1]) == (0, "54 good, 0 errors, 2 warnings")
    owner, model = lines[:-1]
    assert "datasets.yaml:34:3: warning: spec.owner is 'call-centre'" in owner
    assert "reranker-node-01/catalog-info.yaml:22:12: warning: spec.serves[0]" in model


def test_import_takes_the_good_and_explains_the_rest(mixed):
    code, lines = run("import", str(mixed))
    assert code == 1
    assert Entity.objects.count() == 5
    assert "5 added" in lines[-1]
    assert {f"broken-{n:02}.yaml" for n in range(20)} <= {
        line.partition(":")[0] for line in lines
    }
    assert run("import", str(mixed))[1][-1].count("5 unchanged") == 1


def test_a_dry_run_does_nothing(folder):
    root = folder({"a.yaml": text_of(document())})
    code, (line,) = run("import", "--dry-run", str(root))
    assert (code, "1 added" in line) == (0, True)
    assert not Source.objects.exists() and not Entity.objects.exists()


def test_an_example_is_marked(folder):
    run("import", "--example", str(folder({"a.yaml": text_of(document())})))
    assert Entity.objects.get().source.example


def fill(folder) -> None:
    """A catalog with everything that is hard to write out and read again."""
    odd = "# é\n\nkind: Component\napiVersion: 'backstage.io/v1alpha1'\n"
    odd += 'metadata: {name: odd, title: "a\\tb"}  # here\nspec:\n  type: |+\n    x\n\n'
    odd += "  lifecycle: >-\n    production\n  owner: lab\n"
    root = folder(
        {
            "many.yaml": "---\n# one\n"
            + text_of(document(name="a"), document(name="b", namespace="venv")),
            "odd.yaml": odd,
            "crlf.yaml": text_of(document(name="crlf")).replace("\n", "\r\n"),
            "utf16.yaml": text_of(document(name="wide", title="ü")).encode("utf-16"),
            "l/l.yaml": text_of(document("Location", "l", spec={"target": "../x.txt"})),
            "x.txt": text_of(document("Widget", "w", spec={})),
            "end.yaml": text_of(document(name="end")).rstrip("\n"),
        }
    )
    assert run("import", str(root))[0] == 0
    declare(document(name="hidden", annotations=seen_by("user:nobody")))


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*.yaml")}


def test_importing_an_export_changes_nothing(folder, tmp_path):
    fill(folder)
    revisions, state = Revision.objects.count(), CatalogState.objects.get().generation
    assert run("export", "-o", str(tmp_path / "out"))[0] == 0
    code, lines = run("import", str(tmp_path / "out"))
    assert (code, lines[-1].rpartition(": ")[2]) == (0, "9 unchanged")
    assert Revision.objects.count() == revisions
    assert CatalogState.objects.get().generation == state


def test_an_export_makes_the_same_catalog_elsewhere_and_the_same_export(
    folder, tmp_path
):
    fill(folder)
    before = dict(Entity.objects.values_list("ref", "document"))
    run("export", "-o", str(tmp_path / "one"))
    Entity.objects.all().delete()
    assert run("import", str(tmp_path / "one"))[0] == 0
    assert dict(Entity.objects.values_list("ref", "document")) == before
    run("export", "-o", str(tmp_path / "two"))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert len(before) == 9


def test_an_export_tidies_up_after_itself_and_nowhere_else(folder, tmp_path):
    declare(document(), document(name="b"))
    run("export", "-o", str(tmp_path / "out"))
    Entity.objects.filter(name="b").delete()
    run("export", "-o", str(tmp_path / "out"))
    assert set(contents(tmp_path / "out")) == {"default/component/web.yaml"}
    full = folder({"mine.yaml": "a: 1"})
    for wrong in (full, full / "mine.yaml", "/proc/none/x"):
        with pytest.raises(CommandError, match=r"\."):
            run("export", "-o", str(wrong))
    assert (full / "mine.yaml").read_text() == "a: 1"
