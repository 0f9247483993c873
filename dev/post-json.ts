import { request, type Agent } from 'node:http';

export interface Answer {
  status: number;
  text: string;
}

export interface PostOptions {
  agent: Agent;
  headers?: Record<string, string>;
  /** For the whole of the answer. */
  timeoutMs?: number;
}

const textMax = 1_000_000;

/** A POST, and whatever the answer is. @throws when there is none, or too late, or too large */
export function postJson(
  url: URL,
  text: string,
  { agent, headers, timeoutMs = 30_000 }: PostOptions,
): Promise<Answer> {
  const all = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  };
  return new Promise<Answer>((resolve, reject) => {
    const sending = request(url, { agent, method: 'POST', headers: all });
    const fail = (why: string) => sending.destroy(new Error(why));
    const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`), timeoutMs);
    sending.on('response', (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
        if (answer.length > textMax) fail(`an answer of more than ${textMax} characters`);
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }));
    });
    sending.on('error', reject);
    sending.on('close', () => {
      clearTimeout(timer);
      reject(new Error('closed without an answer'));
    });
    sending.end(text);
  });
}
