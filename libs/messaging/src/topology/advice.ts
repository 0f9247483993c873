export interface Advice {
  /** `warning` is something to do; `note` something to know. */
  level: 'warning' | 'note';
  /** Stable: `disabled-feature-flag`. */
  code: string;
  text: string;
}
