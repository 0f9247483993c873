import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from './problem';

const titles: Record<string, [status: string, type: string, title: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request-timeout', 'The request took too long'],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'header-too-large',
    'The address and the headers are too large',
  ],
};
const malformed = ['400 Bad Request', 'malformed-request', 'The request is not HTTP'] as const;

/** Of each connection: what is not answered yet, in the order of the requests. */
const unanswered = new WeakMap<Socket, Set<ServerResponse>>();
const refused = new WeakSet<Socket>();

/** So that a refusal is not taken for the answer to a request before it on its connection. */
export function refuseInTurn(server: Server): void {
  server.on('request', ({ socket }, response) => {
    const open = unanswered.get(socket) ?? new Set();
    unanswered.set(socket, open.add(response));
    response.once('close', () => open.delete(response));
  });
}

/** Answers requests that the HTTP parser refuses: Fastify has neither request nor reply then. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // Each byte behind the first wrong one is an error too.
  if (refused.has(socket)) return;
  refused.add(socket);
  // One that is not complete is the refused one itself.
  const before = [...(unanswered.get(socket) ?? [])].findLast(({ req }) => req.complete);
  if (before) before.once('close', () => refuse(error, socket));
  else refuse(error, socket);
}

function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.destroyed) return;
  const [line, type, title] = titles[error.code ?? ''] ?? malformed;
  const { details } = new Problem({ status: parseInt(line), type, title });
  const body = JSON.stringify(details);
  const head = [
    `HTTP/1.1 ${line}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}
