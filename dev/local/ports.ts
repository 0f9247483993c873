import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which systems take the ports of outgoing connections, so that none of
// those gets in between choosing a port and listening on it.
const portMin = 20_000;
const portMax = 29_999;
const attemptsMax = 200;

// Onward from a place of its own: what this process chose and does not listen on yet is not chosen
// again, however many choose at once, and other processes seldom come by.
let next = randomInt(portMin, portMax + 1);

/** True when nothing on this machine listens on the port. */
export async function isFree(port: number): Promise<boolean> {
  // Both: on some systems a listener on one of these does not keep another from the other.
  return (await canListen(port, '0.0.0.0')) && (await canListen(port, '127.0.0.1'));
}

/** A free port for each that was asked for; a preferred one that is free is taken. */
export async function freePorts<const P extends readonly (number | undefined)[]>(
  preferred: P,
): Promise<{ [I in keyof P]: number }> {
  const chosen: number[] = [];
  for (const port of preferred) {
    const good = port !== undefined && !chosen.includes(port) && (await isFree(port));
    chosen.push(good ? port : await anyFree(chosen));
  }
  return chosen as { [I in keyof P]: number };
}

async function anyFree(not: number[]): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = next;
    next = port === portMax ? portMin : port + 1;
    if (!not.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port found between ${portMin} and ${portMax}`);
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
