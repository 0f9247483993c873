import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { documented } from '../openapi/documents';

it('the documents are OpenAPI 3.1', () => {
  const files = documented.map((name) => `docs/openapi/${name}.json`);
  const script = join(__dirname, 'validate-openapi.mjs');
  const answers: unknown = JSON.parse(
    execFileSync(process.execPath, [script, ...files]).toString(),
  );
  expect(answers).toEqual(files.map((file) => ({ file, version: '3.1', valid: true })));
});
