import { CannotRunHere } from './cannot-run-here.ts';

/** What became of a layer of the tests. */
export interface Outcome {
  layer: string;
  result: 'passed' | 'failed' | 'skipped';
  seconds: number;
  because?: string;
}

/**
 * Runs a layer.
 *
 * @param work resolves to whether its tests passed. A layer is skipped only where it throws {@link CannotRunHere}.
 */
export async function outcomeOf(layer: string, work: () => Promise<boolean>): Promise<Outcome> {
  const started = performance.now();
  const outcome = (result: Outcome['result']) => ({ layer, result, seconds: (performance.now() - started) / 1000 });
  try {
    return outcome((await work()) ? 'passed' : 'failed');
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return { ...outcome(error instanceof CannotRunHere ? 'skipped' : 'failed'), because };
  }
}

/** A skipped layer is a failure in CI, where nobody would notice. */
export function exitCodeOf(outcomes: readonly Outcome[], { CI }: { CI?: string | undefined }): number {
  const inCi = CI !== undefined && CI !== '' && CI !== 'false';
  return outcomes.every(({ result }) => result === 'passed' || (result === 'skipped' && !inCi)) ? 0 : 1;
}

/** The outcomes as lines for people. */
export function formatOutcomes(outcomes: readonly Outcome[]): string {
  const line = ({ layer, result, seconds, because }: Outcome) =>
    `  ${layer.padEnd(10)} ${result.padEnd(8)} ${seconds.toFixed(0).padStart(4)} s${because ? `  ${because}` : ''}`;
  return ['Layers:', ...outcomes.map(line)].join('\n');
}
