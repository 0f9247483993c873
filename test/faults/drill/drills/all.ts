import type { Drill } from '../drill';
import { backlogs } from './backlog';
import { brokers } from './broker';
import { databases } from './database';
import { links } from './links';
import { messages } from './messages';
import { processes } from './processes';

/** Quick ones first: what is broken is known soon. */
export const drills: Drill[] = [
  ...messages,
  ...processes,
  ...links,
  ...databases,
  ...brokers,
  ...backlogs,
];
