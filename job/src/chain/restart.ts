import type { PodSeen } from './observed.ts';

/** Kinds of which `kubectl rollout restart` makes the pods anew. */
const restartable = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** What makes a pod anew, with the list that its ServiceAccount has then. */
export function restartOf({ namespace, name, controller, workload = controller }: PodSeen): string {
  if (!workload) {
    return `delete the pod and make it anew from its manifest, since nothing else does: kubectl delete pod ${name} --namespace ${namespace}`;
  }
  if (workload.kind === 'Node') {
    return 'give the login to the node itself, since a static pod has no ServiceAccount and no Secret: https://kubernetes.io/docs/concepts/containers/images/#using-a-private-registry';
  }
  if (restartable.includes(workload.kind)) {
    return `kubectl rollout restart ${workload.kind.toLowerCase()}/${workload.name} --namespace ${namespace}`;
  }
  return `kubectl delete pod ${name} --namespace ${namespace} (its ${workload.kind} ${workload.name} makes it anew)`;
}

/** Where people change what a pod is made of. */
export function templateOf({ name, controller, workload = controller }: PodSeen): string {
  return workload ? `the template of ${workload.kind} ${workload.name}` : `the manifest of the pod ${name}`;
}
