import type { SecretRecord } from '../cluster/cluster.ts';
import { marks, patcherMark } from '../plan/marks.ts';
import { markedRelease } from '../plan/ownership.ts';
import { isPullSecret } from './pull-secret.ts';

/** Who keeps a pull secret, as far as an import is concerned. */
export type Holder =
  /** OpenShift makes one for each ServiceAccount, for its own registry. */
  | { kind: 'generated' }
  /** A release of ours, as `<namespace>/<name>`: never touched by another one. */
  | { kind: 'release'; release: string }
  /** Never touched. */
  | { kind: 'helm'; release: string }
  | { kind: 'patcher' }
  /** It has the name, but neither the type nor the key of a pull secret: to take it over would be to delete it. */
  | { kind: 'stranger' }
  /** Anybody else. */
  | { kind: 'other' };

/** Annotations of what OpenShift generates. Source: openshift/openshift-controller-manager, those of 4.16 and of before. */
const generatedMarks = [
  'openshift.io/internal-registry-auth-token.service-account',
  'openshift.io/token-secret.name',
  'kubernetes.io/service-account.name',
];

export function holderOf(secret: SecretRecord): Holder {
  const { name, type, labels, annotations } = secret;
  const isGenerated = /-dockercfg-[a-z0-9]{5}$/.test(name) || generatedMarks.some((mark) => mark in annotations);
  if (type === 'kubernetes.io/dockercfg' && isGenerated) return { kind: 'generated' };
  if (labels[marks.managedBy] === 'Helm') {
    return { kind: 'helm', release: annotations['meta.helm.sh/release-name'] ?? '(unknown)' };
  }
  if (!isPullSecret(secret) && secret.content === undefined) return { kind: 'stranger' };
  const release = markedRelease(secret);
  if (release !== undefined) return { kind: 'release', release };
  return { kind: annotations[patcherMark.key] === patcherMark.value ? 'patcher' : 'other' };
}

/** A Secret that keeps a release out of its namespace. */
export function isClosed(secret: SecretRecord): boolean {
  return ['release', 'stranger'].includes(holderOf(secret).kind);
}

/** A Secret that an installation may take over. */
export function isTakeable(secret: SecretRecord): boolean {
  return ['patcher', 'other'].includes(holderOf(secret).kind);
}
