import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** What is mutated, by what it does: credentials, selection, plan and apply. Files and globs from the root. */
export const parts = {
  credentials: ['job/src/credentials/*.ts'],
  selection: ['job/src/plan/selection.ts', 'job/src/config/glob.ts', 'job/src/config/label-selector.ts'],
  plan: ['job/src/plan/!(selection).ts'],
  apply: ['job/src/run/apply.ts', 'job/src/run/carry-out.ts', 'job/src/run/perform.ts'],
} as const;

export type Part = keyof typeof parts;

/** A small file of each part, for the short form: from the root. */
export const sample: Readonly<Record<Part, string>> = {
  credentials: 'job/src/credentials/first-few.ts',
  selection: 'job/src/config/glob.ts',
  plan: 'job/src/plan/retired-target.ts',
  apply: 'job/src/run/perform.ts',
};

/** The files of a part, from the root. */
export function filesOf(part: Part): string[] {
  return globSync([...parts[part]], { cwd: root }).toSorted();
}
