// The settings of this backend, and what its catalog has still to do.
'use strict';

const { readFileSync } = require('node:fs');

// The harness writes the configuration as JSON, which is YAML too.
function loadConfig(argv) {
  const path = argv[argv.indexOf('--config') + 1];
  return JSON.parse(readFileSync(path, 'utf8')).greenroom ?? {};
}

async function count(query) {
  const [row] = await query.count({ count: '*' });
  return Number(row.count);
}

// A result hash is written when an entity was processed, in the same transaction as
// the entities that it emits: while none is missing, nothing is on its way for the
// first time.
async function state(knex) {
  const rows = () => knex('refresh_state');
  const failed = await rows()
    .whereNotNull('errors')
    .whereNotIn('errors', ['', '[]'])
    .select({ ref: 'entity_ref', errors: 'errors', served: 'processed_entity' });
  return {
    known: await count(rows()),
    unprocessed: await count(rows().whereNull('result_hash')),
    due: await count(rows().where('next_update_at', '<=', knex.fn.now())),
    stitching: await count(knex('stitch_queue')),
    served: await count(knex('final_entities')),
    failed: failed.map(row => ({
      ref: row.ref,
      served: row.served !== null,
      errors: JSON.parse(row.errors),
    })),
  };
}

module.exports = { loadConfig, state };
