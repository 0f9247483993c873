import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { isIPv4 } from 'node:net';

/** The addresses of a name, or how else its server treats who asks. */
export type DnsAnswer = string[] | 'silence' | 'garbage';

const types = { a: 1, aaaa: 28 };

/** A DNS server that knows a few names; of any other it says that it is not there. */
export class DnsStandIn {
  private constructor(
    private readonly socket: Socket,
    private readonly questions: string[],
  ) {}

  static async start(names: Record<string, DnsAnswer>): Promise<DnsStandIn> {
    const socket = createSocket('udp4');
    const questions: string[] = [];
    socket.on('message', (query, { port, address }) => {
      const { name, type } = readQuestion(query);
      questions.push(name);
      const answer = names[name] ?? 'unknown';
      if (answer === 'silence') return;
      const reply = answer === 'garbage' ? Buffer.from('garbage') : replyTo(query, type, answer);
      socket.send(reply, port, address);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new DnsStandIn(socket, questions);
  }

  /** One that asks this server alone. */
  resolver(options: { timeout: number; tries: number }): Resolver {
    const resolver = new Resolver(options);
    resolver.setServers([`127.0.0.1:${this.socket.address().port}`]);
    return resolver;
  }

  /** How often it was asked for a name: twice a look-up, for each kind of address. */
  asked(name: string): number {
    return this.questions.filter((one) => one === name).length;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(resolve));
  }
}

const headerBytes = 12;

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** RFC 1035, 4.1: the question again, and a record of each address that was asked for. */
function replyTo(query: Buffer, type: number, found: string[] | 'unknown'): Buffer {
  const wanted =
    found === 'unknown' ? [] : found.filter((one) => isIPv4(one) === (type === types.a));
  const header = Buffer.alloc(headerBytes);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(found === 'unknown' ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(wanted.length, 6);
  const question = query.subarray(headerBytes, readQuestion(query).end);
  return Buffer.concat([header, question, ...wanted.map((address) => record(type, address))]);
}

function record(type: number, address: string): Buffer {
  const bytes = type === types.a ? ipv4(address) : ipv6(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 + headerBytes, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}

const ipv4 = (address: string) => Buffer.from(address.split('.').map(Number));

/** @param address written out, or with one `::` */
function ipv6(address: string): Buffer {
  const [before = '', after] = address.split('::');
  const groups = (text = '') => text.split(':').filter(Boolean);
  const zeros = Array<string>(8 - groups(before).length - groups(after).length).fill('0');
  const all = [...groups(before), ...zeros, ...groups(after)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
