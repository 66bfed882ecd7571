import { ClusterError, problemOf } from '../cluster/cluster-error.ts';
import type { Config } from '../config/config.ts';
import type { ConfigurationSource } from '../config/configuration-source.ts';
import { type LoadedTarget, loadTargets, withoutContent } from '../credentials/sources.ts';
import { allNames } from '../plan/names-in-use.ts';
import { isAnyWithheld } from '../plan/removal-limit.ts';
import { type Problem, ProblemError } from '../problem.ts';
import { pauseEnd, type RefusedVersions } from '../registry/refused-logins.ts';
import { askedOnce } from '../registry/registry-login.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import { runOnce } from '../run/pass.ts';
import { emptyResult, type RunResult } from '../run/run-result.ts';
import { isAnyUsable, isInterruption, noteTarget, standsStill } from '../run/run-rules.ts';
import { createAgenda, type Due, everything, type Work } from './agenda.ts';
import { rememberReads } from './file-reads.ts';
import { rememberWrites } from './own-writes.ts';
import { createRemovedLately } from './removed-lately.ts';
import { watchedConfigMap, watchedFiles, watchedObjects, workAfter } from './watched.ts';
import { createWatches } from './watches.ts';
import { createYoungNamespaces } from './young-namespaces.ts';

/** How often everything is looked at though nothing changed: milliseconds, and a fifth more or less by chance. */
const fullPassInterval = 3_600_000;

/** A mark may name any date, and a timer knows about 25 days: with more it ends at once. Milliseconds. */
const longestSleep = 86_400_000;

export interface FollowerDeps extends EngineDeps {
  configuration: ConfigurationSource;
  /** Told when a pass begins. */
  onBegin(): void;
  /** Told when there is nothing to do for now. */
  onIdle(): void;
  /** Told of each pass that came to an end. */
  onPass(pass: FollowerPass): Promise<void>;
  /** Told of a pass that could not even begin. */
  onFailure(error: ProblemError | ClusterError, problem: Problem): Promise<void>;
}

export interface FollowerPass {
  started: Date;
  /** When the first change was noted that it was about, as the clock's `elapsed` tells it. */
  since: number;
  /** The namespaces that were looked at; `undefined`: all. */
  only: ReadonlySet<string> | undefined;
  result: RunResult;
}

/**
 * Keeps every namespace in line as soon as something changes, until it is told to stop. It looks at everything once, and
 * then at what the API server tells of: at a namespace where something changed in it, and at everything where sources or
 * the configuration changed, where a watch lost its place, and from time to time. Each look is a run of its own kind: it
 * reads configuration and sources first, so that a watch that died unnoticed never brings old credentials back.
 */
export async function follow(deps: FollowerDeps): Promise<void> {
  const { clock, random, signal } = deps;
  /** Nothing here waits by a clock that somebody may set. */
  const now = () => clock.elapsed();
  const fromDate = (time: number) => now() + time - clock.now().getTime();
  const agenda = createAgenda(random);
  let pass = new AbortController();
  let fault: { error: unknown } | undefined;
  let wake = () => {};
  signal.addEventListener('abort', () => {
    pass.abort();
    wake();
  });
  const writes = rememberWrites(deps.cluster, now);
  const young = createYoungNamespaces();
  const news = { told: (namespace: string) => young.told(namespace, now()), listed: young.listed };
  const note = (what: Work, isOwn?: () => boolean) => {
    agenda.note(what, now(), isOwn);
    wake();
  };
  const onChangedConfiguration = () => {
    // The work goes on with what is right now, and stands still at once where a cleanup says so.
    pass.abort();
    note(everything);
  };
  const { configuration } = deps;
  const configMap = 'configMap' in configuration ? [watchedConfigMap(configuration.configMap)] : [];
  const files = 'file' in configuration ? [configuration.file] : [];
  const reads = rememberReads(deps.readFile);
  const watches = createWatches({
    ...deps,
    takeRead: reads.take,
    changed(query, change, version) {
      young.hear(query, change, now());
      const work = workAfter(query, change);
      if (query.resource === 'configmaps') onChangedConfiguration();
      else if (work !== undefined) note(work, () => writes.made(query.resource, version));
    },
    fileChanged: (path) => (files.includes(path) ? onChangedConfiguration() : note(everything)),
    restarted(query) {
      young.forget();
      // It may have changed after it was read, with nobody told.
      if (query.resource === 'configmaps') onChangedConfiguration();
      else note(everything);
    },
    failed(error) {
      fault = { error };
      pass.abort();
      wake();
    },
  });

  let last: { config: Config; targets: LoadedTarget[] } | undefined;
  /** The targets of which copies may be written without a look at all namespaces. */
  let cleared: ReadonlySet<string> = new Set();
  let refusedVersions: RefusedVersions = new Map();
  const removed = createRemovedLately();
  /** How many namespaces are selected, at the last look at everything. */
  let known = 0;

  /** One pass over what is due; what it finds to be done later is on the agenda. */
  const work = async ({ work: due, since }: Due): Promise<void> => {
    pass = new AbortController();
    const started = clock.now();
    deps.onBegin();
    const config = await deps.readConfig();
    await watches.keep([...configMap, ...watchedObjects(config)], [...files, ...watchedFiles(config)]);
    if (standsStill(config, deps)) {
      deps.log.info('a cleanup of this release is under way: standing still', { until: config.standStillUntil });
      last = undefined;
      agenda.clear();
      agenda.plan(everything, fromDate(Date.parse(config.standStillUntil ?? '')));
      return;
    }
    const isAll = due.has(everything) || !last || JSON.stringify(last.config) !== JSON.stringify(config);
    if (isAll) agenda.clear();
    const targets = await loadTargets(config, { ...deps, readFile: reads.readFile });
    const before = new Map(last?.targets.map((loaded) => [loaded.target.name, loaded.version]));
    const changed = targets.filter(({ target, version }) => before.get(target.name) !== version);
    for (const loaded of changed) noteTarget(loaded, deps);
    const only = isAll || changed.length > 0 ? undefined : due;
    last = { config, targets };

    if (!only) cleared = new Set();
    // Until a look at everything tries again they write nothing, and so ask for no such look.
    const isHeldBack = ({ target, version }: LoadedTarget) => only && refusedVersions.get(target.name) === version;
    const usable = targets.map((loaded) => (isHeldBack(loaded) ? withoutContent(loaded) : loaded));
    const result: RunResult = { ...emptyResult(config), targets: usable, cleared };
    result.names = allNames(config, result.names);
    const { cluster } = writes;
    const passDeps = { ...deps, cluster, registries: askedOnce(deps.registries), signal: pass.signal };
    const removedLately = removed.under(config.maxRemovePercent, now());
    const state = { config, targets: usable, cleared, refusedVersions, known, news, removedLately };
    try {
      if (isAnyUsable(usable)) await runOnce(state, result, passDeps, only);
    } finally {
      // However it ended.
      removed.note(result.removals, now());
      if (result.refusedLogins) removed.looked(isAnyWithheld(result));
    }
    if (pass.signal.aborted) return;
    cleared = result.cleared;
    if (result.refusedLogins) {
      const names = new Set(result.refusedLogins.map(({ target }) => target));
      const refused = targets.filter((loaded) => isHeldBack(loaded) || names.has(loaded.target.name));
      refusedVersions = new Map(refused.map(({ target, version }) => [target.name, version]));
      for (const login of result.refusedLogins) agenda.plan(everything, fromDate(pauseEnd(login)));
    }
    for (const what of unfinished(result, only)) agenda.failed(what, now());
    for (const { namespace, done, goesAt } of result.placements) {
      if (done.length > 0) agenda.changed(namespace, now());
      if (goesAt !== undefined) agenda.plan(namespace, fromDate(goesAt));
    }
    // A look at some may have become one at all, and then the status has to know what registries refused.
    const looked = result.refusedLogins ? undefined : only;
    if (!looked) known = new Set(result.placements.map(({ namespace }) => namespace)).size;
    if (!only) {
      agenda.changed(everything, now());
      agenda.plan(everything, now() + fullPassInterval * (0.8 + random() * 0.4));
    }
    await deps.onPass({ started, since, only: looked, result });
  };

  await watches.keep(configMap, files);
  note(everything);
  while (!signal.aborted && !fault) {
    const pause = agenda.next() - now();
    if (pause > 0) {
      deps.onIdle();
      const waiting = new AbortController();
      wake = () => waiting.abort();
      await clock.sleep(Math.min(pause, longestSleep), waiting.signal).catch(() => {});
      wake = () => {};
      continue;
    }
    try {
      await work(agenda.take(now()));
    } catch (error) {
      if (signal.aborted || (pass.signal.aborted && isInterruption(error))) continue;
      if (!(error instanceof ProblemError || error instanceof ClusterError)) throw error;
      agenda.failed(everything, now());
      await deps.onFailure(error, error instanceof ProblemError ? error.problem : problemOf(error));
    } finally {
      if (pass.signal.aborted) {
        // What touches the configuration again and again ends each pass, and is looked at less and less often.
        agenda.changed(everything, now());
        // What told it to stop may have been told before the agenda was cleared.
        agenda.note(everything, now());
      }
    }
  }
  if (fault) throw fault.error;
}

/** What has to be tried again, though nothing changes. */
function unfinished({ targets, problems, placements }: RunResult, only: ReadonlySet<Work> | undefined): Iterable<Work> {
  // A source that is missing is watched; one that could not be read may be read the next time.
  const isUnread = targets.some(({ mayRecover, missing }) => mayRecover && !missing);
  if (isUnread || (problems.length > 0 && !only)) return [everything];
  if (problems.length > 0) return only ?? [];
  return new Set(placements.filter(({ failure }) => failure).map(({ namespace }) => namespace));
}
