import { connect } from 'node:net';
import { Answers, type Answer } from './answers';

/** What came of the bytes that were sent on one connection. */
export interface Outcome {
  answers: Answer[];
  /** `hung`: neither all answers nor the end of the connection came in time. */
  end: 'answered' | 'closed' | 'hung' | 'garbled';
  tookMs: number;
}

/** Longer than a route takes that asks another service; shorter than any wait for ever. */
const withinMs = 15_000;

/**
 * Sends bytes as they are, on a connection of their own, and reads until all is answered.
 * @param methods of the requests in them
 * @param breaksOff the sender says that nothing more comes
 */
export async function exchange(
  url: string,
  bytes: Buffer,
  { methods, breaksOff }: { methods: string[]; breaksOff: boolean },
): Promise<Outcome> {
  const { hostname, port } = new URL(url);
  const began = performance.now();
  const answers = new Answers(methods);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const settle = (end: Outcome['end']) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answers: answers.all, end, tookMs: performance.now() - began });
    };
    const timer = setTimeout(() => settle('hung'), withinMs);
    const closed = () => {
      answers.end();
      settle(answers.isWhole ? 'answered' : 'closed');
    };
    socket.on('data', (data) => {
      try {
        answers.add(data);
      } catch {
        return settle('garbled');
      }
      if (answers.isWhole) settle('answered');
    });
    socket.on('error', closed);
    socket.on('end', closed);
    if (breaksOff) socket.end(bytes);
    else socket.write(bytes);
  });
}
