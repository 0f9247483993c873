/** What a logging service and a raw inserter are asked, over Node's IPC; each has a reply. */
export type Command =
  | { do: 'report-ready' }
  /** Replies when the last one is written. */
  | { do: 'write'; count: number };
