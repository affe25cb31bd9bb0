// What npm `yaml` makes of each text, as Backstage asks it: JSON in, JSON out.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const yaml = createRequire(process.argv[2] + '/')('yaml');

const plain = (_key, value) =>
  typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;

const answer = text => {
  try {
    return yaml.parseAllDocuments(text, { merge: false }).map(document => {
      if (document.errors.length) return { refused: document.errors[0].code };
      try {
        // A circle has no JSON, which Backstage stores: it counts as refused.
        return { read: JSON.parse(JSON.stringify(document.toJSON() ?? null, plain)) };
      } catch (error) {
        return { refused: error.name };
      }
    });
  } catch (error) {
    return [{ refused: error.name }];
  }
};

const texts = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(texts.map(answer)));
