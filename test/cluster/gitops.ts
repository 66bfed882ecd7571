import type { KubernetesObject } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { type TestRelease, workingChart } from './release.ts';
import type { TestCluster } from './support.ts';

/** What Argo CD tells helm that the cluster serves, as far as the chart asks. */
const served = [
  '--kube-version',
  '1.37.2',
  '--api-versions',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy,admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy',
];
/** What each write changes, whatever it writes. */
const versions = ['resourceVersion', 'generation', 'managedFields'];

/** The objects of `helm template`, hooks too. */
export async function rendered(release: TestRelease, values: object, flags = served): Promise<KubernetesObject[]> {
  const args = ['template', 'pullsecret-sync', workingChart, '--values', '-', ...flags];
  return objectsIn(await release.helm(args, values));
}

export function objectsIn(manifest: string): KubernetesObject[] {
  return parseAllDocuments(manifest)
    .map((document) => document.toJS())
    .filter((object) => object !== null);
}

export function isHook({ metadata }: KubernetesObject): boolean {
  return metadata?.annotations?.['helm.sh/hook'] !== undefined;
}

/**
 * Server-side apply under the name that a tool has.
 *
 * @returns the objects as they are then
 * @throws where another manager has other values, unless `flags` has `--force-conflicts`
 */
export async function applyAs(
  cluster: TestCluster,
  manager: string,
  objects: object[],
  flags: string[] = [],
): Promise<KubernetesObject[]> {
  const args = ['apply', '--server-side', `--field-manager=${manager}`, '-o', 'json', ...flags, '-f', '-'];
  return itemsOf(await cluster.kubectl(args, list(objects)));
}

/**
 * What a tool that compares by a server-side dry run sees as drift: the paths at which its next apply would change
 * something.
 */
export async function drift(
  cluster: TestCluster,
  manager: string,
  objects: KubernetesObject[],
  flags: string[] = [],
): Promise<string[]> {
  const predicted = await applyAs(cluster, manager, objects, ['--dry-run=server', ...flags]);
  const got = await cluster.kubectl(['get', '--ignore-not-found', '-o', 'json', '-f', '-'], list(objects));
  const live = new Map(got === '' ? [] : itemsOf(got).map((object) => [nameOf(object), object]));
  return predicted.flatMap((object) => {
    const name = nameOf(object);
    return differences(withoutVersions(live.get(name)), withoutVersions(object), name);
  });
}

/** The paths at which two values differ. */
export function differences(a: unknown, b: unknown, path: string): string[] {
  if (!isObject(a) || !isObject(b)) return Object.is(a, b) ? [] : [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differences(a[key], b[key], `${path}/${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function withoutVersions(object: KubernetesObject | undefined): object | undefined {
  if (!object) return undefined;
  const metadata = Object.entries(object.metadata ?? {}).filter(([key]) => !versions.includes(key));
  return { ...object, metadata: Object.fromEntries(metadata) };
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.name}`;
}

function list(objects: object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}

function itemsOf(json: string): KubernetesObject[] {
  const parsed = JSON.parse(json);
  return parsed.items ?? [parsed];
}
