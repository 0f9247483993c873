import { Module } from '@nestjs/common';
import type { Stage } from '../stage';
import type { Story } from '../story';
import type { Published } from '../wire';
import { ChargeCard } from './charge-card';
import { ChargeCardWork } from './charge-card.work';

@Module({ providers: [ChargeCardWork] })
class PaymentsModule {}

const { queue } = ChargeCard.route;

export const retry: Story = {
  title:
    'A failed message waits in a retry tier and comes back; what cannot be done is a dead letter.',
  read: [
    'dev/lab/retry/charge-card.work.ts',
    'apps/orders/src/deliver-webhook.work.ts',
    'libs/messaging/src/consume/retry-tiers.ts',
    'libs/messaging/src/consume/failures.ts',
  ],
  async tell(stage) {
    stage.begin(
      { name: 'producer', width: 12 },
      { name: 'payments', width: 32 },
      { name: 'on the broker', width: 60 },
    );
    await stage.listenToWire((published) => {
      const text = textOf(published);
      if (text !== undefined) stage.column('on the broker').say(text);
    });
    await stage.service('payments', PaymentsModule);
    for (const card of ['slow', 'unlucky', 'stolen']) {
      stage.column('producer').say(`${card} →`);
      await stage.broker.publish(ChargeCard, { card });
      await stage.pace.beats(0.3);
    }
    await stage.until('two dead letters', async () => (await dead(stage)).length === 2);
    const { said } = stage.column('payments');
    await stage.until('the slow one is charged', () => said.some((text) => text.includes('✔')));
    stage.screen.print();
    stage.screen.print(`Dead letters in ${queue}.dead:`);
    for (const line of await dead(stage)) stage.screen.print(line);
  },
};

async function dead({ broker }: Stage): Promise<string[]> {
  const letters = await broker.deadLetters(queue);
  return letters.map(({ body, headers }) =>
    [
      `  ${(body as ChargeCard).card.padEnd(8)}`,
      `x-error-code ${String(headers['x-error-code'])},`,
      `x-attempts ${String(headers['x-attempts'])},`,
      `x-handler ${String(headers['x-handler'])}`,
    ].join(' '),
  );
}

/** Of what the runtime publishes when a handler has failed. */
function textOf({ exchange, routingKey, headers }: Published): string | undefined {
  const code = String(headers['x-error-code']);
  if (exchange.startsWith('retry.')) {
    return `→ ${exchange}, to come back as attempt ${String(headers['x-attempt'])}`;
  }
  return routingKey.endsWith('.dead') ? `→ ${routingKey}: ${code}` : undefined;
}
