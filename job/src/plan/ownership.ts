import type { SecretRecord } from '../cluster/cluster.ts';
import type { Release } from '../config/config.ts';
import { marks, ownerMark, patcherMark } from './marks.ts';
import { type OtherTool, otherToolOf } from './other-tools.ts';

/** Whose a Secret is that has a copy's name. */
export type Ownership =
  | { kind: 'ours' }
  /** Made by imagepullsecret-patcher: taken over in place. */
  | { kind: 'patcher' }
  /** Never touched, whatever the settings. */
  | { kind: 'protected'; owner: string }
  /** Anyone else's: kept, or adopted where the target says so. */
  | { kind: 'foreign'; owner: string; tool?: OtherTool };

/** Decides whose it is. What a release of `previousReleases` owned is ours too. */
export function ownershipOf(
  secret: SecretRecord,
  { release: own, previousReleases }: { release: Release; previousReleases: readonly Release[] },
): Ownership {
  const { labels, annotations, namespace, managers } = secret;
  const owner = annotations[marks.owner];
  // Helm's label comes first: a release that took a copy over owns it, whatever marks of ours are left.
  if (labels[marks.managedBy] === 'Helm') {
    return { kind: 'protected', owner: `the Helm release ${annotations['meta.helm.sh/release-name'] ?? '(unknown)'}` };
  }
  if (isMarked(secret) && [own, ...previousReleases].some((release) => owner === ownerMark(release, namespace)))
    return { kind: 'ours' };
  const release = markedRelease(secret);
  if (release !== undefined) return { kind: 'protected', owner: `the release ${release} of pullsecret-sync` };
  if (annotations[patcherMark.key] === patcherMark.value) return { kind: 'patcher' };
  const tool = otherToolOf(secret);
  if (tool) return { kind: 'foreign', owner: tool.name, tool };
  return { kind: 'foreign', owner: managers.length > 0 ? managers.join(', ') : 'an unknown writer' };
}

/** The release, as `<namespace>/<name>`, whose marks a copy has: right for the namespace that it is in. */
export function markedRelease(secret: SecretRecord): string | undefined {
  const owner = secret.annotations[marks.owner];
  const place = `/${secret.namespace}`;
  return isMarked(secret) && owner?.endsWith(place) ? owner.slice(0, -place.length) : undefined;
}

/** Our label, or, on a Secret that was adopted with another tool's label, the mark of that. */
function isMarked({ labels, annotations }: SecretRecord): boolean {
  return labels[marks.managedBy] === marks.managedByValue || annotations[marks.adopted] === 'true';
}
