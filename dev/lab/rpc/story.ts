import { Module } from '@nestjs/common';
import { Rejected, RpcTimeout } from '@tradepost/messaging';
import type { LabService, Stage } from '../stage';
import type { Story } from '../story';
import type { Published } from '../wire';
import { GetPrice } from './get-price';
import { GetPriceRpc } from './get-price.rpc';

@Module({ providers: [GetPriceRpc] })
class PricingModule {}

@Module({})
class ShopModule {}

/** For an answer that comes; who waits in vain waits as long. */
const timeoutMinMs = 3_000;

export const rpc: Story = {
  title: 'A question into a queue, its answer back to who asked, found by its correlation id.',
  read: [
    'dev/lab/rpc/get-price.rpc.ts',
    'libs/contracts/src/rpc/get-user.ts',
    'apps/users/src/users.rpc.ts',
    'apps/orders/src/order/confirm-order.ts',
  ],
  async tell(stage) {
    stage.begin(
      { name: 'shop', width: 32 },
      { name: 'on the broker', width: 58 },
      { name: 'pricing', width: 28 },
    );
    const pricing = await stage.service('pricing', PricingModule);
    const shop = await stage.service('shop', ShopModule);
    await stage.listenToWire((published) => {
      for (const line of linesOf(published)) stage.column('on the broker').say(line);
    });
    await ask(stage, shop, 'MUG');
    await ask(stage, shop, 'BOAT');
    await Promise.all([ask(stage, shop, 'LAMP'), ask(stage, shop, 'TEA')]);
    await pricing.stop();
    stage.column('pricing').say('stops');
    await ask(stage, shop, 'MUG');
  },
};

async function ask(stage: Stage, { messages }: LabService, sku: string): Promise<void> {
  const shop = stage.column('shop');
  shop.say(`asks: what is a ${sku}?`);
  try {
    const timeoutMs = waitMs(stage);
    const { amount, currency } = await messages.ask(GetPrice, { sku }, { timeoutMs });
    // The broker's trace comes a moment after the answer itself.
    await stage.pace.beats(0.1);
    shop.say(`${sku} is ${amount} ${currency}`);
  } catch (error) {
    await stage.pace.beats(0.1);
    if (error instanceof Rejected) shop.say(`Rejected: ${error.code}`);
    else if (error instanceof RpcTimeout) shop.say(`RpcTimeout: nobody has answered`);
    else throw error;
  }
  await stage.pace.beats(1);
}

/** Longer than the slowest answer. */
function waitMs({ options: { everyMs } }: Stage): number {
  return Math.max(timeoutMinMs, 3 * everyMs);
}

const replyQueue = 'amq.rabbitmq.reply-to.';

/** A question with where its reply goes, or a reply; both with what they are matched by. */
function linesOf({ routingKey, replyTo, correlationId = '' }: Published): string[] {
  const id = `correlation id …${correlationId.slice(-6)}`;
  if (replyTo !== undefined) {
    return [`→ ${routingKey}, ${id}`, `  reply to ${shortened(replyTo)}`];
  }
  return routingKey.startsWith(replyQueue) ? [`← ${shortened(routingKey)}, ${id}`] : [];
}

/** After its dot stands a long text: the address of who asked. */
function shortened(name: string): string {
  return `${replyQueue}…${name.slice(-6)}`;
}
