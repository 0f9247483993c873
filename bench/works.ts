import type { Work } from './harness/work';
import { backlog, workers } from './backlog/backlog';
import { history } from './history/history';
import { logs } from './logs/logs';
import { messages } from './messages/messages';
import { order } from './order/order';
import { rpc } from './rpc/rpc';
import { sale } from './sale/sale';
import { security } from './security/security';
import { start } from './start/start';
import { telemetry } from './telemetry/telemetry';

/** In the order in which `npm run bench` does them. */
export const works: readonly Work[] = [
  sale,
  messages,
  rpc,
  logs,
  start,
  backlog,
  workers,
  history,
  telemetry,
  security,
  order,
];
