import type { Work } from './harness/work';

/** In the order in which `npm run bench` does them. */
export const works: readonly Work[] = [];
