import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import { text } from 'node:stream/consumers';
import { suite } from 'node:test';
import { fileURLToPath } from 'node:url';
import type {
  KubernetesObject,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1CronJob,
  V1Deployment,
  V1Job,
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1NetworkPolicy,
  V1Pod,
  V1PodSpec,
  V1PodTemplateSpec,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { tool } from '../../scripts/tools.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { valuesText } from '../support/values.ts';

export const chart = fileURLToPath(new URL('../../chart', import.meta.url));

/** The version of the chart and of its app. */
export const { version } = packageJson;

/** The password that every layer uses: it breaks all but exact handling. */
export const password = uniquePassword('s3cr3t', ',p@ss"w\\ord');

/** Values of the smallest installation. */
export const credentials = { registries: { main: { server: 'registry.example.com', username: 'ci', password } } };

/** Values without a password: the credentials are in a Secret that is there. */
export const existing = { existingSecrets: ['team-credentials'] };

/** An object of an operator's kind. */
interface Custom extends KubernetesObject {
  // biome-ignore lint/suspicious/noExplicitAny: the client has no type for it
  spec: any;
}

interface Kinds {
  ClusterRole: V1ClusterRole;
  ClusterRoleBinding: V1ClusterRoleBinding;
  ConfigMap: V1ConfigMap;
  CronJob: V1CronJob;
  Deployment: V1Deployment;
  ExternalSecret: Custom;
  Job: V1Job;
  MutatingAdmissionPolicy: V1MutatingAdmissionPolicy;
  MutatingAdmissionPolicyBinding: V1MutatingAdmissionPolicyBinding;
  NetworkPolicy: V1NetworkPolicy;
  Pod: V1Pod;
  PrometheusRule: Custom;
  Role: V1Role;
  RoleBinding: V1RoleBinding;
  SealedSecret: Custom;
  Secret: V1Secret;
  SecretProviderClass: Custom;
  Service: V1Service;
  ServiceAccount: V1ServiceAccount;
  ServiceMonitor: Custom;
  ValidatingAdmissionPolicy: V1ValidatingAdmissionPolicy;
  ValidatingAdmissionPolicyBinding: V1ValidatingAdmissionPolicyBinding;
}
export type Kind = keyof Kinds;
export type Manifest = { [K in Kind]: Kinds[K] & { kind: K } }[Kind];

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

interface RenderOptions {
  /** An object, or the text of a values file. */
  values?: object | string;
  release?: string;
  namespace?: string;
  args?: string[];
}

/** One version of Helm and what the tests ask it. */
export interface Helm {
  name: string;
  run(args: string[], input?: string): Promise<Outcome>;
  /** The objects of `helm template`. The values default to the smallest installation. */
  template(options?: RenderOptions): Promise<Manifest[]>;
  /** The error of a `helm template` that has to fail, and that shows nothing of the password. */
  refusal(options: RenderOptions): Promise<string>;
}

/** Defines the same tests for Helm 4 and Helm 3. */
export function withEachHelm(subject: string, define: (helm: Helm) => void): void {
  for (const [name, program] of [
    ['Helm 4', 'helm'],
    ['Helm 3', 'helm3'],
  ] as const) {
    suite(`${subject} (${name})`, () => define(makeHelm(name, program)));
  }
}

/** What the uninstallation needs has this as its component; all else has none. */
export const cleanup = 'cleanup';

/** The object of a kind, of the job itself or of a component; there has to be exactly one. */
export function one<K extends Kind>(manifests: Manifest[], kind: K, component?: string): Kinds[K] {
  const found = all(manifests, kind, component);
  assert.equal(found.length, 1, `${found.length} objects of kind ${kind}`);
  return found[0] as Kinds[K];
}

export function has(manifests: Manifest[], kind: Kind, component?: string): boolean {
  return all(manifests, kind, component).length > 0;
}

function all(manifests: Manifest[], kind: Kind, component: string | undefined): Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind && componentOf(manifest) === component);
}

export function componentOf({ metadata }: Manifest): string | undefined {
  return metadata?.labels?.['app.kubernetes.io/component'];
}

/** The pod templates of the schedule, of the first run and of the cleanup. */
export function podTemplates(manifests: Manifest[]): V1PodTemplateSpec[] {
  const scheduled = one(manifests, 'CronJob').spec?.jobTemplate.spec?.template;
  const first = one(manifests, 'Job').spec?.template;
  const last = one(manifests, 'Job', cleanup).spec?.template;
  assert.ok(scheduled && first && last);
  return [scheduled, first, last];
}

/** The pod of the schedule. What the others may differ in: arguments, log format, and who and how long they are. */
export function podSpec(manifests: Manifest[]): V1PodSpec {
  const [scheduled, ...others] = [...podTemplates(manifests), one(manifests, 'Pod')].map(({ spec }) => spec);
  assert.ok(scheduled);
  for (const other of others) assert.deepEqual(common(other), common(scheduled));
  return scheduled;
}

function common(spec: V1PodSpec | undefined): object {
  const { serviceAccountName: _, activeDeadlineSeconds: __, ...rest } = spec ?? { containers: [] };
  const containers = rest.containers.map(({ args: _, env, ...container }) => ({
    ...container,
    env: env?.filter(({ name }) => name !== 'PULLSECRET_SYNC_LOG_FORMAT'),
  }));
  return { ...rest, containers };
}

/** The docker config in the source Secret, as the kubelet reads it. */
export function dockerConfig(manifests: Manifest[]): string {
  const encoded = one(manifests, 'Secret').data?.['.dockerconfigjson'];
  assert.ok(encoded);
  return Buffer.from(encoded, 'base64').toString();
}

export function configText(manifests: Manifest[]): string {
  const config = one(manifests, 'ConfigMap').data?.['config.yaml'];
  assert.ok(config);
  return config;
}

/** No part of the password, plain or in base64. */
export function assertNoPassword(text: string): void {
  for (const trace of [
    's3cr3t',
    'w\\ord',
    Buffer.from('s3cr3t,p@').toString('base64'),
    Buffer.from('ci:s3cr3t').toString('base64'),
  ]) {
    assert.equal(text.includes(trace), false, 'it shows the password');
  }
}

/** Runs a program to its end. */
export async function run(program: string, args: string[], input = ''): Promise<Outcome> {
  const child = spawn(program, args, { env: { ...process.env, KUBECONFIG: devNull } });
  // One that wants no input may end before the pipe to it is closed.
  child.stdin.on('error', () => {}).end(input);
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status, stdout, stderr };
}

function makeHelm(name: string, program: 'helm' | 'helm3'): Helm {
  let path: Promise<string> | undefined;
  async function runHelm(args: string[], input?: string): Promise<Outcome> {
    path ??= tool(program);
    return run(await path, args, input);
  }
  const rendered = new Map<string, Promise<Outcome>>();
  /** Many tests look at one rendering. */
  function runTemplate(options: RenderOptions): Promise<Outcome> {
    const key = JSON.stringify(options);
    const outcome = rendered.get(key) ?? render(options);
    rendered.set(key, outcome);
    return outcome;
  }
  function render({
    values = credentials,
    release = 'pullsecret-sync',
    namespace = 'registry-access',
    args = [],
  }: RenderOptions): Promise<Outcome> {
    return runHelm(
      ['template', release, chart, '--namespace', namespace, '--kube-version', '1.37.2', '--values', '-', ...args],
      typeof values === 'string' ? values : valuesText(values),
    );
  }
  return {
    name,
    run: runHelm,
    async template(options = {}) {
      const { status, stdout, stderr } = await runTemplate(options);
      assert.equal(status, 0, stderr);
      return parseManifests(stdout);
    },
    async refusal(options) {
      const { status, stdout, stderr } = await runTemplate(options);
      assert.notEqual(status, 0, 'helm took the values');
      assert.equal(stdout.trim(), '');
      assertNoPassword(stderr);
      return stderr;
    },
  };
}

/** The objects that helm prints. */
export function parseManifests(stream: string): Manifest[] {
  assert.doesNotMatch(stream, /: [\d.]+e\+\d+$/m, 'a template writes a large number as a fraction');
  return parseAllDocuments(stream).flatMap((document) => {
    assert.deepEqual(document.errors, []);
    return document.contents === null ? [] : [document.toJS() as Manifest];
  });
}
