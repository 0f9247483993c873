import { eventually } from '@tradepost/test-kit';
import type { Drill } from '../drill';

const poison: Drill = {
  name: 'poison-message',
  flow: 'poison',
  quick: true,
  dead: 5,
  async run(scene) {
    await scene.send(5);
    scene.fault(5);
  },
};

const malformed: Drill = {
  name: 'malformed-json',
  quick: true,
  dead: 3,
  async run(scene) {
    for (const content of ['{"job": 1', 'not json', '']) {
      await scene.wireNonsense(Buffer.from(content));
      scene.fault();
    }
    await scene.send(20);
  },
};

const wrongType: Drill = {
  name: 'field-of-wrong-type',
  quick: true,
  dead: 2,
  async run(scene) {
    const right = scene.body(0);
    for (const wrong of [{ not: 'this' }, null]) {
      const body = Object.fromEntries(Object.keys(right).map((key) => [key, wrong]));
      await scene.wireNonsense(scene.side.wire(body));
      scene.fault();
    }
    await scene.send(20);
  },
};

const large: Drill = {
  name: 'message-of-1-mb',
  quick: true,
  async run(scene) {
    for (let i = 0; i < 5; i += 1) {
      await scene.wireJob({ padding: 'x'.repeat(1_000_000) });
      scene.fault();
    }
    await scene.send(20);
  },
};

const unroutable: Drill = {
  name: 'unroutable',
  quick: true,
  async run(scene) {
    await scene.consumer.stop();
    await scene.wire.deleteQueue(scene.queue);
    await scene.send(20);
    const returned = async () => {
      const count = (await scene.ledger.returned()).length;
      if (count === 0 && scene.side.name === 'ours') throw new Error('nothing was returned yet');
    };
    await eventually(returned);
    scene.fault(20);
    await scene.restartConsumer();
  },
};

export const messages = [poison, malformed, wrongType, large, unroutable];
