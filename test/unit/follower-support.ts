import type { Cluster, WatchQuery } from '../../job/src/cluster/cluster.ts';
import { type FollowerDeps, type FollowerPass, follow } from '../../job/src/follow/follower.ts';
import { writeStatus } from '../../job/src/report/status.ts';
import { engineView } from '../simulation/cluster-model.ts';
import { readConfig } from '../simulation/configuration.ts';
import { Model } from '../simulation/model.ts';
import { release } from '../simulation/names.ts';
import { peopleOf } from '../simulation/people.ts';
import { createRandom } from '../simulation/random.ts';
import { Scheduler } from '../simulation/scheduler.ts';
import { goodSource, putSource } from '../simulation/sources.ts';
import { assertTold } from './engine-support.ts';

const gold = { labels: { tier: 'gold' } };

interface FollowerOptions {
  /** Default: a Secret that is in order. */
  sources?: object[];
  readFile?: FollowerDeps['readFile'];
  tryLogin?: FollowerDeps['registries']['tryLogin'];
}

/** A follower in a cluster in memory, with as many teams as it is told, which all have the label that is selected. */
export async function followerTest(teams: number, options: FollowerOptions = {}) {
  const { sources = [{ secret: 'source' }], readFile = async () => undefined } = options;
  const { tryLogin = async () => ({ kind: 'accepted' }) as const } = options;
  const model = new Model();
  const people = peopleOf(model);
  const scheduler = new Scheduler(createRandom(1));
  let stop = new AbortController();
  const names = Array.from({ length: teams }, (_, index) => `team-${index}`);
  for (const name of [release.namespace, ...names]) {
    await people.createNamespace(name);
    await people.createServiceAccount('kube-controller-manager', name, 'default');
  }
  for (const name of names) await people.patchNamespace(name, gold);
  const configure = (namespaces: object, rest: object = {}) => {
    const targets = [{ name: 'default', secretName: 'pull', sources, namespaces }];
    const config = { release: `${release.namespace}/${release.name}`, targets, concurrency: 1, ...rest };
    return people.putConfigMap('helm', release.namespace, release.name, { 'config.yaml': JSON.stringify(config) });
  };
  await configure({ selector: { matchLabels: gold.labels } });
  putSource(model, 'source', goodSource('source', 0));

  const passes: FollowerPass[] = [];
  const hooks: {
    afterCreate(): unknown;
    onList(everywhere: boolean): void;
    beforeList(): unknown;
    onWatch(query: WatchQuery): unknown;
    beforeWatch(query: WatchQuery): unknown;
  } = { afterCreate: () => {}, onList: () => {}, beforeList: () => {}, onWatch: () => {}, beforeWatch: () => {} };
  const view = engineView(model, 'the follower');
  const cluster: Cluster = {
    ...view,
    async createSecret(secret) {
      const version = await view.createSecret(secret);
      await hooks.afterCreate();
      return version;
    },
    async listSecrets(query) {
      hooks.onList(query.namespace === undefined);
      await hooks.beforeList();
      return view.listSecrets(query);
    },
    async latestVersion(query) {
      await hooks.beforeWatch(query);
      return view.latestVersion(query);
    },
    async watch(query, options) {
      await hooks.onWatch(query);
      return view.watch(query, options);
    },
  };
  const silent = () => {};
  let ahead = 0;
  const clock = { ...scheduler.clock, now: () => new Date(scheduler.clock.elapsed() + ahead) };
  const mask = { add: silent, apply: (text: string) => text };
  const start = () =>
    follow({
      cluster,
      registries: { tryLogin },
      clock,
      random: () => 0.5,
      readConfig: () => readConfig(cluster),
      readFile,
      log: { info: assertTold, warn: assertTold, error: assertTold },
      mask,
      signal: stop.signal,
      configuration: { configMap: `${release.namespace}/${release.name}` },
      onBegin: silent,
      onIdle: silent,
      async onPass(pass) {
        passes.push(pass);
        if (pass.only) return;
        const ending = { started: pass.started, finished: clock.now(), exitCode: 0, outcome: pass.result };
        await writeStatus(cluster, release, { ending, mask });
      },
      onFailure: async () => {},
    });
  let ended = start();
  const now = scheduler.clock.elapsed;
  return {
    cluster,
    people,
    names,
    configure,
    hooks,
    passes,
    sleep: (milliseconds: number) => scheduler.clock.sleep(milliseconds),
    copies: () => model.list('secrets', { name: 'pull' }).map(({ namespace }) => namespace),
    contentOf: (namespace: string) =>
      model.get({ resource: 'secrets', namespace, name: 'pull' })?.fields.get('data/.dockerconfigjson'),
    /** Sets the clock, and nothing else of the time: milliseconds from what is right. */
    setClock(milliseconds: number) {
      ahead = milliseconds;
    },
    /** Lets time go by: milliseconds. */
    goOn(milliseconds: number) {
      const end = now() + milliseconds;
      // The time goes from one sleeper to the next.
      scheduler.clock.sleep(milliseconds);
      return scheduler.run(() => now() >= end, silent);
    },
    /** Resolves when it has nothing to do for a minute. */
    rests: () => scheduler.run(() => scheduler.isQuiet(60_000), silent),
    async restart() {
      stop.abort();
      await ended;
      stop = new AbortController();
      ended = start();
    },
    async end() {
      stop.abort();
      await ended;
    },
  };
}
