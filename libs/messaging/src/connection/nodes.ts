import { unescape } from 'node:querystring';
import { BadBrokerUrl } from './bad-broker-url';

/**
 * With user, password and certificates, of one node or of several of a cluster:
 * `amqp://user:password@a:5672,b:5672/vhost`, or a list of URLs. A function is asked for each
 * connection.
 */
export type BrokerUrl = string | readonly string[] | (() => string);

/** A URL for each node. @throws BadBrokerUrl */
export function nodesOf(url: BrokerUrl): URL[] {
  const given = typeof url === 'function' ? url() : url;
  return [given].flat().flatMap(eachHost).map(parse);
}

/** Of what is the same for all nodes: virtual host, user, parameters. @throws BadBrokerUrl */
export function parsed(url: string): URL {
  const [first] = nodesOf(url);
  if (!first) throw new BadBrokerUrl('is none');
  return first;
}

/** As amqplib has it: no path is the virtual host `/`. @throws BadBrokerUrl */
export function virtualHostOf(url: string): string {
  return unescape(parsed(url).pathname.slice(1)) || '/';
}

/** Where the next connection of this process begins: replicas do not all begin at one node. */
let turn = Math.floor(Math.random() * 2 ** 16);

/** The nodes of a cluster, each connection beginning at the next one. */
export function inTurn(nodes: readonly URL[]): URL[] {
  const first = turn++ % nodes.length;
  return [...nodes.slice(first), ...nodes.slice(0, first)];
}

// A password that is not encoded may have a comma: it is before the host.
function eachHost(url: string): string[] {
  const [, before = '', hosts = '', after = ''] =
    /^(\w+:\/\/(?:[^/?#]*@)?)([^/?#]*)([^]*)$/.exec(url) ?? [];
  if (!hosts.includes(',')) return [url];
  return hosts.split(',').map((host) => `${before}${host}${after}`);
}

function parse(url: string): URL {
  // What `new URL` throws has the whole text with it.
  if (!URL.canParse(url)) throw new BadBrokerUrl('is none');
  return new URL(url);
}
