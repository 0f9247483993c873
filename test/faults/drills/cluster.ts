import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Member } from '@tradepost/test-kit';
import { seconds } from '../harness/command';
import { memoryAlarm } from '../harness/faults';
import type { DrillContext } from './context';
import type { Drill } from './drill';
import type { Setup } from './protocol';
import { Standstill } from './standstill';

const perSecond = 50;
/** Nodes see after 7.5 to 12.5 s that another is silent. */
const partitionMs = 25_000;

/** So late come copies of what a minority took and did not confirm. */
const copiesMs = 15_000;

/** Under load: what is done to nodes of a cluster, until work goes on again. */
function onCluster(
  name: string,
  work: (cluster: Cluster, context: DrillContext) => Promise<void>,
  more: Partial<Drill> = {},
): Drill {
  return {
    name,
    quietMs: 60_000,
    ...more,
    async run(context) {
      await context.underLoad(async () => {
        await delay(2_000);
        const standstill = new Standstill(context.log);
        await work(context.cluster, context);
        const longestMs = await standstill.end();
        context.notes.push(`work stood still for ${seconds(longestMs)} s at most`);
        await delay(1_000);
      }, perSecond);
    },
  };
}

async function leaderOf(context: DrillContext): Promise<Member> {
  return context.cluster.leaderOf(context.vhost, context.queue);
}

/** From now on both processes reach this node alone: either sends what is in their outbox. */
async function restartOn(member: Member, context: DrillContext): Promise<void> {
  for (const process of [context.sender, context.consumer]) {
    await process.stop();
    const setup = JSON.parse(process.env.DRILL ?? '{}') as Setup;
    const amqpUrl = context.cluster.spread(setup.amqpUrl, [member]);
    process.env.DRILL = JSON.stringify({ ...setup, amqpUrl });
    await context.start(process);
  }
}

const leaderKilled = onCluster(
  'leader-killed',
  async (_, context) => {
    const leader = await leaderOf(context);
    await leader.kill();
    context.fault();
    await delay(5_000);
    await leader.resume();
  },
  { quick: true },
);

const lostAndEmpty = onCluster('node-lost-and-empty', async (cluster, context) => {
  const lost = await leaderOf(context);
  await lost.kill();
  context.fault();
  await lost.startEmpty();
  // Of three replicas two are enough: the new one counts.
  const other = cluster.members.find((one) => one !== lost) as Member;
  await other.kill();
  context.fault();
  await delay(5_000);
  await new Standstill(context.log).end();
  await other.resume();
});

const partitionHealed = onCluster('partition-healed', async (_, context) => {
  const leader = await leaderOf(context);
  leader.cutOff();
  context.fault();
  await delay(partitionMs);
  await leader.rejoin();
  await delay(copiesMs);
});

/** They have no other node than the one that is cut off. */
const minorityWaits: Drill = {
  name: 'minority-waits',
  quietMs: 60_000,
  async run(context) {
    const minority = await leaderOf(context);
    await restartOn(minority, context);
    await context.send(100);
    await context.settle(20_000);
    const before = (await context.log.confirmed()).length;
    minority.cutOff();
    context.fault();
    await context.send(100);
    await delay(partitionMs);
    const more = (await context.log.confirmed()).length - before;
    if (more > 0) context.violations.push(`${more} confirmed by a minority`);
    context.notes.push(`${await context.log.outbox()} waited in the outbox of 100`);
    await minority.rejoin();
    await delay(copiesMs);
  },
};

const rollingRestart = onCluster('rolling-restart', async (cluster, context) => {
  for (const member of cluster.members) {
    // As an operator does: no queue loses its majority by it.
    await member.run('rabbitmq-upgrade', 'await_online_quorum_plus_one', '-t', '60');
    await member.halt();
    context.fault();
    await member.resume();
  }
});

/** Of one node: it holds up whoever publishes, at every node. */
const alarm = onCluster('memory-alarm', async ({ members: [node] }, context) => {
  await context.inject(memoryAlarm(node as Member), 10_000);
});

export const clusterDrills = [
  leaderKilled,
  lostAndEmpty,
  partitionHealed,
  minorityWaits,
  rollingRestart,
  alarm,
];
