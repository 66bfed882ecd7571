import { parse } from 'yaml';
import type { NamespaceRecord, SecretRecord, ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import { createMask } from '../../job/src/credentials/masking.ts';
import type { ImportCluster, PatcherRecord } from '../../job/src/import/import-cluster.ts';
import { type ImportOptions, importCommand } from '../../job/src/import/import-command.ts';
import { isPullSecret } from '../../job/src/import/pull-secret.ts';
import { createLog } from '../../job/src/log.ts';
import { testClock } from '../support/test-clock.ts';

/** In every Secret of these tests; to be in no output. */
export const marker = 's3cr3t-marker';

/** What is in the cluster of a test. Namespaces without a ServiceAccount get "default". */
export interface Records {
  namespaces: Array<string | (Partial<NamespaceRecord> & { name: string })>;
  secrets: SecretRecord[];
  serviceAccounts?: ServiceAccountRecord[];
  patchers?: PatcherRecord[];
}

export interface Imported {
  /** The written file, and what it holds as YAML. */
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: values of a chart, of any shape
  values: any;
  /** Its comments as one line, without the signs before them. */
  comments: string;
  /** What was told beside it: each line with its level. */
  told: string[];
}

/** The command on a cluster of records. */
export async function importOf(
  records: Records,
  options: Partial<ImportOptions> = {},
  change: Partial<ImportCluster> = {},
): Promise<Imported> {
  const namespaces = records.namespaces.map((one) => ({
    labels: {},
    annotations: {},
    terminating: false,
    ...(typeof one === 'string' ? { name: one } : one),
  }));
  const accounts = records.serviceAccounts ?? [];
  const bare = namespaces.filter(({ name }) => accounts.every(({ namespace }) => namespace !== name));
  const cluster: ImportCluster = {
    listNamespaces: async () => namespaces,
    listServiceAccounts: async () => [...accounts, ...bare.map(({ name }) => account(name))],
    listPullSecrets: async () => records.secrets.filter(isPullSecret),
    listSecrets: async (query) => records.secrets.filter(({ name }) => name === query.name),
    listPatchers: async () => records.patchers ?? [],
    ...change,
  };
  const told: string[] = [];
  let text = '';
  const mask = createMask();
  const clock = testClock(() => Date.parse('2026-11-24T12:00:00Z'));
  const log = createLog({ format: 'text', clock, mask, write: (line) => told.push(line.trimEnd()) });
  const write = (part: string) => {
    text += part;
  };
  const deps = { cluster, clock, log, mask, version: '1.2.3', write };
  try {
    await importCommand(deps, { overwrite: false, secretName: [], ...options });
  } catch (error) {
    throw Object.assign(error as Error, { told });
  }
  const comments = [...text.matchAll(/^\s*#\s*(.*)$/gm)].map(([, comment]) => comment).join(' ');
  return {
    text,
    // Only where it is asked for: YAML compares each key with all others.
    get values() {
      return parse(text, { version: '1.1' });
    },
    comments,
    told,
  };
}

export const logins = (host = 'registry.example.com', password = marker) => ({
  auths: { [host]: { auth: Buffer.from(`robot-user:${password}`).toString('base64') } },
});

export function secret(namespace: string, rest: Partial<SecretRecord> & { holds?: unknown } = {}): SecretRecord {
  const { holds = logins(), ...fields } = rest;
  const text = typeof holds === 'string' ? holds : JSON.stringify(holds);
  return {
    namespace,
    name: 'regcred',
    uid: `uid-of-${namespace}`,
    resourceVersion: '7',
    type: 'kubernetes.io/dockerconfigjson',
    immutable: false,
    labels: {},
    annotations: {},
    content: Buffer.from(text).toString('base64'),
    managers: ['kubectl-create'],
    owners: [],
    ...fields,
  };
}

export function account(namespace: string, rest: Partial<ServiceAccountRecord> = {}): ServiceAccountRecord {
  return {
    namespace,
    name: 'default',
    uid: `uid-of-${namespace}`,
    resourceVersion: '7',
    annotations: {},
    imagePullSecrets: ['regcred'],
    listAppliedBy: undefined,
    listChangedAt: undefined,
    ...rest,
  };
}
