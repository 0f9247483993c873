/** A service that provides this has figures and warnings of its own in its readiness. */
export abstract class OwnFigures {
  abstract read(): Promise<{
    figures: Record<string, number>;
    /** What deserves a look, a sentence each. */
    warnings: string[];
  }>;
}
