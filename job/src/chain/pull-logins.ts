import type { ClusterError } from '../cluster/cluster-error.ts';
import { hasLoginFor } from '../pods/image-login.ts';
import type { Observed, PodSeen, SeenTarget } from './observed.ts';

/** A pull secret that a pod has, or has once the links before are mended. */
export interface PullLogins {
  name: string;
  /** The target whose copy it is. */
  target: SeenTarget | undefined;
  /** What it has logins for, now or once it is current: keys of a docker config. */
  registries: string[];
  /** Why it could not be looked at. */
  not?: ClusterError;
}

export function pullLoginsOf(pod: PodSeen, targets: readonly SeenTarget[], { secrets }: Observed): PullLogins[] {
  const names = new Set([...targets.map(({ target }) => target.secretName), ...pod.imagePullSecrets]);
  return [...names].flatMap((name): PullLogins[] => {
    const seen = secrets.get(name);
    const target = targets.find((one) => one.target.secretName === name);
    const coming = target?.content === undefined ? [] : [...target.logins.keys()];
    if (seen && 'not' in seen) return [{ name, target, registries: coming, not: seen.not }];
    if (!seen?.is && coming.length === 0) return [];
    return [{ name, target, registries: [...new Set([...(seen?.is?.registries ?? []), ...coming])] }];
  });
}

export function withLoginFor(image: string, logins: readonly PullLogins[]): PullLogins[] {
  return logins.filter(({ registries }) => hasLoginFor(registries, image));
}
