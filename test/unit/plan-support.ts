import type { NamespaceRecord, SecretRecord, ServiceAccountRecord } from '../../job/src/cluster/cluster.ts';
import type { Snapshot } from '../../job/src/plan/observe.ts';
import type { DesiredTarget, Placement, PlanRules } from '../../job/src/plan/placement.ts';
import { plan } from '../../job/src/plan/plan.ts';
import type { PlanInput } from '../../job/src/plan/plan-namespace.ts';
import { targetWith } from '../support/selection-cases.ts';

export const rules: Omit<PlanRules, 'targets'> = {
  release: { namespace: 'registry-access', name: 'pullsecret-sync' },
  previousSecretNames: [],
  previousServiceAccounts: [],
  previousReleases: [],
  retireAfter: 3_600_000,
  maxRemovePercent: 50,
};
export const now = new Date('2026-11-24T12:00:00Z');
export const version = { uid: 'u1', resourceVersion: '7' };

export function namespace(name: string, rest: Partial<NamespaceRecord> = {}): NamespaceRecord {
  return { name, labels: {}, annotations: {}, terminating: false, ...rest };
}

export function copy(inside: string, rest: Partial<SecretRecord> = {}): SecretRecord {
  return {
    namespace: inside,
    name: 'image-pull-secret',
    ...version,
    type: 'kubernetes.io/dockerconfigjson',
    immutable: false,
    labels: { 'app.kubernetes.io/managed-by': 'pullsecret-sync' },
    annotations: { 'pullsecret-sync.io/owner': `registry-access/pullsecret-sync/${inside}` },
    content: 'wanted',
    managers: ['pullsecret-sync'],
    owners: [],
    ...rest,
  };
}

export function serviceAccount(inside: string, rest: Partial<ServiceAccountRecord> = {}): ServiceAccountRecord {
  return {
    namespace: inside,
    name: 'default',
    ...version,
    annotations: {},
    imagePullSecrets: [],
    listAppliedBy: undefined,
    listChangedAt: undefined,
    ...rest,
  };
}

export function snapshot(
  namespaces: NamespaceRecord[],
  secrets: SecretRecord[] = [],
  accounts: ServiceAccountRecord[] = [],
): Snapshot {
  return {
    namespaces,
    secrets: () => secrets,
    secret: (inside, name) => secrets.find((one) => one.namespace === inside && one.name === name),
    serviceAccounts: (inside) => accounts.filter((one) => one.namespace === inside),
  };
}

export interface PlanOptions {
  /** Fields of the one target. */
  target?: object;
  content?: string | undefined;
  rules?: Partial<PlanRules>;
  targets?: DesiredTarget[];
  removedLately?: PlanInput['removedLately'];
}

export function planOf(state: Snapshot, options: PlanOptions = {}): Placement[] {
  return fullPlanOf(state, options).placements;
}

export function fullPlanOf(state: Snapshot, options: PlanOptions = {}) {
  const content = 'content' in options ? options.content : 'wanted';
  const targets = options.targets ?? [{ target: targetWith(options.target), content }];
  const all = { ...rules, targets: targets.map((desired) => desired.target), ...options.rules };
  return plan({ rules: all, targets, snapshot: state, now, removedLately: options.removedLately });
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export const plainMarks = { labelled: true, adopted: false, retiredAt: undefined };
export const inLine = {
  secrets: [copy('team-a')],
  accounts: [serviceAccount('team-a', { imagePullSecrets: ['image-pull-secret'] })],
};
