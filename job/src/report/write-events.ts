import type { EventRecord } from '../cluster/cluster.ts';
import { ClusterError, type ClusterErrorKind, remedy } from '../cluster/cluster-error.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import type { RunResult } from '../run/run-result.ts';
import { type NamespaceEvent, namespaceEvents } from './namespace-events.ts';

/** Events that one run looks at, at most, and so writes. */
const mostEvents = 20;
/** How long an Event rests before it is written again: milliseconds. The API server keeps one for an hour after a write. */
const rest = 600_000;

type Deps = Pick<EngineDeps, 'cluster' | 'clock' | 'random' | 'log' | 'mask' | 'signal'>;

/**
 * Writes an Event in each namespace that waits for a person, where `kubectl events` shows it. The same state of a later run
 * counts up the Event that is there, and not before it rested: the Event itself says when it was written last, so no run has
 * to remember. Nothing is asked where all is in line, and nothing here makes a run fail.
 */
export async function writeEvents(result: RunResult, deps: Deps): Promise<void> {
  if (!result.config.events.enabled || deps.signal.aborted) return;
  for (const event of someOf(namespaceEvents(result, deps.mask), deps.random())) {
    try {
      await writeEvent(event, result, deps);
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      if (passing.has(error.kind)) continue;
      if (error.kind !== 'interrupted') deps.log.warn(error.message, { fix: remedy(error) });
      return;
    }
  }
}

/** Another run wrote it, or the namespace goes. */
const passing = new Set<ClusterErrorKind>(['conflict', 'notFound', 'namespaceGone']);

/** Of very many some, beginning anywhere: each has its turn in some run. */
function someOf(events: readonly NamespaceEvent[], random: number): NamespaceEvent[] {
  const start = events.length > mostEvents ? Math.floor(random * events.length) : 0;
  return [...events.slice(start), ...events.slice(0, start)].slice(0, mostEvents);
}

async function writeEvent(event: NamespaceEvent, { config }: RunResult, { cluster, clock }: Deps): Promise<void> {
  const { namespace, name, note } = event;
  const time = clock.now();
  const observed = await cluster.readEvent(namespace, name);
  if (observed && time.getTime() - observed.lastObserved < rest) return;
  if (observed?.note === note) {
    const count = observed.count + 1;
    return cluster.repeatEvent({ namespace, name, observed: versionOf(observed), count, time });
  }
  // The API lets nobody change what an Event says.
  if (observed) await cluster.deleteEvent({ namespace, name, observed: versionOf(observed) });
  const reporter = `${config.release.namespace}/${config.release.name}`;
  await cluster.createEvent({ ...event, reporter, time });
}

function versionOf({ uid, resourceVersion }: EventRecord) {
  return { uid, resourceVersion };
}
