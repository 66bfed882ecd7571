import type { Cluster, SecretRecord } from '../cluster/cluster.ts';

/** What an import looks at, with the rights of the person who runs it. It only reads. */
export interface ImportCluster extends Pick<Cluster, 'listNamespaces' | 'listServiceAccounts' | 'listSecrets'> {
  /** The Secrets of both types of pull secrets, in every namespace; `content` is the value of the key of their type. */
  listPullSecrets(): Promise<SecretRecord[]>;
  /** The Deployments whose image is imagepullsecret-patcher's. */
  listPatchers(): Promise<PatcherRecord[]>;
}

/** A Deployment of imagepullsecret-patcher. */
export interface PatcherRecord {
  namespace: string;
  name: string;
  /** It is not scaled down to nothing. */
  runs: boolean;
  /** Its variables by name, those in `patcherVariables` only: another one holds a whole docker config. */
  settings: Record<string, string>;
  /** Variables of `patcherVariables` that come from another object. */
  unread: string[];
  /** The Secrets that it has mounted, or has a variable from: what it copies. */
  sources: string[];
}

/** The variables of imagepullsecret-patcher that say what it does, and hold no credential. */
export const patcherVariables = [
  'CONFIG_FORCE',
  'CONFIG_SECRETNAME',
  'CONFIG_ALLSERVICEACCOUNT',
  'CONFIG_SERVICEACCOUNTS',
  'CONFIG_EXCLUDED_NAMESPACES',
] as const;
