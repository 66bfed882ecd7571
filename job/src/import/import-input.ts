import type { NamespaceRecord, ServiceAccountRecord } from '../cluster/cluster.ts';
import type { PatcherRecord } from './import-cluster.ts';
import type { PullSecret } from './pull-secret.ts';

/** What an import goes by. */
export interface ImportInput {
  namespaces: NamespaceRecord[];
  serviceAccounts: ServiceAccountRecord[];
  /** Every pull secret, and what else has the name of one. */
  secrets: PullSecret[];
  patchers: PatcherRecord[];
  /** Only Secrets of these names; none: all. */
  secretNames: string[];
  /** Hides the passwords of all these Secrets in a text. */
  mask(text: string): string;
}
