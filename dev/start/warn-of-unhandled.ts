import { unhandledAmong, type DeclaredMessaging } from '@tradepost/messaging';
import { fetch } from 'undici';
import { services } from '../../apps/services';
import { urlOf } from './environment';
import { say } from './lines';
import type { Ports } from './ports';

const timeoutMs = 3_000;

/** Says what a service sends and none handles: only who starts all of them can tell. */
export async function warnOfUnhandled(ports: Ports, token: string | undefined): Promise<void> {
  if (token === undefined) return;
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { authorization: `Bearer ${token}` };
  try {
    const declared = services.map(async (app) => {
      const answer = await fetch(`${urlOf(app, ports)}/ops/topology`, { headers, signal });
      if (!answer.ok) throw new Error(`${app} answered ${answer.status}`);
      return (await answer.json()) as DeclaredMessaging;
    });
    for (const text of unhandledAmong(await Promise.all(declared))) say(`Warning: ${text}`);
  } catch (error) {
    say(`Not known whether everything that is sent is handled: ${String(error)}`);
  }
}
