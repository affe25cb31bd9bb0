"""Linting: what files refer to, across paths. No test here may touch a database."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from catalog.entities.problems import Problem
from catalog.sources.linting import Report, lint
from tests.catalog.documents import document, seen_by, text_of

LAB = text_of(document("Group", "lab"))
WEB = text_of(document(name="web"))

CASES = {
    "owner": (
        "kind: Component\nmetadata: {name: a}\n"
        "spec: {type: x, lifecycle: production, owner: labb}\n",
        (5, 40, "unknown-owner", "spec.owner", "labb"),
        "declares group:labb. Did you mean 'group:default/lab'?",
    ),
    "owner of an unknown kind": (
        "kind: Widget\nmetadata:\n  name: a\nspec:\n  owner: user:labb\n",
        (7, 3, "unknown-owner", "spec.owner", "user:labb"),
        "which no document here declares. Correct the name, or declare it.",
    ),
    "the third of a list": (
        "kind: System\nmetadata: {name: a}\nspec: {owner: lab}\n"
        "---\napiVersion: backstage.io/v1alpha1\n"
        "kind: Component\nmetadata:\n  name: b\nspec:\n  type: x\n"
        "  lifecycle: production\n  owner: lab\n  dependsOn:\n"
        "    - component:web\n    - resource:default/gpu\n    - component:wbe\n",
        (18, 7, "dangling", "spec.dependsOn[2]", "component:wbe"),
        "which no document here declares.",
    ),
    "the other way round": (
        "kind: Resource\nmetadata: {name: a}\n"
        "spec: {type: x, owner: lab, dependencyOf: [component:webb]}\n",
        (5, 44, "dangling", "spec.dependencyOf[0]", "component:webb"),
        "Did you mean 'component:default/web'?",
    ),
    "a member": (
        "kind: Group\nmetadata: {name: a}\n"
        "spec: {type: team, children: [], members: [adda]}\n",
        (5, 44, "dangling", "spec.members[0]", "adda"),
        "declares user:adda. Did you mean 'user:default/ada'?",
    ),
    "a group's group": (
        "kind: User\nmetadata: {name: a}\nspec: {memberOf: [lab, ada]}\n",
        (5, 24, "dangling", "spec.memberOf[1]", "ada"),
        "There is 'user:default/ada' of that name.",
    ),
    "visibility": (
        "kind: System\nmetadata:\n  name: a\n  annotations:\n"
        "    greenroom/visibility: lab, user:adda\nspec: {owner: lab}\n",
        (
            7,
            5,
            "dangling",
            "metadata.annotations.greenroom/visibility",
            "lab, user:adda",
        ),
        "declares user:adda. Did you mean 'user:default/ada'?",
    ),
    "another namespace": (
        "kind: System\nmetadata: {name: a, namespace: far}\nspec: {owner: lab}\n",
        (5, 8, "unknown-owner", "spec.owner", "lab"),
        "declares group:far/lab. Did you mean 'group:default/lab'?",
    ),
}
DECLARED = text_of(
    document("Group", "lab"),
    document("User", "ada"),
    document(name="web"),
    document("Resource", "gpu"),
)


def place_of(problem: Problem) -> tuple[int | None, int | None, str, str, str]:
    return problem.line, problem.column, problem.code, problem.field, problem.value


def said(report: Report) -> list[str]:
    return [problem.sentence() for problem in report.problems]


@pytest.mark.parametrize("case", CASES)
def test_what_no_document_declares_is_told_where_it_stands(folder, case):
    text, place, ends = CASES[case]
    text = f"# first\napiVersion: backstage.io/v1alpha1\n{text}"
    root = folder({"a.yaml": text, "declared.yaml": DECLARED})
    report = lint([str(root)])
    problems = [problem for problem in report.problems if problem.value]
    (problem,) = problems
    assert place_of(problem) == place
    assert ends in problem.sentence()
    assert problem.path == str(root / "a.yaml")
    assert (report.errors, problem.is_error) == (0, False)
    assert problem.subject.endswith(("/a", "/b"))


def test_references_of_models_and_evals_too(folder):
    ours = document("Model", "qwen", spec={"baseModel": "qwem"})
    judged = document("Eval", "e", spec={"evaluates": ["qwenn"], "dataset": "set"})
    root = folder({"a.yaml": LAB + "---\n" + text_of(ours, judged)})
    fields = {(p.field, p.value) for p in lint([str(root)]).problems}
    assert fields == {
        ("spec.baseModel", "qwem"),
        ("spec.evaluates[0]", "qwenn"),
        ("spec.dataset", "set"),
    }


def test_a_reference_is_compared_as_the_catalog_does(folder):
    one = document(name="One", spec={"dependsOn": ["COMPONENT:Default/oNE", "api:X"]})
    api = document("API", "x", spec={"owner": "Group:LAB"})
    root = folder({"a.yaml": LAB + "---\n" + text_of(one, api)})
    assert lint([str(root)]).problems == []


def test_all_paths_are_one_catalog(folder):
    root = folder({"one/web.yaml": WEB, "two/lab.yaml": LAB})
    one, two = str(root / "one"), str(root / "two")
    assert [p.code for p in lint([one]).problems] == ["unknown-owner"]
    both = lint([one, two])
    assert (both.problems, both.documents) == ([], 2)


def test_a_part_is_not_asked_for_what_it_refers_to(folder):
    report = lint([str(folder({"a.yaml": WEB}))], partial=True)
    assert (report.problems, report.checked_references) == ([], False)


def test_a_refused_document_is_declared_all_the_same(folder):
    broken = LAB.replace("children: []", "children: no list")
    root = folder({"a.yaml": WEB, "b.yaml": broken})
    assert [p.path for p in lint([str(root)]).problems] == [str(root / "b.yaml")]


def test_a_document_that_cannot_be_read_is_declared_all_the_same(folder):
    broken = LAB + "  bad: [\n"
    root = folder({"a.yaml": WEB, "b.yaml": broken})
    assert {p.code for p in lint([str(root)]).problems} == {"yaml"}


def test_a_name_in_two_paths_is_taken_once(folder):
    root = folder({"one/web.yaml": LAB + "---\n" + WEB, "two/b.yaml": "\n\n" + WEB})
    report = lint([str(root / "one"), str(root / "two")])
    (problem,) = report.problems
    first = root / "one/web.yaml"
    assert problem.code == "duplicate" and problem.is_error
    assert (problem.path, problem.line) == (str(root / "two/b.yaml"), 6)
    assert f"{first}:9 was first" in problem.message
    assert report.documents == 2


def test_a_file_that_two_paths_hold_is_read_once(folder, monkeypatch):
    root = folder({"a.yaml": LAB + "---\n" + WEB})
    (root.parent / "link").symlink_to(root)
    monkeypatch.chdir(root)
    paths = ["a.yaml", ".", str(root), str(root.parent / "link")]
    report = lint(paths)
    assert (report.documents, report.problems) == (2, [])


def test_paths_are_shown_as_they_were_given(folder, monkeypatch):
    root = folder(
        {"one/web.yaml": WEB, "l.yaml": "", "b.yaml": WEB.replace("web", "b")}
    )
    location = document(
        "Location", "l", spec={"targets": ["one/web.yaml", "gone.yaml"]}
    )
    (root / "l.yaml").write_text(text_of(location))
    monkeypatch.chdir(root.parent)
    for given, shown in (
        ("catalog", ["catalog/b.yaml", "catalog/l.yaml", "catalog/one/web.yaml"]),
        ("./catalog/l.yaml", ["catalog/l.yaml", "catalog/one/web.yaml"]),
        (str(root / "b.yaml"), [str(root / "b.yaml")]),
    ):
        assert [p.path for p in lint([given]).problems] == shown
    monkeypatch.chdir(root)
    assert next(p.path for p in lint(["."]).problems) == "b.yaml"


def test_each_path_that_is_none_is_told_and_the_others_are_read(folder, tmp_path):
    root = folder({"a.yaml": LAB, "link.yaml": "", "empty/readme.md": "x"})
    (root / "link.yaml").unlink()
    (root / "link.yaml").symlink_to(tmp_path / "nowhere")
    paths = [str(tmp_path / "gone"), str(root / "empty"), "ftp://x/y", str(root), ""]
    report = lint(paths)
    assert report.documents == 1
    assert [(p.path, p.code) for p in report.problems] == [
        (paths[0], "unreadable"),
        (paths[1], "no-file"),
        (paths[2], "unreadable"),
        (str(root / "link.yaml"), "unreadable"),
        ("", "unreadable"),
    ]
    assert report.errors == 5


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "services: {web: {image: x}}\n", "a: 1\n---\nb: 2\n"]
)
def test_a_folder_without_a_document_of_ours_is_told(folder, text):
    root = folder({"compose.yaml": text})
    report = lint([str(root)])
    assert [(p.path, p.code) for p in report.problems] == [(str(root), "no-document")]
    assert report.errors == 0
    assert report.left_out == text.count(": {web") + text.count("a: 1") * 2


def test_yaml_of_others_can_be_left_out_of_named_files(folder):
    root = folder({"compose.yaml": "services: {web: {image: x}}\n", "a.yaml": LAB})
    files = [str(root / "compose.yaml"), str(root / "a.yaml")]
    assert lint(files).errors > 0
    report = lint(files, skip_foreign=True)
    assert (report.problems, report.left_out, report.documents) == ([], 1, 1)
    assert lint(files[:1], skip_foreign=True).problems == []
    broken = folder({"c.yaml": "kind: Component\nmetadata: {name: a}\n"}) / "c.yaml"
    assert lint([str(broken)], skip_foreign=True).errors > 0


def test_standard_input_is_a_path_like_others(folder):
    root = folder({"a.yaml": LAB})
    report = lint(["-", str(root), "-"], stdin=io.BytesIO(WEB.encode()))
    assert (report.documents, report.problems) == (2, [])
    (problem,) = lint(["-"], stdin=io.BytesIO(WEB.encode())).problems
    assert problem.place == "<stdin>:8:3"
    (problem,) = lint(["-"], stdin=io.BytesIO(b"")).problems
    assert (problem.path, problem.code) == ("<stdin>", "no-document")
    (problem,) = lint(["-"], stdin=io.BytesIO((WEB + WEB).encode())).problems[:1]
    assert problem.path == "<stdin>"
    assert "does not exist" in said(lint(["-"]))[0]


def test_standard_input_has_its_bounds():
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert size > 0
            return b"#" * size

    class Gone(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    (problem,) = lint(["-"], stdin=Endless()).problems  # type: ignore[arg-type]
    assert problem.code == "too-large"
    (problem,) = lint(["-"], stdin=Gone()).problems  # type: ignore[arg-type]
    assert problem.sentence() == (
        "<stdin>: error: Standard input cannot be read: input/output error."
    )


def test_a_file_name_that_is_no_text_is_shown_all_the_same(folder, tmp_path):
    root = folder({"a.yaml": LAB})
    name = b"\xff.yaml".decode("utf-8", "surrogateescape")
    (root / name).write_text(WEB)
    for paths in ([str(root)], [str(root / name)], [str(tmp_path / f"no{name}")]):
        report = lint(paths)
        assert report.problems
        for problem in report.problems:
            problem.sentence().encode()


def test_problems_are_sorted_within_their_file(folder):
    late = document(name="late", spec={"owner": "x"}, tags=["No"])
    early = document(name="early", spec={"owner": "y", "lifecycle": "odd"})
    root = folder({"a.yaml": text_of(early, late), "b.yaml": text_of(early)})
    report = lint([str(root)])
    lines = [(Path(p.path).name, p.line) for p in report.problems]
    assert lines == sorted(lines) and len(lines) > 3
    assert said(report) == said(lint([str(root)]))


def test_who_may_see_it_is_checked_only_where_it_names_somebody(folder):
    seen = [
        document(name=f"n{n}", annotations=seen_by(who))
        for n, who in enumerate(["public", "signed-in", "lab"])
    ]
    root = folder({"a.yaml": LAB + "---\n" + text_of(*seen)})
    assert lint([str(root)]).problems == []
