import type { NamespaceRecord, SecretRecord, ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import { type Config, parseConfig } from '../../job/src/config/config.ts';
import { copyType } from '../../job/src/credentials/docker-config.ts';
import { addedMark, marks, ownerMark } from '../../job/src/plan/marks.ts';
import type { Snapshot } from '../../job/src/plan/observe.ts';
import { plan } from '../../job/src/plan/plan.ts';
import { atMost, type Bench } from './figure.ts';
import { median } from './measure.ts';

const size = 10_000;
const content = Buffer.from('{"auths":{"registry.example.com":{"auth":"cm9ib3Q6eA=="}}}').toString('base64');

/** The pure function from configuration and snapshot to actions, in a process that has planned before. */
export const planBench: Bench = async ({ runs, say }) => {
  const config = parseConfig(
    JSON.stringify({
      release: 'registry-access/pullsecret-sync',
      targets: [{ name: 'default', secretName: 'image-pull-secret', sources: [{ secret: 'source' }] }],
    }),
    'the bench',
  );
  const figures = (['nothing to do', 'from nothing'] as const).map((what) => {
    const snapshot = snapshotOf(config, what === 'nothing to do');
    const targets = config.targets.map((target) => ({ target, content }));
    const times = Array.from({ length: runs * 4 }, () => {
      const started = performance.now();
      const { placements } = plan({ rules: config, targets, snapshot, now: new Date() });
      const milliseconds = performance.now() - started;
      if (placements.length !== size) throw new Error(`${placements.length} placements for ${size} namespaces`);
      return milliseconds;
    }).slice(runs);
    say(`plan, ${what}`);
    return atMost(`Plan of 10,000 namespaces, pure, ${what}`, median(times), 50, 'ms', `median of ${times.length}`);
  });
  return { figures };
};

function snapshotOf(config: Config, inLine: boolean): Snapshot {
  const names = Array.from({ length: size }, (_, index) => `team-${index}`);
  const namespaces = names.map((name): NamespaceRecord => ({ name, labels: {}, annotations: {}, terminating: false }));
  const secrets = new Map(inLine ? names.map((name) => [name, copyIn(name, config)]) : []);
  const accounts = new Map(names.map((name) => [name, [accountIn(name, config, inLine)]]));
  return {
    namespaces,
    secret: (namespace) => secrets.get(namespace),
    secrets: () => [...secrets.values()],
    serviceAccounts: (namespace) => accounts.get(namespace) ?? [],
  };
}

function copyIn(namespace: string, { release }: Config): SecretRecord {
  return {
    namespace,
    name: 'image-pull-secret',
    uid: namespace,
    resourceVersion: '1',
    type: copyType,
    immutable: false,
    labels: { [marks.managedBy]: marks.managedByValue },
    annotations: { [marks.owner]: ownerMark(release, namespace) },
    content,
    managers: [marks.fieldManager],
    owners: [],
  };
}

function accountIn(namespace: string, { release }: Config, inLine: boolean): ServiceAccountRecord {
  return {
    namespace,
    name: 'default',
    uid: namespace,
    resourceVersion: '1',
    annotations: inLine ? { [marks.added]: addedMark(release, 'image-pull-secret') } : {},
    imagePullSecrets: inLine ? ['image-pull-secret'] : [],
    listAppliedBy: undefined,
    listChangedAt: undefined,
  };
}
