/** The links between a registry's login and a pod that pulls with it, in the order in which one hangs on the other. */
export type LinkName =
  | 'release'
  | 'lastRun'
  | 'namespace'
  | 'selection'
  | 'sources'
  | 'copy'
  | 'serviceAccount'
  | 'pod'
  | 'pullSecrets'
  | 'registry'
  | 'kubelet';

export type LinkState =
  | 'ok'
  | 'broken'
  /** It could not be looked at, or nobody can tell yet. */
  | 'unknown'
  /** It does not come into play: one before it is broken, or the pod does not need it. */
  | 'notReached';

/** One link. It holds no credential. */
export interface Link {
  link: LinkName;
  /** What it is about where there are several: a target, a ServiceAccount, a pod, an image. */
  about?: string;
  state: LinkState;
  /** What was found. One sentence without a full stop. */
  says: string;
  /** What mends it, or lets it be looked at. One sentence without a full stop. */
  fix?: string;
}

/** What was found on the way from the release to the pods of a namespace, or to one pod. */
export interface Chain {
  namespace: string;
  pod?: string;
  links: Link[];
  /** Whether there is what was asked for. */
  found: boolean;
  /** Whether all that was to be pulled is there, whatever is broken on the way; `undefined`: no pod was looked at. */
  pulled?: boolean;
}

/** Where to begin: what comes after it may be broken by it only. */
export function firstBroken({ links }: Pick<Chain, 'links'>): Link | undefined {
  return links.find(({ state }) => state === 'broken');
}
