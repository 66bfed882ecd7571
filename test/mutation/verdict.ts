import type { FileResult, Survivor } from './report.ts';
import { filesOf, type Part, parts } from './scope.ts';

/** Why a mutant may live: an entry of explanations.json. */
export interface Explanation {
  /** From the root. */
  file: string;
  /** The text that is changed. White space counts as one space. */
  original: string;
  /** What it becomes. Default: anything. */
  replacement?: string;
  because: string;
}

/** Of a hundred mutants of a part, so many have to be killed. */
export const bar = 90;

/** The mutants killed, of a hundred that count. */
export function scoreOf(results: readonly FileResult[]): number {
  const killed = results.reduce((sum, one) => sum + one.killed, 0);
  const live = results.reduce((sum, one) => sum + one.survivors.length, 0);
  return killed + live === 0 ? 100 : (100 * killed) / (killed + live);
}

export function explains(explanation: Explanation, file: string, { original, replacement }: Survivor): boolean {
  return (
    explanation.file === file &&
    explanation.original === original &&
    (explanation.replacement === undefined || explanation.replacement === replacement)
  );
}

/** What is not as it should be, a sentence each: parts below the bar, survivors without a reason, reasons for none. */
export function faultsOf(
  results: Readonly<Record<string, FileResult>>,
  explanations: readonly Explanation[],
): string[] {
  const below = (Object.keys(parts) as Part[]).flatMap((part) => {
    const score = scoreOf(filesOf(part).flatMap((file) => results[file] ?? []));
    return score < bar ? [`${part}: ${score.toFixed(1)} of a hundred mutants are killed, and ${bar} should be`] : [];
  });
  const live = Object.entries(results).flatMap(([file, { survivors }]) =>
    survivors.map((survivor) => ({ file, survivor })),
  );
  const unexplained = live
    .filter(({ file, survivor }) => !explanations.some((one) => explains(one, file, survivor)))
    .map(({ file, survivor: { original, replacement } }) => `${file}: no test notices ${original} → ${replacement}`);
  const idle = explanations
    .filter((one) => !live.some(({ file, survivor }) => explains(one, file, survivor)))
    .map(({ file, original }) => `${file}: ${original} is explained, and no mutant of it lives`);
  return [...below, ...unexplained, ...idle];
}
