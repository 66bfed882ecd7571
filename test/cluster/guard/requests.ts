import { uniqueLogin } from '../../support/leaks/unique-password.ts';
import { type ApiRequest, applyType } from '../api-requests.ts';
import { releaseNamespace, secretName } from '../support.ts';

/** What somebody with a stolen token tries, which the roles let through. */
export interface Attempt {
  what: string;
  request: ApiRequest;
  /** What the guard says. */
  refusal: RegExp;
}

export const managedBy = 'app.kubernetes.io/managed-by';
const added = 'pullsecret-sync.io/added';
export const ours = `${releaseNamespace}/pullsecret-sync`;
const otherReleases = 'other/release:more';
export const ourMark = `${ours}:${secretName}`;
export const allMarks = `${otherReleases},${ourMark}`;
export const allReferences = ['theirs', 'more', secretName];

/** A request that changes a ServiceAccount `default`. */
export function patchAccount(change: object, namespace = 'team-a'): ApiRequest {
  return { method: 'PATCH', path: `/api/v1/namespaces/${namespace}/serviceaccounts/default`, body: change };
}

export function references(...names: string[]): object[] {
  return names.map((name) => ({ name }));
}

/** Marks and references as a change of a ServiceAccount. */
export function accountWith(names: string[], marks: string) {
  return { metadata: { annotations: { [added]: marks } }, imagePullSecrets: references(...names) };
}

const secretPath = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets/${secretName}`;

export function patchSecret(change: object, namespace = 'team-a'): ApiRequest {
  return { method: 'PATCH', path: secretPath(namespace), body: change };
}

export function deleteSecret(namespace: string): ApiRequest {
  return { method: 'DELETE', path: secretPath(namespace) };
}

/** Server-side apply of a copy, as the job makes it, but for these changes. */
export function applySecret(namespace: string, { metadata = {}, ...rest }: Changes = {}): ApiRequest {
  const marks = {
    labels: { [managedBy]: 'pullsecret-sync' },
    annotations: { 'pullsecret-sync.io/owner': owner(namespace) },
  };
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': dockerConfig },
    ...rest,
    metadata: { name: secretName, namespace, ...marks, ...metadata },
  };
  const path = `${secretPath(namespace)}?fieldManager=pullsecret-sync&force=true`;
  return { method: 'PATCH', path, type: applyType, body };
}

/** The marks of a Secret that was there before. */
export function adopted(namespace: string): Changes {
  const annotations = { 'pullsecret-sync.io/owner': owner(namespace), 'pullsecret-sync.io/adopted': 'true' };
  return { metadata: { labels: { [managedBy]: 'pullsecret-sync' }, annotations } };
}

interface Changes {
  metadata?: object;
  [field: string]: unknown;
}

const auths = { 'thief.example.com': { auth: Buffer.from(uniqueLogin('thief')).toString('base64') } };
export const dockerConfig = Buffer.from(JSON.stringify({ auths })).toString('base64');

export function owner(namespace: string, release = ours): string {
  return `${release}/${namespace}`;
}

/** A change that takes all marks off a Secret. */
export function handedBack(): object {
  const annotations = Object.fromEntries(
    ['owner', 'adopted', 'retired-at'].map((mark) => [`pullsecret-sync.io/${mark}`, null]),
  );
  return { metadata: { labels: { [managedBy]: null }, annotations } };
}

/** Makes a Secret that the controller of tokens fills. */
export function tokenOf(serviceAccount: string, namespace: string): ApiRequest {
  const annotations = { 'kubernetes.io/service-account.name': serviceAccount };
  return applySecret(namespace, {
    type: 'kubernetes.io/service-account-token',
    metadata: { labels: {}, annotations },
    data: {},
  });
}
