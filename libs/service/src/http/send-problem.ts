import type { Problem } from './problem';
import type { HttpReply } from './reply';

export function sendProblem(reply: HttpReply, { details, headers }: Problem): void {
  if (reply.sent) return;
  reply.status(details.status);
  reply.header('content-type', 'application/problem+json');
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  // As bytes: to a text Fastify would add a charset, which this media type does not have.
  reply.send(Buffer.from(JSON.stringify(details)));
}
