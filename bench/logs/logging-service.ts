import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger, Module } from '@nestjs/common';
import { MessagingHealth, withTrace } from '@tradepost/messaging';
import { createService, ServiceConfig, ServiceModule } from '@tradepost/service';
import { eventually } from '@tradepost/messaging/testing';
import { obey } from '../harness/obey';
import { factsOf, text } from './line';
import type { Command } from './protocol';

/** A service of the shop that does nothing but log: module, config and logger are theirs. */

/** So many lines a turn, and a moment for the socket: at most some 15,000 a second. */
const burst = 20;
const pauseMs = 1;

@Module({ imports: [ServiceModule.forRoot({ name: 'bench-logging', config: ServiceConfig })] })
class LoggingModule {}

const log = new Logger('AdvanceOrder');

const ready = createService(LoggingModule, process.env).then(async (app) => {
  await app.init();
  await eventually(async () => {
    const { ok, problems } = await app.get(MessagingHealth).check();
    if (!ok) throw new Error(problems.join(', '));
  });
});

async function write(count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    // Each line is of a flow of its own, as the lines of different orders are.
    await withTrace(undefined, async () => log.log(text, factsOf(number)));
    if (number % burst === burst - 1) await delay(pauseMs);
  }
}

obey<Command>(async (command) => (command.do === 'write' ? write(command.count) : ready));
