import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { OnTopic, WiringError } from '@tradepost/messaging';
import { wiringsOf } from '../src/handlers/wiring';
import { Noted } from './contracts';

/** A service with a queue of that name. */
function serviceWith(queue: string) {
  class Listener {
    @OnTopic(Noted, { queue, key: '#' })
    async hear(): Promise<void> {
      return Promise.resolve();
    }
  }
  @Module({ providers: [Listener] })
  class Service {}
  return Service;
}

describe('the name of a queue', () => {
  it('leaves room for those of its dead letters and of its move', () => {
    expect(wiringsOf(serviceWith('q'.repeat(240)), 'tests')).toHaveLength(1);
    const tooLong = () => wiringsOf(serviceWith('é'.repeat(121)), 'tests');
    expect(tooLong).toThrow(WiringError);
    expect(tooLong).toThrow("Listener.hear: its queue's name has 242 bytes");
  });
});
