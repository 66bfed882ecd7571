import type { Release } from '../config/config.ts';

/** The marks that the job leaves on objects and the ones it obeys. Their names are a contract. */
export const marks = {
  fieldManager: 'pullsecret-sync',
  managedBy: 'app.kubernetes.io/managed-by',
  managedByValue: 'pullsecret-sync',
  /** On a copy: who owns it, and in which namespace it was made. */
  owner: 'pullsecret-sync.io/owner',
  /** On a copy: `"true"` where the Secret was there before us. It is handed back rather than deleted. */
  adopted: 'pullsecret-sync.io/adopted',
  /** On a copy whose name is no longer used: since when (ISO 8601). */
  retiredAt: 'pullsecret-sync.io/retired-at',
  /** On a ServiceAccount: which references came from which release. */
  added: 'pullsecret-sync.io/added',
  /** On a Namespace or a ServiceAccount: `"true"` takes it out. */
  exclude: 'pullsecret-sync.io/exclude',
  /** On the ConfigMap of the configuration: until when (ISO 8601) runs stand still, since a cleanup is under way. */
  standStillUntil: 'pullsecret-sync.io/stand-still-until',
  /** The annotation with which users of imagepullsecret-patcher took a namespace out. */
  patcherExclude: 'k8s.titansoft.com/imagepullsecret-patcher-exclude',
} as const;

/** An annotation, and its value, on what imagepullsecret-patcher made. */
export const patcherMark = { key: 'app.kubernetes.io/managed-by', value: 'imagepullsecret-patcher' } as const;

/**
 * The owner mark of a copy. It names the namespace too, so that a copy that was exported and applied
 * elsewhere is not taken for ours.
 */
export function ownerMark(release: Release, namespace: string): string {
  return `${release.namespace}/${release.name}/${namespace}`;
}

/** One entry of the `added` annotation. */
export function addedMark(release: Release, secretName: string): string {
  return `${release.namespace}/${release.name}:${secretName}`;
}

/** The entries of an `added` annotation; none where there is no annotation. */
export function parseAdded(annotation: string | undefined): string[] {
  return (annotation ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
