/** By the path of a source in the tree: what has run of it. */
export type Files = Record<string, { functions: string[]; lines: number[] }>;

/** What has run of the sources in a suite. */
export interface SuiteRan {
  /** As files were loaded, and between the tests. */
  between: Files;
  tests: Record<string, { ms: number; files: Files }>;
}
