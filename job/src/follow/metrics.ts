import type { Clock } from '../clock.ts';
import type { LoadedTarget } from '../credentials/sources.ts';
import type { Conflict } from '../plan/placement.ts';
import { isComplete } from '../report/summary.ts';
import { isAnyUsable } from '../run/run-rules.ts';
import { version } from '../version.ts';
import type { FollowerPass } from './follower.ts';
import { type Family, formatFamilies, type Sample } from './metrics-text.ts';

/** A pass that takes longer hangs: milliseconds. Each request of it ends after half a minute. */
const longestPass = 900_000;
/** Upper bounds of the histogram: seconds. */
const buckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const reasons: Array<Conflict['kind']> = ['keptSecret', 'appliedList', 'appliedReference'];

/** What a follower tells of itself. */
export interface Metrics {
  countAnswer(verb: string, code: string): void;
  /** A pass begins. */
  begin(): void;
  /** There is nothing to do for now, however the last pass ended. */
  rest(): void;
  /** A pass came to its end. */
  end(pass: FollowerPass): void;
  /** A pass could not even begin its work. */
  fail(): void;
  /** Whether it does its work, or waits for some. */
  isAlive(): boolean;
  /** Whether the last look at everything found a configuration and sources that it could work with. */
  isReady(): boolean;
  text(): string;
}

interface NamespaceState {
  wanted: boolean;
  inLine: boolean;
  failed: boolean;
  conflicts: Array<Conflict['kind']>;
}

export function createMetrics(clock: Clock): Metrics {
  const answers = new Map<string, { verb: string; code: string; count: number }>();
  const seconds = { counts: buckets.map(() => 0), sum: 0, count: 0 };
  /** When each target's sources came to be what they are, as far as this process knows. */
  const sources = new Map<string, { version: string; since: number }>();
  let namespaces = new Map<string, NamespaceState>();
  let working: number | undefined;
  let lastSuccess = 0;
  let ready = false;
  const now = () => clock.now().getTime();
  const { elapsed } = clock;

  const observe = (value: number) => {
    buckets.forEach((bound, index) => {
      if (value <= bound) seconds.counts[index] = (seconds.counts[index] ?? 0) + 1;
    });
    seconds.sum += value;
    seconds.count += 1;
  };
  const noteSources = (targets: readonly LoadedTarget[]) => {
    for (const { target, version: current } of targets) {
      if (sources.get(target.name)?.version !== current) sources.set(target.name, { version: current, since: now() });
    }
    for (const name of sources.keys()) if (!targets.some(({ target }) => target.name === name)) sources.delete(name);
  };

  return {
    countAnswer(verb, code) {
      const key = `${verb} ${code}`;
      answers.set(key, { verb, code, count: (answers.get(key)?.count ?? 0) + 1 });
    },
    begin() {
      working = elapsed();
    },
    rest() {
      working = undefined;
    },
    end({ only, result, since }) {
      observe((elapsed() - since) / 1000);
      noteSources(result.targets);
      if (!only) {
        namespaces = new Map();
        ready = result.problems.length === 0 && isAnyUsable(result.targets);
        if (isComplete(result)) lastSuccess = now();
      }
      for (const name of only ?? []) namespaces.delete(name);
      for (const [name, placements] of Map.groupBy(result.placements, ({ namespace }) => namespace)) {
        const wanted = placements.filter(({ desired }) => desired);
        const failed = placements.some(({ failure }) => failure);
        const inLine = wanted.every(({ desired }) => desired?.content !== undefined);
        const conflicts = placements.flatMap((placement) => placement.conflicts.map(({ kind }) => kind));
        namespaces.set(name, {
          wanted: wanted.length > 0,
          inLine: wanted.length > 0 && inLine && !failed,
          failed,
          conflicts,
        });
      }
    },
    fail() {
      ready = false;
    },
    isAlive: () => working === undefined || elapsed() - working < longestPass,
    isReady: () => ready,
    text() {
      const states = [...namespaces.values()];
      const count = (key: 'wanted' | 'inLine' | 'failed') => states.filter((state) => state[key]).length;
      const conflicts = states.flatMap((state) => state.conflicts);
      return formatFamilies([
        gauge('build_info', 'The version that runs.', [{ labels: { version }, value: 1 }]),
        gauge('namespaces', 'Namespaces that some target selects, those of them in line, and those that failed.', [
          { labels: { state: 'wanted' }, value: count('wanted') },
          { labels: { state: 'in_line' }, value: count('inLine') },
          { labels: { state: 'failed' }, value: count('failed') },
        ]),
        gauge(
          'conflicts',
          'What is left alone although a target wants it otherwise.',
          reasons.map((reason) => ({
            labels: { reason },
            value: conflicts.filter((kind) => kind === reason).length,
          })),
        ),
        gauge('last_success_timestamp_seconds', 'When a look at all namespaces last left nothing undone.', [
          { value: lastSuccess / 1000 },
        ]),
        gauge(
          'source_since_timestamp_seconds',
          "Since when a target's sources are what they are, as far as this process knows.",
          [...sources].map(([target, { since }]) => ({ labels: { target }, value: since / 1000 })),
        ),
        {
          name: 'pullsecret_sync_requests_total',
          type: 'counter',
          help: 'Requests to the API server by verb and HTTP status.',
          samples: [...answers.values()].map(({ verb, code, count: value }) => ({ labels: { verb, code }, value })),
        },
        {
          name: 'pullsecret_sync_reconcile_seconds',
          type: 'histogram',
          help: 'From a change that was noticed to the end of the pass that saw to it.',
          samples: [
            ...buckets.map(
              (bound, index): Sample => ({
                suffix: '_bucket',
                labels: { le: String(bound) },
                value: seconds.counts[index] ?? 0,
              }),
            ),
            { suffix: '_bucket', labels: { le: '+Inf' }, value: seconds.count },
            { suffix: '_sum', value: seconds.sum },
            { suffix: '_count', value: seconds.count },
          ],
        },
      ]);
    },
  };
}

function gauge(name: string, help: string, samples: Sample[]): Family {
  return { name: `pullsecret_sync_${name}`, type: 'gauge', help, samples };
}
