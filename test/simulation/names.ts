import type { Release } from '../../job/src/config/config.ts';

/** The release that runs. */
export const release: Release = { namespace: 'registry-access', name: 'pullsecret-sync' };
/** Another one of ours in the same cluster; in some configurations it is one that this release follows. */
export const otherRelease: Release = { namespace: 'elsewhere', name: 'pullsecret-sync' };
export const statusName = 'pullsecret-sync-status';

/** The name that most copies have, a profile's own, and one that some configurations used before. */
export const secretNames = ['image-pull-secret', 'team-secret', 'old-secret'] as const;
export const [secretName, teamSecretName, oldSecretName] = secretNames;

/** Every target has sources of its own, so that a run reads each of them once before it writes. */
export const sourceNames = ['source-a', 'source-b', 'source-team', 'source-gold'] as const;

/** Namespaces that come and go. The release namespace and a system namespace stay. */
export const teams = ['team-a', 'team-b', 'team-c', 'other'];
/** Further ones of a cluster with many, enough for the limit on removals. */
export const crowd = ['crowd-a', 'crowd-b', 'crowd-c', 'crowd-d', 'crowd-e', 'crowd-f', 'crowd-g'];
export const accounts = ['default', 'builder'];
