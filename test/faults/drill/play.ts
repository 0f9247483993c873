import { complaints, type Accounts } from './accounts';
import type { Drill } from './drill';
import { Scene } from './scene';
import type { Servers } from './servers';
import type { Side } from './side';

export interface Outcome {
  drill: string;
  passed: boolean;
  /** Why it was not played: the module has no flow of the kind. */
  skipped?: string;
  complaints: string[];
  notes: string[];
  accounts?: Accounts;
  seconds: number;
  /** Of a failed one: the last that its processes wrote. */
  lines?: string[];
}

/** Of another library less is asked: what it has not done by then it does not do. */
const patienceMs = { ours: 30_000, golevelup: 12_000, nest: 12_000 };

export async function play(drill: Drill, servers: Servers, side: Side): Promise<Outcome> {
  const { name, flow = 'main', dead = 0 } = drill;
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  if (side.subject[flow] === undefined) {
    const skipped = `no ${flow} flow`;
    return { drill: name, passed: true, skipped, complaints: [], notes: [], seconds: 0 };
  }
  const scene = await Scene.open(servers, side, flow);
  try {
    // What a drill could not even do is a complaint; the accounts are made all the same.
    await drill.run(scene).catch((error: unknown) => scene.complaints.push(String(error)));
    await scene.settle(drill.patienceMs ?? patienceMs[side.name]);
    const accounts = await scene.end();
    const said = [...complaints(accounts, { dead }), ...scene.complaints];
    const passed = said.length === 0;
    const lines = passed ? undefined : scene.lines();
    const { notes } = scene;
    return { drill: name, passed, complaints: said, notes, accounts, seconds: seconds(), lines };
  } finally {
    await scene.close();
  }
}
