import type { Problem } from './problem';
import type { HttpReply } from './reply';

export function sendProblem(reply: HttpReply, { details, headers }: Problem): void {
  if (reply.sent) return;
  reply.status(details.status);
  reply.header('content-type', 'application/problem+json');
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  // As bytes: Fastify adds a charset to a text, and this media type has none.
  reply.send(Buffer.from(JSON.stringify(details)));
}
