import type { Problem } from '../problem.ts';

/** A source may have thousands of faults, and the status, which is in a ConfigMap of 1 MiB at most, has to hold them. */
const most = 20;

/** The first of what is wrong with a source or target, and how many more there are. */
export function firstProblems(problems: readonly Problem[], of: string): Problem[] {
  return firstFew(problems, (others) => ({
    message: `${of} has ${others} further faults, which are not named`,
    fix: 'mend those that are named, and look again',
  }));
}

/** The first of the warnings about a source or target, and how many more there are. */
export function firstWarnings(warnings: readonly string[], of: string): string[] {
  return firstFew(warnings, (others) => `${of} gives reason for ${others} further warnings, which are not shown`);
}

function firstFew<Told>(all: readonly Told[], rest: (others: number) => Told): Told[] {
  return all.length <= most ? [...all] : [...all.slice(0, most), rest(all.length - most)];
}
