// The real @backstage/catalog-client, asked by JSON: one line per call.
//   node client.cjs methods            the public methods, from the package's types
//   node client.cjs calls < calls.json {base, token, calls: [{name, method, args}]}
// In args, {"$from": ["name", ...path]} stands for a piece of an earlier answer and
// {"$exists": true} inside a filter for CATALOG_FILTER_EXISTS.
'use strict';

const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { CATALOG_FILTER_EXISTS, CatalogClient } = require('@backstage/catalog-client');

function methods() {
  const folder = dirname(require.resolve('@backstage/catalog-client'));
  const types = readFileSync(join(folder, 'index.d.ts'), 'utf8');
  const body = types.split('declare class CatalogClient')[1].split('\n}')[0];
  const found = [...body.matchAll(/^ {4}(?!private|constructor)(\w+)\(/gm)];
  return [...new Set(found.map(match => match[1]))];
}

function filled(value, answers, key) {
  if (Array.isArray(value)) return value.map(item => filled(item, answers, key));
  if (value === null || typeof value !== 'object') return value;
  if (value.$from) {
    const [name, ...path] = value.$from;
    return path.reduce((found, step) => found?.[step], answers.get(name));
  }
  if (key === 'filter' && value.$exists) return CATALOG_FILTER_EXISTS;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const within = key === 'filter' || name === 'filter' ? 'filter' : name;
      return [name, filled(inner, answers, within)];
    }),
  );
}

async function collected(result) {
  if (typeof result?.[Symbol.asyncIterator] !== 'function') return result;
  const pages = [];
  for await (const page of result) pages.push(page);
  return pages;
}

function told(error) {
  return {
    name: error.name,
    message: error.message,
    status: error.statusCode ?? null,
    cause: error.cause
      ? { name: error.cause.name, message: error.cause.message }
      : null,
  };
}

// What went over the wire, so that it can be repeated without Node.
function recording(base, exchanges) {
  return async (url, options = {}) => {
    const response = await fetch(url, options);
    const text = await response.clone().text();
    exchanges.push({
      method: options.method ?? 'GET',
      path: url.slice(base.length),
      body: options.body ? JSON.parse(options.body) : null,
      status: response.status,
      answer: parsed(text),
    });
    return response;
  };
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return text;
  }
}

async function run({ base, token, calls }) {
  const answers = new Map();
  for (const { name, method, args } of calls) {
    const exchanges = [];
    const client = new CatalogClient({
      discoveryApi: { getBaseUrl: async plugin => `${base}/api/${plugin}` },
      fetchApi: { fetch: recording(base, exchanges) },
    });
    const line = { name, method, args, ok: true };
    try {
      if (!methods().includes(method)) throw new Error(`no method ${method}`);
      const given = filled(args, answers);
      // The options come last; an argument that is left out is undefined.
      const expected = method === 'validateEntity' || method === 'updateLocation' ? 2 : 1;
      while (given.length < expected) given.push(undefined);
      const value = await collected(await client[method](...given, { token }));
      answers.set(name, value);
      line.value = value ?? null;
    } catch (error) {
      line.ok = false;
      line.error = told(error);
    }
    process.stdout.write(`${JSON.stringify({ ...line, exchanges })}\n`);
  }
}

if (process.argv[2] === 'methods') {
  process.stdout.write(`${JSON.stringify(methods())}\n`);
} else {
  run(JSON.parse(readFileSync(0, 'utf8')));
}
