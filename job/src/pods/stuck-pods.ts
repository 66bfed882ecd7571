import type { PodRecord, ServiceAccountRecord } from '../cluster/cluster.ts';
import { hasLoginFor } from './image-login.ts';

/** A copy that is in line in its namespace, as pods see it. */
export interface UsableCopy {
  namespace: string;
  secretName: string;
  /** The registries that it holds a login for, as keys of a docker config. */
  registries: string[];
  /** ServiceAccounts that are about to name it, and do not yet. */
  comingTo: ReadonlySet<string>;
}

/** A pod that cannot pull an image, and whose successor could. */
export interface StuckPod {
  pod: PodRecord;
  image: string;
  /** The copy that it came too early for. */
  secretName: string;
}

/** Why a pod is left alone. */
export type LeftAlone =
  | 'it is being deleted'
  | 'no image waits to be pulled'
  | 'no copy in its namespace has a login for the registry'
  | 'it names the copy already'
  | 'its ServiceAccount does not name the copy'
  | 'it names pull secrets of its own'
  | 'nothing would make it again';

/**
 * Whether a pod came too early: it waits for an image that one of our copies has a login for, it does not name that copy,
 * and the pod that its controller makes in its place will.
 */
export function judgePod(
  pod: PodRecord,
  serviceAccount: ServiceAccountRecord | undefined,
  copies: readonly UsableCopy[],
): StuckPod | LeftAlone {
  if (pod.terminating) return 'it is being deleted';
  const images = pod.waiting.filter(({ reason }) => pullFailures.has(reason)).map(({ image }) => image);
  if (images.length === 0) return 'no image waits to be pulled';
  const fitting = copies
    .filter(({ namespace }) => namespace === pod.namespace)
    .flatMap((copy) => {
      const image = images.find((one) => hasLoginFor(copy.registries, one));
      return image === undefined ? [] : [{ ...copy, image }];
    });
  if (fitting.length === 0) return 'no copy in its namespace has a login for the registry';
  const lacking = fitting.filter(({ secretName }) => !pod.imagePullSecrets.includes(secretName));
  if (lacking.length === 0) return 'it names the copy already';
  const copy = lacking.find(({ secretName, comingTo }) => {
    return serviceAccount?.imagePullSecrets.includes(secretName) || comingTo.has(pod.serviceAccount);
  });
  if (!copy) return 'its ServiceAccount does not name the copy';
  if (!copy.comingTo.has(pod.serviceAccount) && namesItsOwn(pod, serviceAccount)) {
    return 'it names pull secrets of its own';
  }
  // The kubelet makes a mirror pod of a file on its node; what deletes it changes nothing there.
  if (pod.controller === undefined || pod.controller.kind === 'Node') return 'nothing would make it again';
  return { pod, image: copy.image, secretName: copy.secretName };
}

/** Source: k8s.io/kubernetes, pkg/kubelet/images, ErrImagePull and ErrImagePullBackOff. */
const pullFailures = new Set(['ErrImagePull', 'ImagePullBackOff']);

/**
 * A pod gets the list of its ServiceAccount when it is made, unless it has one of its own. Which of the two a list is can
 * be told by its age only: where the ServiceAccount's did not change since the pod was made, it is the pod's own, and the
 * next pod would have it too.
 */
export function namesItsOwn(
  { imagePullSecrets, createdAt }: PodRecord,
  serviceAccount: ServiceAccountRecord | undefined,
): boolean {
  const { imagePullSecrets: theirs = [], listChangedAt = 0 } = serviceAccount ?? {};
  if (imagePullSecrets.length === 0) return false;
  return listChangedAt < createdAt || !imagePullSecrets.every((name) => theirs.includes(name));
}
