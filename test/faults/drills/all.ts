import { backlog } from './backlog';
import type { Drill } from './drill';
import { links } from './links';
import { messages } from './messages';
import { processes } from './processes';
import { servers } from './servers';

/** Quick ones first: what is broken is known soon. */
export const drills: Drill[] = [...messages, ...processes, ...links, ...servers, backlog];
