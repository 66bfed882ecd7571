import { ClusterError } from '../cluster/cluster-error.ts';
import { type Config, parseConfig } from '../config/config.ts';
import { configKey } from '../config/configuration-source.ts';
import { loadTargets } from '../credentials/sources.ts';
import { readPullSecret } from '../import/pull-secret.ts';
import { nearest } from '../nearest.ts';
import { marks } from '../plan/marks.ts';
import { observedNames } from '../plan/observe.ts';
import { ProblemError } from '../problem.ts';
import { readLastRun, readRefusedLogins } from '../report/status.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import { noteTarget } from '../run/run-rules.ts';
import type { ChainCluster, FoundPod } from './chain-cluster.ts';
import type { Observed, PodSeen, PullSecretSeen, Runs, Seen, SeenTarget, ServiceAccountSeen } from './observed.ts';
import { isWaitingForImage } from './pod-links.ts';

export type LookDeps = Omit<EngineDeps, 'cluster' | 'registries' | 'random'> & { cluster: ChainCluster };

/** Pods of a namespace that are looked at; those that wait longest. */
const mostPods = 20;

/**
 * Looks at all that lies between the release and a namespace or one of its pods. What cannot be seen is noted, and hides
 * nothing else. Nothing is waited for.
 */
export async function look(asked: Observed['asked'], deps: LookDeps): Promise<Observed> {
  const { cluster, clock } = deps;
  const config = await deps.readConfig();
  const [runs, targets, namespace, { pods, morePods }] = await Promise.all([
    lookAtRuns(config, deps),
    lookAtTargets(config, deps),
    seen(cluster.findNamespace(asked.namespace)),
    lookAtPods(asked, deps),
  ]);
  const named = 'is' in pods ? pods.is : [];
  const names = observedNames(config);
  const secretNames = new Set([...names.secrets, ...named.flatMap(({ imagePullSecrets }) => imagePullSecrets)]);
  const accounts = new Set([
    ...names.serviceAccounts.map(({ name }) => name),
    ...named.map((pod) => pod.serviceAccount),
  ]);
  const [secrets, serviceAccounts, similar] = await Promise.all([
    Promise.all([...secretNames].map(async (name) => [name, await lookAtSecret(asked.namespace, name, deps)] as const)),
    lookAtAccounts(asked.namespace, accounts, cluster),
    similarNames({ asked, namespace, pods }, cluster),
  ]);
  return {
    config,
    now: clock.now(),
    asked,
    runs,
    targets,
    namespace,
    similar,
    secrets: new Map(secrets),
    serviceAccounts,
    pods,
    morePods,
  };
}

/** What is there, or why it cannot be seen; where there is no way to ask at all, that ends the look. */
async function seen<T>(answer: Promise<T>): Promise<Seen<T>> {
  try {
    return { is: await answer };
  } catch (error) {
    if (!(error instanceof ClusterError) || endsAll.has(error.kind)) throw error;
    return { not: error };
  }
}

const endsAll = new Set<ClusterError['kind']>(['interrupted', 'unreachable', 'untrusted', 'unauthorized']);

async function lookAtRuns(config: Config, { cluster, log }: LookDeps): Promise<Runs> {
  const { release, objects } = config;
  const { namespace } = release;
  const [cronJob, follower, configMap, lastRun, refused] = await Promise.all([
    objects.cronJob === undefined ? undefined : seen(cluster.findCronJob(namespace, objects.cronJob)),
    objects.follower === undefined ? undefined : seen(cluster.findFollower(namespace, objects.follower)),
    objects.configMap === undefined ? undefined : seen(cluster.readConfigMap(namespace, objects.configMap)),
    seen(readLastRun(cluster, release)),
    seen(readRefusedLogins(cluster, release)),
  ]);
  if (configMap && 'is' in configMap && isAnother(configMap.is?.data[configKey], config)) {
    log.warn('the configuration that was given is not the one that the release in the cluster has', {
      fix: `kubectl get configmap ${objects.configMap} --namespace ${namespace} -o jsonpath='{.data.config\\.yaml}' > config.yaml`,
    });
  }
  const standStillUntil = configMap && 'is' in configMap ? configMap.is?.annotations[marks.standStillUntil] : undefined;
  return {
    ...(cronJob ? { cronJob } : {}),
    ...(follower ? { follower } : {}),
    ...(standStillUntil === undefined ? {} : { standStillUntil }),
    lastRun,
    refusedLogins: 'is' in refused ? refused.is : [],
  };
}

function isAnother(text: string | undefined, { standStillUntil: _, ...given }: Config): boolean {
  if (text === undefined) return false;
  try {
    return JSON.stringify(parseConfig(text, 'the ConfigMap')) !== JSON.stringify(given);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return true;
  }
}

async function lookAtTargets(config: Config, deps: LookDeps): Promise<SeenTarget[]> {
  const refusals = new Map<string, ClusterError>();
  const absentFiles = new Set<string>();
  const reader = {
    ...deps,
    cluster: {
      async readSecret(namespace: string, name: string) {
        const secret = await seen(deps.cluster.readSecret(namespace, name));
        if ('is' in secret) return secret.is;
        refusals.set(name, secret.not);
        throw secret.not;
      },
    },
    async readFile(path: string) {
      const content = await deps.readFile(path);
      if (content === undefined) absentFiles.add(path);
      return content;
    },
  };
  const targets = await loadTargets(config, reader);
  for (const loaded of targets) noteTarget(loaded, deps);
  return targets.map((loaded) => {
    const unread = loaded.target.sources
      .map((source) =>
        'secret' in source ? refusals.get(source.secret) : absentFiles.has(source.file) && ofThePod(source.file),
      )
      .find((one) => one);
    return { ...loaded, unread: unread || undefined };
  });
}

/** A file among the sources is one of the job's pod: that it is not here says nothing. */
function ofThePod(file: string): { says: string } {
  return {
    says: `not seen: its source is the file ${file}, which the pods of the release have and this machine has not`,
  };
}

async function lookAtSecret(
  namespace: string,
  name: string,
  { cluster, clock, mask }: LookDeps,
): Promise<Seen<PullSecretSeen | undefined>> {
  const found = await seen(cluster.findSecret(namespace, name));
  if ('not' in found || !found.is) return found as Seen<undefined>;
  const { record, held } = found.is;
  const { hosts, confidential } = readPullSecret({ ...record, content: held }, clock.now());
  for (const value of confidential) mask.add(value);
  return { is: { record, registries: hosts } };
}

/** @param names of those to look at; `undefined` among them stands for all */
async function lookAtAccounts(
  namespace: string,
  names: ReadonlySet<string | undefined>,
  cluster: ChainCluster,
): Promise<Seen<ServiceAccountSeen[]>> {
  if (names.has(undefined)) return seen(cluster.findServiceAccounts(namespace));
  const each = [...names].map((name) => cluster.findServiceAccount(namespace, name as string));
  const found = await seen(Promise.all(each));
  return 'not' in found ? found : { is: found.is.filter((account) => account !== undefined) };
}

async function lookAtPods(
  { namespace, pod }: Observed['asked'],
  { cluster }: LookDeps,
): Promise<Pick<Observed, 'pods' | 'morePods'>> {
  const found =
    pod === undefined
      ? await seen(cluster.findPods(namespace))
      : await seen(cluster.findPod(namespace, pod).then((one) => (one ? [one] : [])));
  if ('not' in found) return { pods: found, morePods: 0 };
  const waiting = found.is.filter(({ containers }) => pod !== undefined || containers.some(isWaitingForImage));
  const oldest = waiting.toSorted((one, other) => one.createdAt - other.createdAt).slice(0, mostPods);
  const pods = { is: await Promise.all(oldest.map((one) => withSurroundings(one, cluster))) };
  return { pods, morePods: waiting.length - oldest.length };
}

async function withSurroundings(pod: FoundPod, cluster: ChainCluster): Promise<PodSeen> {
  const { namespace, uid, controller } = pod;
  const above = controller?.kind === 'ReplicaSet' ? cluster.ownerOfReplicaSet(namespace, controller.name) : undefined;
  const [events, owner] = await Promise.all([seen(cluster.findPodEvents(namespace, uid)), above && seen(above)]);
  const workload = owner && 'is' in owner && owner.is ? owner.is : controller;
  return { ...pod, events, workload: workload && { kind: workload.kind, name: workload.name } };
}

/** How many other names are offered in place of one that is not there. */
const mostSimilar = 3;

/** Names that are there, and like the one that is not. */
async function similarNames(
  { asked, namespace, pods }: Pick<Observed, 'asked' | 'namespace' | 'pods'>,
  cluster: ChainCluster,
): Promise<string[]> {
  const similar = <Named extends { name: string }>(name: string, all: Seen<Named[]>) =>
    'is' in all
      ? nearest(
          name,
          all.is.map((one) => one.name),
        ).slice(0, mostSimilar)
      : [];
  if ('is' in namespace && !namespace.is) return similar(asked.namespace, await seen(cluster.listNamespaces()));
  const { pod } = asked;
  if (pod === undefined || !('is' in pods) || pods.is.length > 0) return [];
  return similar(pod, await seen(cluster.findPods(asked.namespace)));
}
