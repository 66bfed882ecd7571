import type { V1Pod } from '@kubernetes/client-node';
import { until } from '../until.ts';

/** kubectl with its arguments; resolves to what it prints. */
export type Kubectl = (...args: string[]) => Promise<string>;

/** Creates a namespace, and waits for the ServiceAccount without which no pod is admitted. */
export async function createNamespace(
  kubectl: Kubectl,
  name: string,
  annotations: Record<string, string> = {},
): Promise<void> {
  await kubectl('create', 'namespace', name);
  for (const [key, value] of Object.entries(annotations)) {
    await kubectl('annotate', 'namespace', name, `${key}=${value}`);
  }
  await kubectl('wait', '--for=create', 'serviceaccount/default', '-n', name, '--timeout=60s');
}

/**
 * Resolves once the kubelet has said of every pod of a namespace that it cannot pull its image.
 *
 * @param reasons the kubelet's words that count: after the first failure, and while it waits to try again
 */
export async function untilNothingPulls(
  kubectl: Kubectl,
  namespace: string,
  reasons = ['ErrImagePull', 'ImagePullBackOff'],
): Promise<void> {
  const failed = new Set<string | undefined>();
  await until(`no pod in ${namespace} can pull its image`, async () => {
    const { items }: { items: V1Pod[] } = JSON.parse(await kubectl('get', 'pods', '-n', namespace, '-o', 'json'));
    for (const { metadata, status } of items) {
      const waiting = status?.containerStatuses?.[0]?.state?.waiting;
      if (reasons.includes(waiting?.reason ?? '')) failed.add(metadata?.name);
    }
    return items.length > 0 && items.every(({ metadata }) => failed.has(metadata?.name));
  });
}

/**
 * Resolves once the job has been in a namespace: the copy is there, and the ServiceAccount `default` names it.
 *
 * @param seconds how long that may take; a schedule of a minute and a pod that has to start first
 */
export async function untilReached(
  kubectl: Kubectl,
  namespace: string,
  secretName: string,
  seconds = 150,
): Promise<void> {
  await kubectl('wait', '--for=create', `secret/${secretName}`, '-n', namespace, `--timeout=${seconds}s`);
  const list = ['get', 'serviceaccount', 'default', '-n', namespace, '-o', 'jsonpath={.imagePullSecrets}'];
  await until(`the ServiceAccount of ${namespace} names ${secretName}`, async () =>
    (await kubectl(...list)).includes(`"${secretName}"`),
  );
}
