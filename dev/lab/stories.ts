import { competingWorkers } from './competing-workers/story';
import { fanout } from './fanout/story';
import { outbox } from './outbox/story';
import { retry } from './retry/story';
import { rpc } from './rpc/story';
import type { Story } from './story';
import { topic } from './topic/story';

/** By the pattern that it shows. */
export const stories = {
  'competing-workers': competingWorkers,
  topic,
  fanout,
  rpc,
  retry,
  outbox,
} satisfies Record<string, Story>;

export type Pattern = keyof typeof stories;

export const patterns = Object.keys(stories) as Pattern[];
