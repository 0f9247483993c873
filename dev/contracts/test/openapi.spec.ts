import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Documented } from '../../../test/kit/documented';
import { documented } from '../openapi/documents';

interface Operation {
  summary?: string;
  responses: Record<string, { content?: Record<string, { example?: unknown }> }>;
}

it('the documents are OpenAPI 3.1', () => {
  const files = documented.map((name) => `docs/openapi/${name}.json`);
  const script = join(__dirname, 'validate-openapi.mjs');
  const answers: unknown = JSON.parse(
    execFileSync(process.execPath, [script, ...files]).toString(),
  );
  expect(answers).toEqual(files.map((file) => ({ file, version: '3.1', valid: true })));
});

describe.each(documented)('in the document of %s', (name) => {
  const document = Documented.of(name);
  const operations = Object.entries(document?.document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, one]) => ({ method, path, ...(one as Operation) })),
  );

  it('every operation says in a few words what it is for', () => {
    expect(operations.length).toBeGreaterThan(4);
    for (const { method, path, summary = '' } of operations) {
      expect(`${method} ${path}: ${summary}`).toMatch(/: [A-Z].{3,60}[^.]$/);
    }
  });

  it('every answer of JSON has an example, which is one', () => {
    const mediaType = 'application/json';
    const answers = operations.flatMap(({ method, path, responses }) =>
      Object.entries(responses).flatMap(([status, { content = {} }]) =>
        mediaType in content
          ? [{ method, path, status: Number(status), body: content[mediaType]?.example }]
          : [],
      ),
    );
    expect(answers.length).toBeGreaterThan(4);
    for (const { method, path, status, body } of answers) {
      const faults = [document?.faultOf(method, path, { status, mediaType, body })];
      expect({ method, path, status, body: typeof body, faults }).toEqual({
        ...{ method, path, status, body: 'object', faults: [undefined] },
      });
    }
  });
});
