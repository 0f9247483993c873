import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { Columns } from './row-types/columns';
import { problemsOf } from './row-types/problems';
import { queriesIn, type Query } from './row-types/queries';

const root = join(__dirname, '../../..');
/** The apps that have a database. */
const stored = readdirSync(join(root, 'apps')).filter((app) =>
  existsSync(join(root, 'apps', app, 'migrations')),
);
const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);

/** A store whose rows say what the driver does not give. */
const wrong = join(root, 'apps/users/src/wrong.store.ts');
const wrongSource = `
import { Db } from '@tradepost/database';

interface Row { id: string; at: string; days: string[]; amount: string; big: Date | null; more: number }
interface Right { id: string | null; at: Date; days: Date[]; amount: number; big: number; extra?: string }

const columns = 'now() AS at, 5::bigint AS amount, 7::bigint AS big';
const list = (id: 'id' | 'name') => ({
  name: 'list',
  text: \`SELECT \${id} AS id, ARRAY[now()] AS days, \${columns} FROM users WHERE id = $1\`,
});

export async function wrong(db: Db): Promise<unknown> {
  const rows: Row[] = await db.query(list('id'));
  return [rows, await db.query<Right>(list('id')), await db.query(list('name'))];
}
`;

function programOf(files: string[]): ts.Program {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => path === wrong || fileExists(path);
  host.readFile = (path) => (path === wrong ? wrongSource : readFile(path));
  host.getSourceFile = (path, target, ...rest) =>
    path === wrong
      ? ts.createSourceFile(path, wrongSource, target)
      : getSourceFile(path, target, ...rest);
  return ts.createProgram(files, options, host);
}

describe('the row type of a query', () => {
  let queries: Query[];
  const databases: TestDatabase[] = [];
  const columns = new Map<string, Columns>();

  beforeAll(async () => {
    const folders = ['apps', 'libs'].map((folder) => join(root, folder));
    const sources = folders
      .flatMap((folder) => ts.sys.readDirectory(folder, ['.ts'], ['**/test/**', '**/page/**']))
      .filter((path) => readFileSync(path, 'utf8').includes('.query'));
    const program = programOf([...sources, wrong]);
    queries = queriesIn(program, (path) => path === wrong || sources.includes(path));
    for (const app of stored) {
      const database = await createTestDatabase(app);
      databases.push(database);
      columns.set(app, await Columns.open(database.url));
    }
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...columns.values()].map((one) => one.close()));
    await Promise.all(databases.map((database) => database.drop()));
  });

  /** In the database of its app; of a lib's, in that of one which has it. */
  async function problems(query: Query): Promise<string[]> {
    const own = stored.find((app) => query.file.includes(`/apps/${app}/`)) ?? 'orders';
    const database = columns.get(own);
    if (database === undefined) throw new Error(`${own} has no database here`);
    const found = await problemsOf(query, database);
    return found.map((problem) => relative(root, problem));
  }

  it('is found to be wrong where it is', async () => {
    const own = queries.filter(({ file }) => file === wrong);
    const found = await Promise.all(own.map(problems));
    expect(found.map((all) => all.map((one) => one.replace(/^.*?: /, '')))).toEqual([
      [
        'at comes as Date, not as its row says',
        'days comes as Date[], not as its row says',
        'amount comes as number, not as its row says',
        'big comes as number, not as its row says',
        'more is no column of it',
      ],
      [],
    ]);
  });

  it('promises what the driver gives, in every store', async () => {
    const all = queries.filter(({ file }) => file !== wrong);
    expect(all.length).toBeGreaterThan(50);
    const found: string[] = [];
    for (const query of all) found.push(...(await problems(query)));
    expect(found).toEqual([]);
  });
});
