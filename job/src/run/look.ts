import type { Config } from '../config/config.ts';
import { type Observed, observe, observedNames, type Snapshot, snapshotOf } from '../plan/observe.ts';
import type { EngineDeps } from './engine-deps.ts';

/**
 * Up to so many namespaces are looked at one by one: the three requests for one cost an API server about as much as listing
 * forty namespaces with all that is looked at in them. For more, LISTs of everything are cheaper.
 */
const mostAlone = (known: number) => Math.max(3, known / 40);

export interface News {
  /** What is in a namespace; `undefined` where that is not known. */
  told(namespace: string): Observed | undefined;
  /** LISTs showed what is in namespaces, or in all there are. */
  listed(namespaces: Iterable<string>, all: boolean): void;
}

/** What a look goes by. */
export interface LookState {
  config: Config;
  /** How many namespaces the last look at all found to be selected. */
  known?: number;
  /** What is known of namespaces without a request. */
  news?: News;
}

type LookDeps = Pick<EngineDeps, 'cluster'>;

/** What is told of the namespaces counts as it is; the others are looked at, or all where they are many. */
export async function lookAt(state: LookState, deps: LookDeps, only?: ReadonlySet<string>): Promise<Snapshot> {
  const known: Observed[] = [];
  const unknown: string[] = [];
  for (const namespace of only ?? []) {
    const told = state.news?.told(namespace);
    if (told) known.push(told);
    else unknown.push(namespace);
  }
  if (!only || unknown.length > mostAlone(state.known ?? 0)) return snapshotOf([await look(state, deps)]);
  return snapshotOf(unknown.length > 0 ? [...known, await look(state, deps, unknown)] : known);
}

/** @param inside the namespaces to look at; default: all */
export async function look(
  { config, news }: LookState,
  { cluster }: LookDeps,
  inside?: readonly string[],
): Promise<Observed> {
  const observed = await observe(cluster, observedNames(config), inside);
  news?.listed(inside ?? observed.namespaces.map(({ name }) => name), inside === undefined);
  return observed;
}
