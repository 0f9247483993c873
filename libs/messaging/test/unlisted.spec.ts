import { Injectable, Module, type Type } from '@nestjs/common';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnFanout, OnRpc, OnWork } from '@tradepost/messaging';
import { unlistedIn } from '../src/handlers/unlisted';
import { adviseContracts } from '../src/topology/lint';
import { unhandledAmong } from '../src/topology/unhandled';
import { wiringsOf } from '../src/handlers/wiring';
import { DoWork, Double, Happened, type Doubled } from './contracts';

@Injectable()
class Worker {
  @OnWork(DoWork)
  async handle(): Promise<void> {
    await Promise.resolve();
  }
}

@Injectable()
class Forgotten {
  @OnFanout(Happened)
  async handle(): Promise<void> {
    await Promise.resolve();
  }
}

class Base {
  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    return Promise.resolve({ value: value * 2 });
  }
}

@Injectable()
class Calculator extends Base {}

@Module({ providers: [Worker, { provide: Base, useClass: Calculator }] })
class Listing {}

@Module({ imports: [Listing] })
class Service {}

describe('a handler that no module provides', () => {
  it('is named, with what to do; listed, inherited or imported ones are not', () => {
    expect(unlistedIn([Service])).toEqual([
      { handler: 'Forgotten.handle', remedy: 'list Forgotten in the providers of its module' },
    ]);
  });

  it('is provided where the application says so, whatever its modules list', () => {
    const provided = [Forgotten.prototype.handle];
    const names = unlistedIn([Service], provided).map(({ handler }) => handler);
    expect(names).toEqual(['Worker.handle', 'Base.double']);
  });

  it('is a file beside its module that nothing has loaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'handlers-'));
    try {
      const loaded = ['shop.module.js', 'pay.work.js'];
      const others = ['ship.fanout.js', 'ship.js', 'ship.fanout.js.map', 'ask.rpc.d.ts'];
      const text = 'exports.ShopModule = class ShopModule {};';
      for (const name of [...loaded, ...others]) await writeFile(join(folder, name), text);
      const [shop] = loaded.map((name) => require(join(folder, name)) as { ShopModule: Type });
      const found = unlistedIn(
        [shop?.ShopModule ?? Service],
        [Worker.prototype.handle, Forgotten.prototype.handle, Base.prototype.double],
      );
      expect(found).toEqual([
        { handler: 'ship.fanout', remedy: 'list its class in the providers of ShopModule' },
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a contract that no service handles', () => {
  it('is named by the commands, with what becomes of its messages and what to do', () => {
    const wirings = wiringsOf(Service, 'shop');
    const advice = adviseContracts({ contracts: [DoWork, Happened, Double], wirings });
    expect(advice).toEqual([
      {
        level: 'warning',
        code: 'unhandled-contract',
        text:
          'Happened: no service handles it, so what is sent waits in the outbox: ' +
          'give a service a method with @OnFanout(Happened)',
      },
    ]);
  });

  it('is named among running services, with who sends it', () => {
    const bindings = [{ exchange: 'paid' }];
    const sends = [
      { contract: 'Paid', pattern: 'fanout' as const, exchange: 'paid' },
      { contract: 'GetUser', pattern: 'rpc' as const, queue: 'users.get-user' },
      { contract: 'GetPrice', pattern: 'rpc' as const, queue: 'prices.get-price' },
    ];
    const services = [
      { service: 'orders', sends, handlers: [] },
      { service: 'ledger', sends: [], handlers: [{ queue: 'ledger.paid', bindings }] },
      { service: 'users', sends: [], handlers: [{ queue: 'users.get-user', bindings: [] }] },
    ];
    expect(unhandledAmong(services)).toEqual([
      'orders sends GetPrice, and no service handles it, so asking fails: ' +
        'give a service a method with @OnRpc(GetPrice)',
    ]);
  });
});
