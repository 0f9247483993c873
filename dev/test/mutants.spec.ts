import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Usage } from '../../ops/shop/arguments';
import { readOptions } from '../mutants/arguments';
import { mutantsOf } from '../mutants/find-mutants';
import { LineCoverage } from '../mutants/jest/line-coverage';
import { removed, replaced } from '../mutants/mutant';
import { Suites } from '../mutants/suites';
import { Tree } from '../mutants/tree';

const root = join(__dirname, '../..');

const changes = (file: string, text: string): string[] =>
  mutantsOf(file, text).map(({ change }) => change);

/** The text that each mutant of a piece of SQL is. */
function becomes(sql: string): string[] {
  return mutantsOf('a.sql', sql).map(
    ({ start, end, text }) => sql.slice(0, start) + text + sql.slice(end),
  );
}

describe('mutants of SQL', () => {
  it('have each condition off, and leave its parameters their types', () => {
    expect(becomes("UPDATE t SET a = $1 WHERE id = $2 AND status = 'new' RETURNING id")).toEqual([
      "UPDATE t SET a = $1 WHERE (id = $2 OR true) AND status = 'new' RETURNING id",
      "UPDATE t SET a = $1 WHERE id = $2 AND (status = 'new' OR true) RETURNING id",
    ]);
  });

  it('know alternatives, ranges and what is in parentheses', () => {
    expect(changes('a.sql', 'SELECT FROM t WHERE (a = 1 OR b BETWEEN 2 AND 3) AND c > 4')).toEqual([
      'always: (a = 1 OR b BETWEEN 2 AND 3)',
      'never: a = 1',
      'never: b BETWEEN 2 AND 3',
      'always: c > 4',
      'c > 4: > → >=',
    ]);
  });

  it('are without a conflict clause, a lock, an order, a limit', () => {
    const queue = 'SELECT DISTINCT id FROM t ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED';
    expect(changes('a.sql', queue)).toEqual([
      'removed: DISTINCT',
      'removed: ORDER BY id',
      'removed: LIMIT $1',
      'removed: FOR UPDATE SKIP LOCKED',
      'removed: SKIP LOCKED',
    ]);
    expect(becomes('INSERT INTO t SELECT 1 ORDER BY 1 ON CONFLICT DO NOTHING')).toEqual([
      'INSERT INTO t SELECT 1  ON CONFLICT DO NOTHING',
      'INSERT INTO t SELECT 1 ORDER BY 1 ',
    ]);
    expect(
      becomes('INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET n = t.n + 1 RETURNING n'),
    ).toEqual([
      'INSERT INTO t VALUES (1)  RETURNING n',
      'INSERT INTO t VALUES (1) ON CONFLICT (id) DO NOTHING RETURNING n',
      'INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET n = t.n - 1 RETURNING n',
    ]);
  });

  it('hold no advisory lock, and compute otherwise', () => {
    expect(becomes('SELECT pg_advisory_xact_lock(id), coalesce(a, 0) FROM t')).toEqual([
      'SELECT concat(id), coalesce(a, 0) FROM t',
      'SELECT pg_advisory_xact_lock(id), (a) FROM t',
      'SELECT pg_advisory_xact_lock(id), (0) FROM t',
    ]);
  });

  it('are without each constraint and trigger of a migration', () => {
    const migration = `
      CREATE TABLE t (
        id uuid PRIMARY KEY, -- its key
        u  uuid NOT NULL UNIQUE REFERENCES u ON DELETE CASCADE,
        n  int CHECK (n > 0 AND n < 9),
        UNIQUE (u, n)
      );
      CREATE UNIQUE INDEX i ON t (n) WHERE n IS NOT NULL;
      CREATE FUNCTION f() RETURNS trigger AS $$
      BEGIN
        IF NEW.n = 1 THEN RAISE EXCEPTION 'not %', NEW.n; END IF;
      END $$;
      CREATE TRIGGER g BEFORE UPDATE OR DELETE ON t EXECUTE FUNCTION f();`;
    expect(changes('a.sql', migration)).toEqual([
      'id: removed: PRIMARY KEY',
      'u: removed: NOT NULL',
      'u: removed: UNIQUE',
      'u: removed: REFERENCES u ON DELETE CASCADE',
      'n: removed: CHECK (n > 0 AND n < 9)',
      'always: n > 0',
      'n > 0: > → >=',
      'always: n < 9',
      'n < 9: < → <=',
      'removed: UNIQUE (u, n)',
      'removed: UNIQUE',
      'always: n IS NOT NULL',
      'always: NEW.n = 1',
      'never: NEW.n = 1',
      "removed: RAISE EXCEPTION 'not %', NEW.n;",
      'removed: CREATE TRIGGER g BEFORE UPDATE OR DELETE ON t EXECUTE FUNCTION f();',
      'g: removed: UPDATE',
      'g: removed: OR DELETE',
    ]);
  });

  it('leave columns NOT NULL that a primary key makes so', () => {
    const table = 'CREATE TABLE t (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a))';
    expect(changes('a.sql', table)).toEqual(['b: removed: NOT NULL', 'removed: PRIMARY KEY (a)']);
  });

  it('are found in templates, with what those put in', () => {
    const text = 'const q = (by: string) => `SELECT FROM t WHERE ${by} = $1 AND x`;';
    const [first] = mutantsOf('a.ts', text);
    expect(first).toMatchObject({ change: 'always: ${…} = $1', text: '(${by} = $1 OR true)' });
    expect(text.slice(first?.start, first?.end)).toBe('${by} = $1');
  });
});

describe('mutants of code', () => {
  it('decide otherwise', () => {
    expect(changes('a.ts', 'if (a && b < 1) f(); const c = d ?? (e === 2 ? 3 : 4);')).toEqual([
      'if (a && b < 1) → true',
      'if (a && b < 1) → false',
      'a && b < 1 → (a)',
      'a && b < 1 → (b < 1)',
      'b < 1: < → <=',
      'removed: f();',
      'd ?? (e === 2 ? 3 : 4) → (d)',
      'd ?? (e === 2 ? 3 : 4) → ((e === 2 ? 3 : 4))',
      '?: (e === 2) → true',
      '?: (e === 2) → false',
    ]);
  });

  it('leave out an act, a lock, a sort, a filter; what is logged decides nothing', () => {
    const text = `
      await save(x);
      const path = url.toString();
      await Promise.all([lockIds(tx, ids), read()]);
      const list = ids.filter(isNew).sort();
      this.log.warn('kept', { n: n - 1 });`;
    expect(changes('a.ts', text)).toEqual([
      'removed: await save(x);',
      'removed: await Promise.all([lockIds(tx, ids), read()]);',
      'lockIds(tx, ids) → undefined',
      'removed: .filter(isNew)',
      'removed: .sort()',
    ]);
  });

  it('keep their ids when lines are added above', () => {
    const ids = (text: string) => mutantsOf('a.ts', text).map(({ id }) => id);
    expect(ids('\n\nif (a) b();')).toEqual(ids('if (a) b();'));
  });
});

describe('the functions that a mutant acts in', () => {
  it('are the one around it, and for a statement those that use it', () => {
    const text = `
      const one = 'SELECT FROM t WHERE a';
      const select = (by) => ({ text: \`SELECT FROM t WHERE \${by}\` });
      const byId = select('id');
      class Store {
        constructor() { if (one) f(); }
        find() { return this.rows(byId).map((row) => row.a && row.b); }
      }`;
    const found = mutantsOf('a.ts', text).map(({ change, functions }) => [change, functions]);
    expect(found).toEqual([
      ['always: a', ['Store']],
      ['always: ${…}', ['find']],
      ['if (one) → true', ['Store']],
      ['if (one) → false', ['Store']],
      ['removed: f();', ['Store']],
      ['row.a && row.b → (row.a)', ['find']],
      ['row.a && row.b → (row.b)', ['find']],
    ]);
  });
});

describe('the run', () => {
  it('changes a copy of the sources, and leaves nothing behind', async () => {
    const file = 'dev/time.ts';
    const original = readFileSync(join(root, file), 'utf8');
    const tree = new Tree(root);
    const read = () => readFileSync(join(tree.folder, file), 'utf8');
    await tree.with({ file, start: 0, end: 6, text: '//' }, async () =>
      expect(read()).toBe(`//${original.slice(6)}`),
    );
    expect(read()).toBe(original);
    expect(readFileSync(join(root, file), 'utf8')).toBe(original);
    tree.remove();
    expect(read).toThrow('ENOENT');
  });

  it('reads which lines have run since the last reading', async () => {
    const path = join(root, 'dev/mutants/mutant.ts');
    const lines = readFileSync(path, 'utf8').split('\n');
    const lineOf = (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
    const coverage = new LineCoverage((file) => file === path);
    await coverage.start();
    removed('text', 0, 4);
    const ran = (await coverage.read()).get(path);
    expect(ran?.functions).toContain('removed');
    expect(ran?.functions).not.toContain('replaced');
    expect(ran?.lines).toContain(lineOf("text: '', change"));
    expect(ran?.lines).not.toContain(lineOf('text: by, change'));
    replaced('text', 0, 4, 'by');
    const later = (await coverage.read()).get(path);
    expect(later?.functions).toContain('replaced');
    expect(later?.functions).not.toContain('removed');
    coverage.stop();
  });

  it('chooses the tests that run a line, and all of a suite that needs them', async () => {
    const suites = new Suites(root, 'dev', ['start-ports', 'external.spec']);
    const [one = '', other = ''] = suites.all;
    const files = (lines: number[]) => ({ 'a.ts': { functions: [], lines } });
    const test = (lines: number[]) => ({ ms: 1, files: files(lines) });
    suites.passed(one, 9, { between: {}, tests: { first: test([1, 2]), second: test([3]) } });
    suites.passed(other, 9, { between: files([3]), tests: { third: test([1]) } });
    const chosen = (line: number) =>
      suites.for({
        file: 'a.ts',
        kind: 'code',
        line,
        lastLine: line,
        functions: [],
      } as never);
    expect(chosen(2)).toEqual([{ suite: one, ms: 1, tests: ['first'] }]);
    expect(chosen(3)).toEqual([
      { suite: one, ms: 1, tests: ['second'] },
      { suite: other, ms: 9 },
    ]);
    expect(chosen(4)).toEqual([]);
    const run = (outcome: 'passed' | 'failed') => async () => ({ outcome, passed: [], output: '' });
    expect(await suites.holdsAlone({ suite: one, test: 'first' }, run('passed'))).toBe(true);
    expect(await suites.holdsAlone({ suite: one, test: 'second' }, run('failed'))).toBe(false);
    expect(chosen(2)).toEqual([{ suite: one, ms: 9 }]);
  });

  it('takes one target, and no option that it does not know', () => {
    expect(readOptions(['apps/payments/', '--jobs', '3'])).toMatchObject({
      target: 'apps/payments',
      suiteParts: [],
      jobs: 3,
    });
    const some = readOptions(['apps/payments', '--suites', 'races', '--suites', 'schema']);
    expect(some.suiteParts).toEqual(['races', 'schema']);
    for (const wrong of [[], ['a', 'b'], ['a', '--jobs', '0'], ['a', '--fast']]) {
      expect(() => readOptions(wrong)).toThrow(Usage);
    }
  });
});
