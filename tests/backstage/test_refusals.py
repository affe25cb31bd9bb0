"""What Backstage does not take, and what it drops along with it, is found out."""

from __future__ import annotations

import pytest

from tests.backstage import serving
from tests.backstage.backend import Backstage
from tests.backstage.comparing import GENERATED, compare, difference
from tests.backstage.configuring import Settings, Target
from tests.backstage.marks import REAL

pytestmark = REAL
HEAD = "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {name: %s}\n"
GOOD = HEAD + "spec: {type: host, owner: lab}\n"
# What is wrong: the document, the sentence, and whether its neighbour is taken.
WRONG = {
    "kind": (
        "apiVersion: greenroom/v1\nkind: Model\nmetadata: {name: m}\nspec: {}\n",
        "is not of an allowed kind for that location",
        False,
    ),
    "no-name": (
        "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {title: x}\n",
        "must have required property 'name'",
        False,
    ),
    "yaml": ("kind: [\n", "YAML error", False),
    "name": (GOOD % "'qwen2.5:7b'", '"metadata.name" is not valid', True),
    "spec": (
        HEAD % "half" + "spec: {type: host}\n",
        "must have required property 'owner'",
        True,
    ),
    "annotation": (
        GOOD.replace("%s", "numbered, annotations: {a: 1}"),
        "/metadata/annotations/a must be string",
        True,
    ),
    "ref": (
        HEAD % "loose" + "spec: {type: host, owner: lab, dependsOn: [node]}\n",
        "had missing or empty kind",
        True,
    ),
    "placeholder": (
        HEAD % "held" + "spec: {type: host, owner: lab, x: {$text: ./none.txt}}\n",
        "could not read location ./none.txt",
        True,
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_refusal_is_found_and_so_is_the_loss_of_its_neighbour(empty, tmp_path, name):
    document, sentence, neighbour = WRONG[name]
    good = f"resource:default/next-to-{name}"
    (tmp_path / f"{name}.yaml").write_text(f"{GOOD % f'next-to-{name}'}---\n{document}")
    with serving.folder(tmp_path) as source:
        taken = compare(empty, f"{source}/{name}.yaml")
    assert any(sentence in complaint.message for complaint in taken.complaints)
    assert any(sentence in m for found in taken.refused.values() for m in found)
    assert (good in taken.entities) is neighbour
    assert not taken.errors, "nothing of it stands on any entity"
    assert any(sentence in line for line in difference({}, [], taken))


def test_an_address_that_is_not_there_is_a_complaint(empty, tmp_path):
    with serving.folder(tmp_path) as source:
        taken = compare(empty, f"{source}/none.yaml")
    assert "no matching files found" in taken.complaints[0].message


def test_of_two_with_one_name_the_last_stays_without_a_word(empty, tmp_path):
    second = (GOOD % "twice").replace("host", "other")
    (tmp_path / "twice.yaml").write_text(f"{GOOD % 'twice'}---\n{second}")
    with serving.folder(tmp_path) as source:
        taken = compare(empty, f"{source}/twice.yaml")
    assert not taken.complaints
    assert taken.entities["resource:default/twice"]["spec"]["type"] == "other"


OURS = """
apiVersion: greenroom/v1
kind: Model
metadata: {name: tuned}
spec: {type: llm, owner: lab, lifecycle: production, baseModel: plain}
---
apiVersion: greenroom/v1
kind: Model
metadata: {name: plain}
spec: {type: llm, owner: lab, lifecycle: production}
---
apiVersion: greenroom/v1
kind: Eval
metadata: {name: truth}
spec: {owner: lab, lifecycle: production, category: quality, evaluates: [tuned]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: server}
spec:
  {type: model-server, owner: lab, lifecycle: production, serves: [tuned], runsOn: node}
"""


def test_our_kinds_and_relations_are_taken_by_a_backstage_that_knows_them(
    installed, tmp_path
):
    (tmp_path / "ours.yaml").write_text(OURS)
    with (
        serving.folder(tmp_path) as source,
        Backstage(Settings("native")) as backstage,
    ):
        taken = compare(backstage, f"{source}/ours.yaml")
    assert taken.is_clean()
    assert {
        ("model:default/tuned", "derivedFrom", "model:default/plain"),
        ("model:default/plain", "baseOf", "model:default/tuned"),
        ("model:default/tuned", "evaluatedBy", "eval:default/truth"),
        ("model:default/tuned", "servedBy", "component:default/server"),
        ("eval:default/truth", "ownedBy", "group:default/lab"),
        ("component:default/server", "serves", "model:default/tuned"),
    } <= taken.relations
    assert any(
        source == "component:default/server" and kind == "runsOn"
        for source, kind, _ in taken.relations
    )


AI = """
apiVersion: backstage.io/v1alpha1
kind: AiResource
metadata: {name: skill}
spec: {type: model, owner: lab, lifecycle: production}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: tools}
spec:
  type: mcp-server
  owner: lab
  lifecycle: production
  remotes: [{type: streamable-http, url: http://tools.example.org/mcp}]
  definition: none
"""


@pytest.mark.parametrize(("profile", "whole"), [("ai-model", True), ("stock", False)])
def test_ai_resources_need_their_module(installed, tmp_path, profile, whole):
    (tmp_path / "ai.yaml").write_text(AI)
    with serving.folder(tmp_path) as source, Backstage(Settings(profile)) as backstage:
        taken = compare(backstage, f"{source}/ai.yaml")
    assert ("airesource:default/skill" in taken.entities) is whole
    assert ("api:default/tools" in taken.entities) is whole
    assert taken.is_clean() is whole


def test_a_location_of_the_configuration_brings_only_its_kinds(installed, tmp_path):
    (tmp_path / "one.yaml").write_text(GOOD % "one")
    group = "kind: Group\nmetadata: {name: g}\nspec: {type: team, children: []}\n"
    (tmp_path / "two.yaml").write_text(f"apiVersion: backstage.io/v1alpha1\n{group}")
    with serving.folder(tmp_path) as source:
        targets = tuple(
            Target(f"{source}/{name}.yaml", ("Resource",)) for name in ("one", "two")
        )
        settings = Settings(targets=targets, allow=("Location",))
        with Backstage(settings) as backstage:
            taken = compare(backstage, f"{source}/one.yaml?again")
    kept = [ref for ref in taken.entities if not ref.startswith(GENERATED)]
    assert kept == ["resource:default/one"]
    assert any(
        "group:default/g" in m for found in taken.refused.values() for m in found
    )
