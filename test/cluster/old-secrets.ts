import type { V1Secret } from '@kubernetes/client-node';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { documented } from '../support/page.ts';
import { sourceSecret } from './support.ts';

/** The name of all Secrets on the page. */
export const secretName = 'regcred';
/** The registry that old Secrets have a login for. */
export const oldHost = 'old.example.com';

/** What a tool has in the cluster, as its own source says; `job/src/plan/other-tools.ts` names each. */
export interface Tool {
  /** The heading of its section. */
  title: string;
  /** The namespaces with its copies. */
  namespaces: string[];
  /** Its field manager: what stands before the slash of its user agent. */
  manager: string;
  /** The labels and annotations of its copies. */
  marks(): { labels?: Record<string, string>; annotations?: Record<string, string> };
  /** What its copies are made from. */
  source(): object[];
  /** What a conflict says of it, and of what to stop. */
  owner: string;
  stop: RegExp;
  /** Those of its section: before its copies are taken over, and afterwards. */
  commands: { before: string; after: string };
}

const time = '2026-01-02T03:04:05Z';
export const reflector = 'reflector.v1.k8s.emberstack.com';
export const replicator = 'replicator.v1.mittwald.de';

export const tools: Tool[] = [
  {
    title: 'reflector',
    namespaces: ['mirrored-a', 'mirrored-b'],
    manager: 'Reflector',
    marks: () => ({
      annotations: {
        [`${reflector}/auto-reflects`]: 'True',
        [`${reflector}/reflects`]: `infra/${secretName}`,
        [`${reflector}/reflected-version`]: '4711',
        [`${reflector}/reflected-at`]: time,
      },
    }),
    source: () => [
      annotated(oldSecret('infra'), {
        [`${reflector}/reflection-allowed`]: 'true',
        [`${reflector}/reflection-auto-enabled`]: 'true',
      }),
    ],
    owner: `reflector, from infra/${secretName}`,
    stop: /scale the Deployment reflector to 0/,
    commands: {
      before: documented('chart/pages/from-other-tools.md', 'reflector', 'replicas 0'),
      after: documented('chart/pages/from-other-tools.md', 'reflector', 'kubectl delete'),
    },
  },
  {
    title: 'kubernetes-replicator',
    namespaces: ['pushed-a', 'pushed-b'],
    manager: 'replicator',
    marks: () => ({
      annotations: {
        [`${replicator}/replicated-at`]: time,
        [`${replicator}/replicated-from-version`]: '4711',
        [`${replicator}/replicated-keys`]: '.dockerconfigjson',
      },
    }),
    source: () => [annotated(oldSecret('shared'), { [`${replicator}/replicate-to`]: 'pushed-.*' })],
    owner: 'kubernetes-replicator',
    stop: /scale the Deployment kubernetes-replicator to 0/,
    commands: {
      before: documented('chart/pages/from-other-tools.md', 'kubernetes-replicator', 'replicas 0'),
      after: documented('chart/pages/from-other-tools.md', 'kubernetes-replicator', 'kubectl delete'),
    },
  },
  {
    title: 'ClusterSecret',
    namespaces: ['cloned-a', 'cloned-b'],
    manager: 'OpenAPI-Generator',
    marks: () => ({
      labels: { 'clustersecret.io': 'true' },
      annotations: {
        'clustersecret.io/created-by': 'ClusterSecrets',
        'clustersecret.io/version': '0.0.15',
        'clustersecret.io/last-sync': time,
      },
    }),
    source: () => [
      {
        apiVersion: 'clustersecret.io/v1',
        kind: 'ClusterSecret',
        metadata: { name: secretName, finalizers: ['kopf.zalando.org/KopfFinalizerMarker'] },
        matchNamespace: ['cloned-.*'],
      },
    ],
    owner: 'ClusterSecret',
    stop: /scale the Deployment of ClusterSecret to 0/,
    commands: {
      before: documented('chart/pages/from-other-tools.md', 'ClusterSecret', 'replicas 0'),
      after: documented('chart/pages/from-other-tools.md', 'ClusterSecret', 'kubectl patch'),
    },
  },
  {
    title: 'Kyverno: a rule that generates Secrets',
    namespaces: ['generated-a', 'generated-b'],
    manager: 'Kyverno',
    marks: () => ({
      labels: {
        'app.kubernetes.io/managed-by': 'kyverno',
        'generate.kyverno.io/policy-name': 'sync-secrets',
        'generate.kyverno.io/policy-namespace': '',
        'generate.kyverno.io/rule-name': 'sync-image-pull-secret',
        'generate.kyverno.io/trigger-kind': 'Namespace',
        'generate.kyverno.io/trigger-version': 'v1',
        'generate.kyverno.io/source-kind': 'Secret',
        'generate.kyverno.io/source-namespace': 'infra',
        'generate.kyverno.io/clone-source': '',
      },
    }),
    source: () => [
      policy('sync-secrets', {
        name: 'sync-image-pull-secret',
        generate: {
          kind: 'Secret',
          name: secretName,
          synchronize: true,
          clone: { namespace: 'infra', name: secretName },
        },
      }),
    ],
    owner: 'the Kyverno policy sync-secrets',
    stop: /turn synchronize off in the Kyverno policy sync-secrets/,
    commands: {
      before: documented('chart/pages/from-other-tools.md', 'Kyverno: a rule that generates Secrets', 'kubectl patch'),
      after: documented('chart/pages/from-other-tools.md', 'Kyverno: a rule that generates Secrets', 'kubectl delete'),
    },
  },
];

/** A Secret as somebody else has it. */
export function oldSecret(namespace: string): V1Secret & object {
  return sourceSecret(secretName, `old:${uniquePassword('login')}`, oldHost, namespace);
}

export function metadata(namespace: string, marks: object): object {
  return { name: secretName, namespace, ...marks };
}

export function annotated(secret: object, annotations: Record<string, string>): object {
  const { metadata: own } = secret as V1Secret;
  return { ...secret, metadata: { ...own, annotations } };
}

export function policy(name: string, rule?: object): object {
  return { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name }, spec: { rules: [rule] } };
}

/** A kind of cluster-scoped objects that may hold anything. */
export function resourceDefinition(kind: string, group: string, version: string): object {
  const singular = kind.toLowerCase();
  const plural = singular.replace(/y$/, 'ie').concat('s');
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: { kind, singular, plural },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

export function deployment(namespace: string, name: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image: 'registry.example.com/tool:1' }] } },
    },
  };
}
