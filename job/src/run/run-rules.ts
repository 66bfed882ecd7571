import { ClusterError } from '../cluster/cluster-error.ts';
import type { Config } from '../config/config.ts';
import type { LoadedTarget } from '../credentials/sources.ts';
import type { EngineDeps } from './engine-deps.ts';

/** A mark that nobody took off again, since a cleanup was killed, holds until its time only. */
export function standsStill({ standStillUntil }: Config, { clock }: EngineDeps): boolean {
  return standStillUntil !== undefined && Date.parse(standStillUntil) > clock.now().getTime();
}

export function isAnyUsable(targets: readonly LoadedTarget[]): boolean {
  return targets.some(({ content }) => content !== undefined);
}

export function isInterruption(error: unknown): boolean {
  if (error instanceof ClusterError) return error.kind === 'interrupted';
  return error instanceof Error && error.name === 'AbortError';
}

/** Keeps what a target's sources hold out of every output, and tells what is odd about them. */
export function noteTarget(
  { target, confidential, warnings }: LoadedTarget,
  { log, mask }: Pick<EngineDeps, 'log' | 'mask'>,
): void {
  for (const value of confidential) mask.add(value);
  for (const warning of warnings) log.warn(warning, { target: target.name });
}
