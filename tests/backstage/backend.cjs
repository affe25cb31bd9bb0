// A minimal real Backstage backend: node backend.cjs --config app-config.yaml
// The packages are found by NODE_PATH; what is loaded besides stock says greenroom.*.
'use strict';

const { createBackend } = require('@backstage/backend-defaults');
const { coreServices, createBackendModule } = require('@backstage/backend-plugin-api');
const { loadConfig, state } = require('./state.cjs');
const native = require('./native.cjs');

const settings = loadConfig(process.argv);
const backend = createBackend();
backend.add(require('@backstage/plugin-catalog-backend'));
backend.add(require('@backstage/plugin-catalog-backend-module-logs'));
if (settings.search) {
  backend.add(require('@backstage/plugin-search-backend'));
  backend.add(require('@backstage/plugin-search-backend-module-catalog'));
}
if (settings.aiModel) {
  backend.add(require('@backstage/plugin-catalog-backend-module-ai-model'));
}
if (settings.kinds) {
  backend.add(native(settings.kinds));
}
if (settings.module) {
  backend.add(require(settings.module));
}

// What the catalog still has to do stands only in its database: said without a login.
backend.add(
  createBackendModule({
    pluginId: 'catalog',
    moduleId: 'greenroom-state',
    register(env) {
      env.registerInit({
        deps: {
          database: coreServices.database,
          router: coreServices.rootHttpRouter,
        },
        async init({ database, router }) {
          router.use('/greenroom/state', (_request, response, next) => {
            database
              .getClient()
              .then(state)
              .then(found => response.json(found))
              .catch(next);
          });
        },
      });
    },
  }),
);

backend.start();
