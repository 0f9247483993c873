import { Injectable } from '@nestjs/common';
import { managementDispatcher, virtualHostOf } from '@tradepost/messaging';
import { unescape } from 'node:querystring';
import { ConsoleConfig } from '../console.config';
import { ask } from '../upstream/http';
import { Probe } from './probe';

const timeoutMs = 1_800;
const queuesEveryMs = 1_000;
const overviewEveryMs = 5_000;

/** A queue as the management API counts it: its figures are up to some seconds old. */
export interface BrokerQueue {
  name: string;
  /** Of one connection, with which it goes: none that code could declare for all. */
  exclusive?: boolean;
  messages_ready?: number;
  messages_unacknowledged?: number;
  consumers?: number;
  message_stats?: {
    publish_details?: { rate: number };
    ack_details?: { rate: number };
    /** Since its node started. */
    ack?: number;
  };
}

interface BrokerNode {
  name: string;
  mem_alarm?: boolean;
  disk_free_alarm?: boolean;
  running?: boolean;
}

const columns = [
  'name',
  'exclusive',
  'messages_ready',
  'messages_unacknowledged',
  'consumers',
  'message_stats.publish_details.rate',
  'message_stats.ack_details.rate',
  'message_stats.ack',
].join(',');

/** What the broker's management API says, of the virtual host that the services use. */
@Injectable()
export class BrokerView {
  readonly queues: Probe<BrokerQueue[]>;
  readonly overview: Probe<{ version: string; alarms: string[] }>;
  private readonly base: string | undefined;
  private readonly vhost: string;
  private readonly authorization: string;
  private readonly dispatcher: ReturnType<typeof managementDispatcher>;

  constructor({ AMQP_MANAGEMENT_URL, AMQP_URL }: ConsoleConfig) {
    const url = AMQP_MANAGEMENT_URL === undefined ? undefined : new URL(AMQP_MANAGEMENT_URL);
    this.base = url && `${url.origin}/api`;
    this.dispatcher = url && managementDispatcher(url.href, AMQP_URL);
    const login = `${unescape(url?.username ?? '')}:${unescape(url?.password ?? '')}`;
    this.authorization = `Basic ${Buffer.from(login).toString('base64')}`;
    this.vhost = encodeURIComponent(virtualHostOf(AMQP_URL));
    const queues = `/queues/${this.vhost}?columns=${columns}`;
    this.queues = new Probe(queuesEveryMs, async () => {
      const all = await this.get<BrokerQueue[]>(queues);
      return all.filter(({ exclusive }) => exclusive !== true);
    });
    this.overview = new Probe(overviewEveryMs, () => this.readOverview());
  }

  get isConfigured(): boolean {
    return this.base !== undefined;
  }

  async poll(): Promise<void> {
    if (!this.isConfigured) return;
    await Promise.all([this.queues.poll(), this.overview.poll()]);
  }

  /** The first messages of a queue: they are put back, marked as redelivered. */
  async peek(queue: string, count: number): Promise<unknown[]> {
    const path = `/queues/${this.vhost}/${encodeURIComponent(queue)}/get`;
    const body = { count, ackmode: 'ack_requeue_true', encoding: 'auto', truncate: 65_536 };
    return this.get<unknown[]>(path, body);
  }

  private async readOverview(): Promise<{ version: string; alarms: string[] }> {
    const [{ rabbitmq_version: version }, nodes] = await Promise.all([
      this.get<{ rabbitmq_version: string }>('/overview?columns=rabbitmq_version'),
      this.get<BrokerNode[]>('/nodes?columns=name,mem_alarm,disk_free_alarm,running'),
    ]);
    const alarms = nodes.flatMap(({ name, mem_alarm, disk_free_alarm, running }) => [
      ...(mem_alarm ? [`${name}: memory is short, nothing is taken`] : []),
      ...(disk_free_alarm ? [`${name}: the disk is nearly full, nothing is taken`] : []),
      ...(running === false ? [`${name} does not run`] : []),
    ]);
    return { version, alarms };
  }

  private async get<T>(path: string, body?: object): Promise<T> {
    return ask<T>("the broker's management API", `${this.base}${path}`, {
      headers: { authorization: this.authorization },
      timeoutMs,
      dispatcher: this.dispatcher,
      ...(body && { method: 'POST', body }),
    });
  }
}
