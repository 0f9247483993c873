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

/** Answers requests that the HTTP parser refuses: Fastify has neither request nor reply then. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
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
