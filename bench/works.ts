import type { Work } from './harness/work';
import { logs } from './logs/logs';
import { messages } from './messages/messages';
import { rpc } from './rpc/rpc';
import { sale } from './sale/sale';

/** In the order in which `npm run bench` does them. */
export const works: readonly Work[] = [sale, messages, rpc, logs];
