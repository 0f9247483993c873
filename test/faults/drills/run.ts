import type { Servers } from '../harness/servers';
import { lossOf, violationsOf } from './accounts';
import { DrillContext } from './context';
import type { Drill } from './drill';
import type { Library } from './library';

export type DrillResult = Awaited<ReturnType<typeof runDrill>>;

/** Another library is given less time: what it has not done by then it does not do. */
const quietMs = { onRuntime: 30_000, other: 12_000 };

export async function runDrill(drill: Drill, servers: Servers, library: Library) {
  const { name, flow = 'main', dead = 0, loses = false } = drill;
  const beganMs = performance.now();
  const drilled = library.subject[flow];
  const cannot = drill.skipped?.(library, servers.broker.version ?? '');
  if (drilled === undefined || cannot !== undefined) {
    const skipped = cannot ?? `no ${flow} flow`;
    return { drill: name, passed: true, skipped, violations: [], notes: [], seconds: 0 };
  }
  const own = await drill.database?.();
  const { url } = own ?? servers.database;
  const context = await DrillContext.open(servers, library, {
    name: flow,
    drilled,
    endsSoon: dead > 0,
    databaseUrl: url,
  }).catch(async (error: unknown) => {
    await own?.stop();
    throw error;
  });
  const { notes } = context;
  try {
    // What a drill could not do is a violation; the accounts are made all the same.
    await drill.run(context).catch((error: unknown) => context.violations.push(String(error)));
    await context.settle(drill.quietMs ?? quietMs[library.onRuntime ? 'onRuntime' : 'other']);
    const accounts = await context.end();
    const lacked = context.lackedRights().map((right) => `a user lacks ${right}`);
    const violations = [
      ...violationsOf(accounts, { dead, loses }),
      ...context.violations,
      ...lacked,
    ];
    const passed = violations.length === 0;
    const lines = passed ? undefined : context.lastLines();
    const seconds = Math.round((performance.now() - beganMs) / 100) / 10;
    if (loses) notes.push(...lossOf(accounts));
    return { drill: name, passed, violations, notes, accounts, seconds, lines };
  } finally {
    await context.close().finally(async () => own?.stop());
  }
}
