// A module that takes kinds that Backstage does not know, and relations of ours.
// kinds: {Model: {apiVersions: [...], links: [{field, relation, inverse, kind, reverse}]}}
// apiVersions is empty for a kind that Backstage validates itself.
'use strict';

const { createBackendModule } = require('@backstage/backend-plugin-api');
const { getCompoundEntityRef, parseEntityRef } = require('@backstage/catalog-model');
const {
  catalogProcessingExtensionPoint,
  processingResult,
} = require('@backstage/plugin-catalog-node');

function relations(entity, link) {
  const self = getCompoundEntityRef(entity);
  const context = {
    defaultKind: link.kind || undefined,
    defaultNamespace: self.namespace,
  };
  return [entity.spec?.[link.field] ?? []].flat().flatMap(text => {
    const other = parseEntityRef(text, context);
    const [source, target] = link.reverse ? [other, self] : [self, other];
    return [
      { source, type: link.relation, target },
      { source: target, type: link.inverse, target: source },
    ];
  });
}

class NativeKinds {
  constructor(kinds) {
    this.kinds = kinds;
  }

  getProcessorName() {
    return 'GreenroomNativeKinds';
  }

  async validateEntityKind(entity) {
    const versions = this.kinds[entity.kind]?.apiVersions ?? [];
    return versions.includes(entity.apiVersion);
  }

  async postProcessEntity(entity, _location, emit) {
    for (const link of this.kinds[entity.kind]?.links ?? []) {
      for (const relation of relations(entity, link)) {
        emit(processingResult.relation(relation));
      }
    }
    return entity;
  }
}

module.exports = kinds =>
  createBackendModule({
    pluginId: 'catalog',
    moduleId: 'greenroom-native-kinds',
    register(env) {
      env.registerInit({
        deps: { processing: catalogProcessingExtensionPoint },
        async init({ processing }) {
          processing.addProcessor(new NativeKinds(kinds));
        },
      });
    },
  });
