import { createHash } from 'node:crypto';
import { parse, stringify } from 'yaml';
import { problemOf } from '../cluster/cluster-error.ts';
import type { Config } from '../config/config.ts';
import { type Mask, maskStrings } from '../credentials/masking.ts';
import type { LoadedTarget } from '../credentials/sources.ts';
import { isRecord } from '../json.ts';
import type { NamesInUse } from '../plan/names-in-use.ts';
import { describeEviction } from '../pods/describe-pod.ts';
import type { Problem } from '../problem.ts';
import { parseRefusedLogins, type RefusedLogin } from '../registry/refused-logins.ts';
import type { RunResult } from '../run/run-result.ts';
import { version } from '../version.ts';
import { describeConflict, describeEditedCopy, describeWithheld } from './describe.ts';
import { isComplete, mostNamed, summarise } from './summary.ts';

/** How a run ended. */
export interface Ending {
  started: Date;
  finished: Date;
  exitCode: number;
  /** What it found and did, or why it could not even begin. */
  outcome: RunResult | Problem;
}

/** What a later run has to know of an earlier status. */
export interface EarlierStatus {
  /** The whole of it. */
  fields: Record<string, unknown>;
  started: string;
  namesInUse: NamesInUse;
  /** See {@link inLineWith}; of the last run that left nothing undone. */
  inLineWith: string | undefined;
  refusedLogins: RefusedLogin[];
}

/** Nothing is known where there is no status, or none that can be read. */
export function parseStatus(text: string | undefined): EarlierStatus {
  const fields = parseFields(text ?? '');
  const names = isRecord(fields.namesInUse) ? fields.namesInUse : {};
  return {
    fields,
    started: typeof fields.started === 'string' ? fields.started : '',
    namesInUse: { secrets: strings(names.secrets), serviceAccounts: strings(names.serviceAccounts) },
    inLineWith: typeof fields.inLineWith === 'string' ? fields.inLineWith : undefined,
    refusedLogins: parseRefusedLogins(fields.refusedLogins),
  };
}

/** How a run ended. */
export interface LastRun {
  /** ISO 8601. */
  finished: string;
  exitCode: number;
  /** What it said of copies that another program had changed, as many as a status names. */
  editedCopies: SaidOfCopy[];
  /** What it could not do, as many as a status names. */
  failures: SaidOfFailure[];
}

/** Of what {@link describeEditedCopy} says. */
export interface SaidOfCopy {
  namespace: string;
  writer: string;
  fix: string;
}

export interface SaidOfFailure extends Problem {
  /** Where it was; not where it concerns no single one. */
  namespace?: string;
}

export function parseLastRun(text: string | undefined): LastRun | undefined {
  const { finished, exitCode, editedCopiesNamed, failuresNamed } = parseFields(text ?? '');
  if (typeof finished !== 'string' || typeof exitCode !== 'number') return undefined;
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  return {
    finished,
    exitCode,
    editedCopies: list(editedCopiesNamed).flatMap(saidOfCopy),
    failures: list(failuresNamed).flatMap(saidOfFailure),
  };
}

function saidOfFailure(said: unknown): SaidOfFailure[] {
  if (!isRecord(said)) return [];
  const { namespace, message, fix } = said;
  if (typeof message !== 'string' || typeof fix !== 'string') return [];
  return [{ ...(typeof namespace === 'string' ? { namespace } : {}), message, fix }];
}

function saidOfCopy(said: unknown): SaidOfCopy[] {
  if (!isRecord(said)) return [];
  const { namespace, writer, fix } = said;
  return typeof namespace === 'string' && typeof writer === 'string' && typeof fix === 'string'
    ? [{ namespace, writer, fix }]
    : [];
}

/** The programs that changed copies, each once, since a patcher changes the copies of every namespace. */
export function writersOf({ editedCopies }: LastRun): Array<{ writer: string; namespaces: string[]; fix: string }> {
  return [...Map.groupBy(editedCopies, ({ writer }) => writer)].map(([writer, copies]) => ({
    writer,
    namespaces: copies.map(({ namespace }) => namespace),
    fix: copies[0]?.fix ?? '',
  }));
}

/** The status of a run that ended. */
export function formatEnding(
  { started, finished, exitCode, outcome }: Ending,
  earlier: EarlierStatus,
  mask: Mask,
): string {
  const ended = { version, started: started.toISOString(), finished: finished.toISOString(), exitCode };
  if ('message' in outcome)
    return formatFields({ ...ended, ...maskStrings({ failuresNamed: [outcome] }, mask) }, earlier);
  const state = isComplete(outcome) ? inLineWith(outcome.config, outcome.targets) : earlier.inLineWith;
  return formatFields(
    { ...ended, ...summarise(outcome), ...maskStrings(described(outcome), mask) },
    { ...earlier, inLineWith: state, refusedLogins: outcome.refusedLogins ?? earlier.refusedLogins },
  );
}

/** A status with other names. */
export function formatNames({ fields, ...earlier }: EarlierStatus): string {
  return formatFields(fields, { fields, ...earlier });
}

/**
 * Tells one state of the configuration and the sources' versions from another. No credential goes into it, and there is
 * none for files, which have no version.
 */
export function inLineWith(
  { standStillUntil: _, ...config }: Config,
  targets: readonly LoadedTarget[],
): string | undefined {
  const sources = targets.flatMap((target) => target.sources);
  if (sources.some((source) => source.version === undefined)) return undefined;
  return createHash('sha256')
    .update(JSON.stringify([version, config, sources]))
    .digest('hex');
}

function described(result: RunResult): Record<string, unknown> {
  const conflicts = result.placements.flatMap((placement) =>
    placement.conflicts.map((conflict) => describeConflict(placement, conflict)),
  );
  const failures = [
    ...result.problems,
    ...result.recreated.problems,
    ...describeWithheld(result).map(named),
    ...result.placements.flatMap(({ namespace, failure }) => (failure ? [{ namespace, ...problemOf(failure) }] : [])),
  ];
  return {
    ...(result.interrupted ? { interrupted: true } : {}),
    targets: result.targets.map(({ target, sources, problems }) => ({
      name: target.name,
      secretName: target.secretName,
      sources,
      problems,
    })),
    conflictsNamed: conflicts.slice(0, mostNamed).map(named),
    editedCopiesNamed: result.editedCopies.slice(0, mostNamed).map((copy) => named(describeEditedCopy(copy))),
    podsEvictedNamed: result.recreated.pods.slice(0, mostNamed).map((one) => named(describeEviction(one, 'done'))),
    failuresNamed: failures.slice(0, mostNamed),
  };
}

function named([message, fields]: [message: string, fields: object]): object {
  return { message, ...fields };
}

function formatFields(fields: object, { namesInUse, inLineWith, refusedLogins }: EarlierStatus): string {
  return stringify(
    {
      ...fields,
      namesInUse,
      ...(inLineWith === undefined ? {} : { inLineWith }),
      ...(refusedLogins.length > 0 ? { refusedLogins } : {}),
    },
    { version: '1.1', lineWidth: 0 },
  );
}

function parseFields(text: string): Record<string, unknown> {
  try {
    const fields: unknown = parse(text);
    return isRecord(fields) ? fields : {};
  } catch {
    return {};
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
