"""Our kinds as they are: lossless, for a Backstage that was taught them."""

from __future__ import annotations

import json
from typing import Any

from catalog import refs
from catalog.entities import validation
from catalog.entities.relations import links_of
from catalog.entities.viewer import VISIBILITY
from catalog.kind import BACKSTAGE, KINDS
from portal.projections.profile import UNKNOWN, Draft, Profile
from portal.projections.profiles.stock import (
    RELATING,
    Stock,
    add_definition,
    without_placeholders,
)

_LEFT = "Location"
_MODULE = """\
// greenroom-kinds.js: backend.add(require('./greenroom-kinds'))
const { createBackendModule } = require('@backstage/backend-plugin-api');
const { catalogProcessingExtensionPoint, processingResult } =
  require('@backstage/plugin-catalog-node');
const { getCompoundEntityRef, parseEntityRef } = require('@backstage/catalog-model');

// field of the spec: [relation, its way back, kind where none is said, reversed]
const KINDS = %s;

const processor = {
  getProcessorName: () => 'GreenroomKinds',
  async validateEntityKind(entity) {
    return entity.apiVersion.startsWith('greenroom/') && entity.kind in KINDS.own;
  },
  async postProcessEntity(entity, location, emit) {
    const own = getCompoundEntityRef(entity);
    const fields = { ...KINDS.own[entity.kind], ...KINDS.more[entity.kind] };
    for (const [name, [there, back, defaultKind, reversed]] of Object.entries(fields)) {
      for (const text of [entity.spec?.[name] ?? []].flat()) {
        const other = parseEntityRef(text, {
          defaultKind: defaultKind || undefined,
          defaultNamespace: own.namespace,
        });
        const [source, target] = reversed ? [other, own] : [own, other];
        emit(processingResult.relation({ source, type: there, target }));
        emit(processingResult.relation({ source: target, type: back, target: source }));
      }
    }
    return entity;
  },
};

module.exports = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'greenroom-kinds',
  register: env => env.registerInit({
    deps: { catalog: catalogProcessingExtensionPoint },
    init: async ({ catalog }) => catalog.addProcessor(processor),
  }),
});
"""


class Native(Profile):
    """Every document as its author wrote it."""

    name = "native"
    title = "Greenroom's own kinds"
    summary = (
        "Nothing is rewritten, so nothing is lost. Backstage needs the small module "
        "below."
    )

    @classmethod
    def becomes(cls, kind: str) -> str:
        """All kinds that we know stay; of others nobody knows whether they do."""
        return kind if kind in KINDS and kind != _LEFT else ""

    @classmethod
    def reason(cls, kind: str) -> str:
        """Locations and the kinds of others."""
        if kind == _LEFT:
            return Stock.reason(kind)
        return (
            f"Greenroom does not know the kind {kind}, nor what Backstage makes of it."
        )

    @classmethod
    def kinds(cls) -> list[str]:
        """Its own and ours."""
        return ["Location", *RELATING, *_ours()]

    @classmethod
    def settings(cls) -> str:
        """A processor that takes our kinds, and makes our relations."""
        own = {kind: _fields(kind, ()) for kind in _ours()}
        more = {kind: _fields(kind, known) for kind, known in RELATING.items()}
        more = {kind: fields for kind, fields in more.items() if fields}
        table = json.dumps({"own": own, "more": more}, indent=2)
        return _MODULE % table

    @classmethod
    def shape(cls, draft: Draft) -> dict[str, Any]:
        """As it is, without what the viewer may not know of."""
        for name, marker in links_of(draft.kind):
            _keep_seen(draft, name, marker.kind)
        versions = draft.spec.get("versions")
        if isinstance(versions, list):
            draft.spec["versions"] = [_version(draft, one) for one in versions]
        annotations = draft.metadata.get("annotations") or {}
        if VISIBILITY in annotations and not _all_seen(draft, annotations[VISIBILITY]):
            del annotations[VISIBILITY]
        if draft.kind == "API":
            add_definition(draft.spec)
        if "spec" in draft.data:
            draft.data["spec"] = without_placeholders(draft.spec)
        return draft.data


def _ours() -> list[str]:
    return sorted(
        name for name, kind in KINDS.items() if kind.api_versions != BACKSTAGE
    )


def _fields(kind: str, known: tuple[str, ...]) -> dict[str, list[Any]]:
    """The fields that make relations and that Backstage does not know by itself."""
    return {
        name: [marker.relation, marker.inverse, marker.kind, marker.reverse]
        for name, marker in links_of(kind)
        if name not in known
    }


def _keep_seen(draft: Draft, name: str, kind: str) -> None:
    """References stay as they were written; those that lead nowhere go."""
    spec = draft.spec
    if name not in spec:
        return
    value = spec[name]
    if isinstance(value, list):
        spec[name] = [one for one in value if draft.refer(one, kind)]
    elif not draft.refer(value, kind):
        del spec[name]
        if name == "owner":
            spec[name] = UNKNOWN
            draft.notes.append(f"Its owner is not in this export; it says “{UNKNOWN}”.")


def _version(draft: Draft, version: Any) -> Any:
    if not isinstance(version, dict):
        return version
    made = dict(version)
    if "baseModel" in made and not draft.refer(made["baseModel"], "Model"):
        del made["baseModel"]
    if isinstance(made.get("evals"), list):
        made["evals"] = [one for one in made["evals"] if draft.refer(one, "Eval")]
    return made


def _all_seen(draft: Draft, visibility: str) -> bool:
    try:
        named = validation.principals(visibility)
    except refs.RefError:
        return False
    return all(draft.world.refer(one, "Group", draft.namespace) for one in named)
