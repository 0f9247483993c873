import { blockedFrame, cancelFrame, crashFrame, Frames, isPassiveDeclare } from './amqp-frames';
import { readConsume, readConsumeOk, unblockedFrame, type Frame } from './amqp-frames';
import { TcpTap, type Wire } from '../../dev/local/tcp-tap';

interface Line extends Wire {
  /** The queue that the client last consumed from on a channel. */
  asked: Map<number, string>;
  consumers: Map<number, { queue: string; tag: string }>;
  /** Channels on which nothing more reaches the broker. */
  cut: Set<number>;
  mode: 'open' | 'deaf' | 'frozen';
}

const heartbeat = 8;
/** A quorum queue goes on counting a consumer that is cancelled for a moment. */
const forgetMs = 100;

/** A wire to the real broker that does what broker and network do on a bad day. */
export class AmqpTap extends TcpTap {
  /** Frames that the client sent, heartbeats aside. */
  sent = 0;
  /** How often the broker let the client consume. */
  consumed = 0;
  swallowed = 0;

  /** So much later the broker's frames reach the client. */
  latencyMs = 0;

  /** Every consumer of this queue is lost as soon as the broker has let it consume. */
  losing?: string;

  /** Every consumer of this queue is cancelled in the packet that lets it consume. */
  cancelling?: string;

  /** The broker crashes, and ends the connection, at the next consume from this queue. */
  crashingOnce?: string;

  /** Passive declares of queues do not reach the broker; all else does. */
  dropsPassiveDeclares = false;

  /** From a message with this on, nothing that the client sends on that channel passes. */
  cutting?: string;

  private readonly lines = new Set<Line>();

  /** The broker cancels the queue's consumers; the client never hears of it. @returns how many */
  loseConsumers(queue: string): number {
    let lost = 0;
    for (const { server, consumers } of this.lines) {
      for (const [channel, consumer] of consumers) {
        if (consumer.queue !== queue) continue;
        server.write(cancelFrame(channel, consumer.tag));
        lost += 1;
      }
    }
    return lost;
  }

  /** The broker cancels the oldest of the queue's consumers, and says so. */
  cancelFirst(queue: string): void {
    for (const { client, server, consumers } of this.lines) {
      for (const [channel, consumer] of consumers) {
        if (consumer.queue !== queue) continue;
        const cancel = cancelFrame(channel, consumer.tag);
        server.write(cancel);
        client.write(cancel);
        return;
      }
    }
  }

  /** The broker says that it takes nothing, as it does when its disk is nearly full. */
  block(reason: string): void {
    for (const { client } of this.lines) client.write(blockedFrame(reason));
  }

  unblock(): void {
    for (const { client } of this.lines) client.write(unblockedFrame());
  }

  /** Today's connections beat on, but nothing else that the client sends reaches the broker. */
  deafen(): void {
    for (const line of this.lines) line.mode = 'deaf';
  }

  /** Nothing passes, either way, on today's connections and on new ones. */
  override freeze(): void {
    this.frozen = true;
    for (const line of this.lines) line.mode = 'frozen';
  }

  /** New connections pass; those that were frozen are ended. */
  override thaw(): void {
    this.frozen = false;
    for (const { client, mode } of this.lines) if (mode === 'frozen') client.destroy();
  }

  protected override pass(wire: Wire): void {
    const mode = this.frozen ? 'frozen' : 'open';
    const line: Line = { ...wire, asked: new Map(), consumers: new Map(), cut: new Set(), mode };
    this.lines.add(line);
    const [sent, answers] = [new Frames(), new Frames()];
    const fromClient = (frame: Frame) => this.fromClient(line, frame);
    const fromBroker = (frame: Frame) => this.fromBroker(line, frame);
    wire.client.on('data', (data) => sent.push(data).forEach(fromClient));
    wire.server.on('data', (data) => answers.push(data).forEach(fromBroker));
    wire.client.on('close', () => this.lines.delete(line));
  }

  private fromClient(line: Line, frame: Frame): void {
    if (frame.type !== heartbeat) this.sent += 1;
    if (this.isLost(line, frame)) {
      this.swallowed += 1;
      return;
    }
    const queue = readConsume(frame);
    if (queue !== undefined && queue === this.crashingOnce) {
      this.crashingOnce = undefined;
      line.client.write(crashFrame());
      return;
    }
    if (queue !== undefined) line.asked.set(frame.channel, queue);
    line.server.write(frame.bytes);
  }

  private isLost({ mode, cut }: Line, frame: Frame): boolean {
    if (this.cutting !== undefined && frame.bytes.includes(this.cutting)) cut.add(frame.channel);
    if (mode === 'frozen' || cut.has(frame.channel)) return true;
    return (
      (mode === 'deaf' && frame.type !== heartbeat) ||
      (this.dropsPassiveDeclares && isPassiveDeclare(frame))
    );
  }

  private fromBroker(line: Line, frame: Frame): void {
    if (line.mode === 'frozen') return;
    const tag = readConsumeOk(frame);
    const queue = line.asked.get(frame.channel);
    if (tag !== undefined && queue !== undefined) {
      this.consumed += 1;
      line.consumers.set(frame.channel, { queue, tag });
    }
    if (tag !== undefined && queue !== undefined && queue === this.cancelling) {
      const cancel = cancelFrame(frame.channel, tag);
      line.server.write(cancel);
      line.client.write(Buffer.concat([frame.bytes, cancel]));
      return;
    }
    const loses = tag !== undefined && queue === this.losing && queue !== undefined;
    if (loses) line.server.write(cancelFrame(frame.channel, tag));
    const lateMs = loses ? forgetMs : this.latencyMs;
    if (lateMs === 0) line.client.write(frame.bytes);
    else setTimeout(() => line.client.write(frame.bytes), lateMs);
  }
}
