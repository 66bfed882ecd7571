import assert from 'node:assert/strict';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import type { LoginOutcome } from '../../job/src/registry/registry-login.ts';
import { lookAtStatus, type StatusResult } from '../../job/src/report/status-command.ts';
import { run } from '../../job/src/run/engine.ts';
import type { EngineDeps } from '../../job/src/run/engine-deps.ts';
import type { RunResult } from '../../job/src/run/run-result.ts';
import { engineView } from '../simulation/cluster-model.ts';
import { brokenOutput } from '../simulation/judge-output.ts';
import { Model } from '../simulation/model.ts';
import { release } from '../simulation/names.ts';
import { type ForeignSecret, type People, peopleOf } from '../simulation/people.ts';
import { goodSource, putSource } from '../simulation/sources.ts';

/** A cluster in memory with the release namespace and two teams, and a run of the engine in it. */
export interface EngineTest {
  model: Model;
  people: People;
  /** Methods of the cluster in the order in which they were called, with the name that they were about. */
  requests: string[];
  /** How long the run waited: milliseconds. */
  waited(): number;
  stop: AbortController;
  configure(config: object): void;
  /** What happens right before a request is answered. */
  before: (method: keyof Cluster, args: readonly unknown[]) => void | Promise<void>;
  /** The registries that were asked about a login, in order. */
  asked: string[];
  /** What a registry says of a password; default: it accepts it. */
  registry: (host: string, password: string) => LoginOutcome;
  /** What the log said: warnings and errors. */
  complaints: string[];
  /** Lets time go by between two runs: milliseconds. */
  wait(milliseconds: number): void;
  /** What happens while the run sleeps. */
  whileAsleep: () => void | Promise<void>;
  putSource(name: string, version?: number): void;
  contentOf(namespace: string, name: string): string | undefined;
  run(): Promise<RunResult>;
  /** Looks, as the command `status` does. */
  status(): Promise<StatusResult>;
}

const start = Date.parse('2026-01-01T00:00:00Z');

export async function engineTest(config: object): Promise<EngineTest> {
  const model = new Model();
  const people = peopleOf(model);
  let now = start;
  for (const name of [release.namespace, 'team-a', 'team-b']) {
    await people.createNamespace(name);
    await people.createServiceAccount('kube-controller-manager', name, 'default');
  }
  const view = engineView(model, 'run');
  const nothing = () => {};
  const test: EngineTest = {
    model,
    people,
    requests: [],
    waited: () => now - start,
    stop: new AbortController(),
    configure(changed) {
      const text = JSON.stringify({ release: `${release.namespace}/${release.name}`, ...changed });
      people.putConfigMap('helm', release.namespace, release.name, { 'config.yaml': text });
    },
    before: nothing,
    asked: [],
    registry: () => ({ kind: 'accepted' }),
    complaints: [],
    wait(milliseconds) {
      now += milliseconds;
    },
    whileAsleep: nothing,
    putSource: (name, version = 0) => putSource(model, name, goodSource(name, version)),
    contentOf: (namespace, name) =>
      model.get({ resource: 'secrets', namespace, name })?.fields.get('data/.dockerconfigjson'),
    run: () => run(deps),
    status: () => lookAtStatus(deps),
  };
  const cluster = new Proxy(view, {
    get:
      (object, method: keyof Cluster) =>
      async (...args: unknown[]) => {
        const [first, second] = args as [Record<string, unknown> | string | undefined, string | undefined];
        const name = typeof first === 'object' ? first.name : second;
        test.requests.push([method, name].filter(Boolean).join(' '));
        await test.before(method, args);
        test.stop.signal.throwIfAborted();
        return (object[method] as (...args: unknown[]) => Promise<unknown>)(...args);
      },
  });
  const complain = (message: string, fields?: object) => {
    assertTold(message, fields);
    test.complaints.push(message);
  };
  const deps: EngineDeps = {
    cluster,
    registries: {
      async tryLogin(host, { auth }) {
        test.asked.push(host);
        const login = auth.toString();
        return test.registry(host, login.slice(login.indexOf(':') + 1));
      },
    },
    clock: {
      now: () => new Date(now),
      elapsed: () => now,
      async sleep(milliseconds) {
        await test.whileAsleep();
        test.stop.signal.throwIfAborted();
        now += milliseconds;
      },
    },
    random: () => 0.5,
    async readConfig() {
      const configMap = await cluster.readConfigMap(release.namespace, release.name);
      return parseConfig(configMap?.data['config.yaml'] ?? '', 'the test');
    },
    readFile: async () => undefined,
    log: { info: assertTold, warn: complain, error: complain },
    mask: { add: nothing, apply: (text) => text },
    signal: test.stop.signal,
  };
  test.configure(config);
  return test;
}

/** What is told holds no password, although nothing masks it here. */
export function assertTold(message: string, fields?: object): void {
  assert.equal(brokenOutput(JSON.stringify({ message, ...fields })), undefined);
}

export function targetOf(name: string, source: string, rest: object = {}): object {
  return { name, secretName: 'pull', sources: [{ secret: source }], ...rest };
}

/** The content of a copy that follows such a source. */
export function contentOfSource(name: string, version = 0): string {
  return (goodSource(name, version) as ForeignSecret).data['.dockerconfigjson'] ?? '';
}
