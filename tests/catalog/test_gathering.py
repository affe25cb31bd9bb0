"""Reading a source: what belongs to it, what is left out, and what cannot be read."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.sources.gathering import Gathered, gather
from catalog.sources.models import Source
from catalog.sources.provider import SourceError, provider_of
from catalog.sources.providers.folder import Folder
from tests.catalog.documents import document, text_of

NOBODY = 65534
WEB = text_of(document())


def read(path: Path) -> Gathered:
    return gather(provider_of(Source(provider="folder", target=str(path))))


def refs(path: Path) -> list[str]:
    return [candidate.ref for candidate in read(path).candidates]


STRANGERS = {
    "docker-compose.yml": "services:\n  web:\n    image: nginx\n",
    "k8s.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: Bad_Name}\n",
    "crd.yaml": "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: a}\n",
    "chart/templates/a.yaml": "{{- if .Values.x }}\na: {{ .Values.b }}\n{{- end }}\n",
    "playbook.yml": "- hosts: all\n  tasks: []\n",
    "empty.yaml": "",
    "list.yaml": "- 1\n- 2\n",
}


def test_yaml_of_others_is_left_out_without_a_word(folder):
    gathered = read(folder({**STRANGERS, "catalog/web.yaml": WEB}))
    assert [c.ref for c in gathered.candidates] == ["component:default/web"]
    assert gathered.problems == []


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: backstage.io/v1alpha1\nkind: Nonsens\nmetadata: {name: a}\n",
        "apiVersion: backstge.io/v1alpha1\nkind: Component\nmetadata: {name: a}\n",
        "kind: Component\nmetadata: {name: a}\n",
        "apiVersion: greenroom/v1\nkind: Model\nmetadata: [\n",
        "kind: Componnent\nspec: {}\n",
    ],
)
def test_what_is_meant_for_the_catalog_is_explained_and_not_left_out(folder, text):
    assert read(folder({"some.yaml": text})).problems


def test_in_a_catalog_file_everything_is_meant(folder):
    files = {
        f"{n}/catalog-info.yaml": text for n, text in enumerate(STRANGERS.values())
    }
    gathered = read(folder(files))
    assert {p.path for p in gathered.problems} == set(files)


def test_a_stranger_that_cannot_be_read_is_only_a_warning(folder):
    (problem,) = read(folder({"x.yaml": "a: ["})).problems
    assert not problem.is_error
    assert problem.message.startswith("Left out")


def test_hidden_folders_and_environments_are_passed_over(folder):
    names = [".git/a.yaml", "node_modules/b.yaml", ".hidden.yaml", "x.txt", "y.json"]
    assert refs(folder(dict.fromkeys(names, WEB))) == []


def test_a_single_file_is_read_whole(folder):
    root = folder({"odd.yml": WEB, "other.yaml": text_of(document(name="other"))})
    assert refs(root / "odd.yml") == ["component:default/web"]
    (root / "odd.yml").write_text("a: 1")
    assert read(root / "odd.yml").problems
    with pytest.raises(SourceError, match="neither a YAML nor a JSON file"):
        read(folder({"secrets.txt": "root:x"}) / "secrets.txt")
    with pytest.raises(SourceError, match="whole machine"):
        read(Path("/"))


def test_a_location_reads_its_targets_once_and_from_where_it_lies(folder):
    target = document("Location", "l", spec={"targets": ["./sub/b.txt", "../a.yaml"]})
    inner = document("Location", "m", spec={"target": "../l/l.yaml"})
    root = folder(
        {
            "l/l.yaml": text_of(target),
            "l/sub/b.txt": WEB + "---\n" + text_of(inner),
            "a.yaml": text_of(document(name="a")),
        }
    )
    assert sorted(refs(root)) == [
        "component:default/a",
        "component:default/web",
        "location:default/l",
        "location:default/m",
    ]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("../../outside.txt", "leads out"),
        ("/etc/passwd", "leads out"),
        ("./missing.yaml", "does not exist"),
        ("./sub", "not a file"),
        ("https://x.example/a.yaml", "is a URL"),
        ("x" * 5000, "longer than"),
    ],
)
def test_a_target_that_cannot_be_read_says_so(folder, target, said):
    location = document("Location", "l", spec={"target": target})
    root = folder({"l.yaml": text_of(location), "sub/a.yaml": WEB})
    (root.parent / "outside.txt").write_text(WEB)
    gathered = read(root)
    (problem,) = gathered.problems
    assert said in problem.message and problem.is_error and problem.remedy
    assert len(gathered.candidates) == 2


def test_links_stay_inside(folder, tmp_path):
    root = folder({"a.yaml": WEB})
    (tmp_path / "secret.yaml").write_text(text_of(document(name="secret")))
    (root / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    (root / "loop.yaml").symlink_to("loop.yaml")
    (root / "gone.yaml").symlink_to("nowhere.yaml")
    (root / "round").symlink_to(root)
    os.mkfifo(root / "pipe.yaml")
    gathered = read(root)
    assert [c.ref for c in gathered.candidates] == ["component:default/web"]
    said = {p.path: p.message for p in gathered.problems}
    assert set(said) == {"out.yaml", "loop.yaml", "gone.yaml", "pipe.yaml"}
    assert "leads out" in said["out.yaml"]


def test_odd_file_names_are_no_trouble(folder):
    root = folder({"größe 模 'x'.yaml": WEB})
    (root / os.fsdecode(b"\xff.yaml")).write_text(WEB)
    deep = root.joinpath(*["d" * 200] * 6)
    deep.mkdir(parents=True)
    (deep / "a.yaml").write_text(WEB)
    gathered = read(root)
    assert len(gathered.candidates) == 1
    assert sorted(p.message[:13] for p in gathered.problems) == [
        "The file name",
        "The path is l",
    ]


class Vanishing(Folder):
    """A folder from which a file vanishes between being listed and being read."""

    name = ""

    def paths(self) -> Iterator[str]:
        for path in [*super().paths()]:
            if path == "b.yaml":
                (self.root / path).unlink()
            yield path


def test_a_file_that_vanishes_while_reading_is_a_problem_of_its_own(folder):
    root = folder({"a.yaml": WEB, "b.yaml": text_of(document(name="b"))})
    gathered = gather(Vanishing(Source(provider="folder", target=str(root))))
    assert [c.ref for c in gathered.candidates] == ["component:default/web"]
    assert [p.path for p in gathered.problems] == ["b.yaml"]


def test_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(SourceError, match=r"does not exist\. .*disk mounted"):
        read(tmp_path / "gone")


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder, and nobody special looking at it: root may read everything."""
    root = Path(tempfile.mkdtemp(prefix="greenroom-nobody-"))
    root.chmod(0o755)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(NOBODY)
    yield root
    if was_root:
        os.seteuid(0)
    shutil.rmtree(root)


def test_what_may_not_be_read_is_named_and_the_rest_is_read(as_nobody):
    was_root = os.getuid() == 0
    if was_root:
        os.seteuid(0)
    for name in ("a.yaml", "closed/b.yaml", "shut.yaml"):
        (as_nobody / name).parent.mkdir(exist_ok=True)
        (as_nobody / name).write_text(WEB)
    (as_nobody / "shut.yaml").chmod(0)
    (as_nobody / "closed").chmod(0)
    if was_root:
        os.seteuid(NOBODY)
    gathered = read(as_nobody)
    said = {p.path: p.message for p in gathered.problems}
    if was_root:
        os.seteuid(0)
    (as_nobody / "closed").chmod(0o755)
    assert [c.ref for c in gathered.candidates] == ["component:default/web"]
    assert set(said) == {"shut.yaml", "closed"}
    assert all("permission denied" in message for message in said.values())


GLOBS = """\
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: all}
spec: {targets: [%s]}
"""


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("./services/*/x.yml", "one two"),
        ("./services/**/x.yml", "deep one two"),
        ("services/{one,two}/x.yml", "one two"),
        ("./services/one/?.yml", "one"),
        ("./services/o*/x.yml", "one"),
    ],
)
def test_a_target_may_be_a_pattern(folder, target, names):
    paths = {"one": "one", "two": "two", "deep": "three/four"}
    files = {f"services/{p}/x.yml": text_of(document(name=n)) for n, p in paths.items()}
    root = folder({**files, "all.yaml": GLOBS % f"'{target}'"})
    source = Source(provider="folder", target=str(root), pattern="/all.yaml")
    gathered = gather(provider_of(source))
    assert not gathered.problems, gathered.problems
    found = {candidate.data["metadata"]["name"] for candidate in gathered.candidates}
    assert found == {"all", *names.split()}


def test_a_pattern_that_names_nothing_is_told(folder):
    root = folder({"all.yaml": GLOBS % "'./none/*.yaml'"})
    gathered = gather(provider_of(Source(provider="folder", target=str(root))))
    (problem,) = gathered.problems
    assert problem.sentence() == (
        "all.yaml:4:18: error: The target ./none/*.yaml names no file. "
        "Correct the pattern, or take it out of the Location."
    )


NAME_TEMPLATE = WEB.replace("name: web", "name: ${{ values.name }}")
BODY_TEMPLATE = WEB.replace("spec:", "{%- if values.x %}\nspec:")


@pytest.mark.parametrize("name", ["catalog-info.yaml", "skeleton.yaml"])
@pytest.mark.parametrize("text", [NAME_TEMPLATE, BODY_TEMPLATE])
def test_a_template_is_left_out_and_said_to_be_one(folder, name, text):
    root = folder({f"skeleton/{name}": text, "web.yaml": WEB})
    (problem,) = read(root).problems
    assert (problem.code, problem.severity) == ("template", "warning")
    assert problem.message.startswith("Left out, since it is a template: ")
    alone = read(root / f"skeleton/{name}")
    assert [problem.is_error for problem in alone.problems] == [True]


def test_other_tools_tags_are_left_out_without_a_word(folder):
    root = folder({"stack.yaml": "A: !Ref B\n", "web.yaml": WEB})
    assert not read(root).problems
