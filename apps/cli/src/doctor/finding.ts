/** One thing that was looked at. `missing` is needed and not there; `note` could be better. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'missing';
  /** What was found, in a few words. */
  readonly found: string;
  /** What to do; absent when all is well. */
  readonly action?: string;
}

export type Examination = (cwd: string) => Promise<Finding | Finding[]> | Finding | Finding[];
