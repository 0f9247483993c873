import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Entered } from './sign-in';

/** The part of Fastify's request that is used here. */
export interface ConsoleRequest {
  url: string;
  method: string;
  ip: string;
  /** `https` also when a trusted proxy says so. */
  protocol: string;
  headers: Record<string, string | undefined>;
  /** The route that was taken, as it is declared. */
  routeOptions: { url?: string };
  raw: IncomingMessage;
  /** Of who has signed in. */
  session?: Entered;
}

/** The part of Fastify's reply for answers that are written by hand. */
export interface RawReply {
  /** Takes the answer out of Fastify's hands. */
  hijack(): unknown;
  raw: ServerResponse;
  request: ConsoleRequest;
}
