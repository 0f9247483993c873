import type { Stage } from './stage';

/** One pattern, as something that happens. */
export interface Story {
  /** One sentence: what there is to see. */
  title: string;
  /** Files of this repository to read next: the contract, the handler, and how the shop has it. */
  read: readonly string[];
  /** It stops its broker, and so has one of its own, and a database. */
  ownServers?: true;
  tell(stage: Stage): Promise<void>;
}
