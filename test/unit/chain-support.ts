import { firstBroken, type Link, type LinkName } from '../../job/src/chain/chain.ts';
import type {
  ContainerSeen,
  Observed,
  PodSeen,
  PullSecretSeen,
  Runs,
  SeenTarget,
  ServiceAccountSeen,
} from '../../job/src/chain/observed.ts';
import { walk } from '../../job/src/chain/walk.ts';
import { ClusterError, type RequestName } from '../../job/src/cluster/cluster-error.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import { parseDockerConfig } from '../../job/src/credentials/docker-config.ts';

export const now = new Date('2026-01-01T12:00:00Z');
export const image = 'registry.example.com/team/app:1';
const version = { uid: 'u', resourceVersion: '7' };
const hour = 3_600_000;

/** What a case changes of a namespace `team-a` in which the pod `app` pulls. */
export interface Change {
  targets?: object[];
  /** Registries of each target by name; default: `registry.example.com`. */
  hosts?: Record<string, string>;
  target?: Partial<SeenTarget>;
  runs?: Partial<Runs>;
  namespace?: Observed['namespace'];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** `null`: there is none. */
  copy?: Partial<PullSecretSeen['record']> | null;
  secrets?: Observed['secrets'];
  account?: Partial<ServiceAccountSeen> | null;
  serviceAccounts?: Observed['serviceAccounts'];
  pod?: Partial<PodSeen>;
  containers?: ContainerSeen[];
  pods?: Observed['pods'];
  config?: object;
  asked?: Observed['asked'];
  similar?: string[];
  morePods?: number;
}

/** A namespace in which all is as it should be, but for the change. */
export function observed(change: Change = {}): Observed {
  const { targets = [{ name: 'default' }], runs = {}, asked = { namespace: 'team-a', pod: 'app' } } = change;
  const config = parseConfig(
    JSON.stringify({
      release: 'registry-access/pullsecret-sync',
      targets: targets.map((target) => ({ secretName: 'pull', sources: [{ secret: 'source' }], ...target })),
      objects: { cronJob: 'pullsecret-sync', configMap: 'pullsecret-sync' },
      ...change.config,
    }),
    'the test',
  );
  const loaded = config.targets.map((target) => loadedTarget(target, change.hosts?.[target.name]));
  const accountSeen = change.account === null ? [] : [{ ...account, ...change.account }];
  const none = loaded.map(({ target }) => [target.secretName, { is: undefined }] as const);
  const copy = copySeen(loaded[0]?.content ?? '');
  const secrets = change.copy === null ? undefined : { ...copy, record: { ...copy.record, ...change.copy } };
  return {
    config,
    now,
    asked,
    runs: {
      cronJob: { is: { suspended: false, startedAt: now.getTime() - 20_000 } },
      lastRun: { is: { finished: '2026-01-01T11:59:50Z', exitCode: 0, editedCopies: [], failures: [] } },
      refusedLogins: [],
      ...runs,
    },
    targets: loaded.map((one) => ({ ...one, ...change.target })),
    namespace: change.namespace ?? {
      is: { name: 'team-a', labels: {}, annotations: {}, terminating: false, ...pick(change) },
    },
    similar: change.similar ?? [],
    secrets: new Map([...none, ['pull', { is: secrets }], ...(change.secrets ?? [])]),
    serviceAccounts: change.serviceAccounts ?? { is: accountSeen },
    morePods: change.morePods ?? 0,
    pods: change.pods ?? {
      is: [podWith({ ...change.pod, ...(change.containers ? { containers: change.containers } : {}) })],
    },
  };
}

function pick({ labels, annotations }: Change) {
  return { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
}

function loadedTarget(target: SeenTarget['target'], host = 'registry.example.com'): SeenTarget {
  const auths = { [host]: { auth: Buffer.from('robot:pa55word').toString('base64') } };
  const text = JSON.stringify({ auths });
  return {
    target,
    content: Buffer.from(text).toString('base64'),
    logins: parseDockerConfig(text, 'dockerconfigjson', 'Secret source').config,
    confidential: [],
    version: '["u/7"]',
    sources: [{ source: 'Secret source', version: 'u/7' }],
    warnings: [],
    problems: [],
    missing: false,
    mayRecover: false,
    unread: undefined,
  };
}

const account: ServiceAccountSeen = {
  namespace: 'team-a',
  name: 'default',
  ...version,
  annotations: { 'pullsecret-sync.io/added': 'registry-access/pullsecret-sync:pull' },
  imagePullSecrets: ['pull'],
  listAppliedBy: undefined,
  listChangedAt: now.getTime() - hour,
  listWriters: ['pullsecret-sync'],
};

function copySeen(content: string): PullSecretSeen {
  return {
    record: {
      namespace: 'team-a',
      name: 'pull',
      ...version,
      type: 'kubernetes.io/dockerconfigjson',
      immutable: false,
      labels: { 'app.kubernetes.io/managed-by': 'pullsecret-sync' },
      annotations: { 'pullsecret-sync.io/owner': 'registry-access/pullsecret-sync/team-a' },
      content,
      managers: ['pullsecret-sync'],
      owners: [],
    },
    registries: ['registry.example.com'],
  };
}

/** A Secret of somebody else. */
export function secretWith(...registries: string[]): { is: PullSecretSeen } {
  const { record } = copySeen('e30=');
  return { is: { record: { ...record, labels: {}, annotations: {} }, registries } };
}

/** A pod of the Deployment `app`, made after the reference was there, whose image is on its node. */
export function podWith(change: Partial<PodSeen> = {}): PodSeen {
  return {
    namespace: 'team-a',
    name: 'app',
    ...version,
    serviceAccount: 'default',
    imagePullSecrets: ['pull'],
    controller: { kind: 'ReplicaSet', name: 'app-1' },
    workload: { kind: 'Deployment', name: 'app' },
    createdAt: now.getTime() - hour / 2,
    terminating: false,
    waiting: [],
    phase: 'Pending',
    unscheduled: undefined,
    containers: [{ name: 'app', image, waiting: undefined, hasImage: true }],
    events: { is: [] },
    ...change,
  };
}

/** A container that waits for its image, with the kubelet's words. */
export function waitingFor(ofImage: string, message: string, reason: string = 'ImagePullBackOff'): ContainerSeen {
  return { name: 'app', image: ofImage, waiting: { reason, message }, hasImage: false };
}

export const noLogin = `Back-off pulling image "${image}": ErrImagePull: failed to pull and unpack image "${image}": failed to resolve image: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`;
export const refused = `Back-off pulling image "${image}": ErrImagePull: failed to pull and unpack image "${image}": failed to resolve image: unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1: 401 Unauthorized`;

export function forbidden(request: RequestName): { not: ClusterError } {
  const reason = `${request.resource} is forbidden: User "jane" cannot ${request.verb} resource "${request.resource}"`;
  return { not: new ClusterError('forbidden', request, reason, 403) };
}

/** The first broken link of a walk; `undefined`: none. */
export function brokenOf(change: Change): Link | undefined {
  return firstBroken(walk(observed(change)));
}

export function linksOf(change: Change, name: LinkName): Link[] {
  return walk(observed(change)).links.filter(({ link }) => link === name);
}
