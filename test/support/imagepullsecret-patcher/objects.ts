import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const patcher = 'imagepullsecret-patcher';
export const programFile = join(import.meta.dirname, 'program.mts');

export interface PatcherOptions {
  /** The name of its source Secret. */
  source: string;
  /** The docker config in it: the text. */
  dockerConfig: string;
  /** An image with Node, in which the program that stands in runs. */
  image: string;
}

/**
 * What is applied to install imagepullsecret-patcher, in order.
 *
 * Source: deploy-example/kubernetes-manifest of its v0.14. Its image is not to be had here; the stand-in is mounted, and
 * its image is pulled with the source Secret.
 */
export async function patcherObjects({ source, dockerConfig, image }: PatcherOptions): Promise<object[]> {
  const inside = { name: patcher, namespace: patcher };
  const labels = { name: patcher };
  const program = await readFile(programFile, 'utf8');
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: patcher } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inside },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: patcher, labels: { 'k8s-app': patcher } },
      rules: [
        {
          apiGroups: [''],
          resources: ['secrets', 'serviceaccounts'],
          verbs: 'list patch create get delete'.split(' '),
        },
        { apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'get'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: patcher },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: patcher },
      subjects: [{ kind: 'ServiceAccount', ...inside }],
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: source, namespace: patcher },
      data: { '.dockerconfigjson': Buffer.from(dockerConfig).toString('base64') },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'stand-in', namespace: patcher },
      data: { 'program.mts': program },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...inside, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: patcher,
            imagePullSecrets: [{ name: source }],
            containers: [
              {
                name: patcher,
                image,
                command: ['/usr/local/bin/node', '/stand-in/program.mts'],
                env: [
                  { name: 'CONFIG_FORCE', value: 'true' },
                  { name: 'CONFIG_DEBUG', value: 'false' },
                  { name: 'CONFIG_ALLSERVICEACCOUNT', value: 'true' },
                  { name: 'CONFIG_DOCKERCONFIGJSONPATH', value: '/app/secrets/.dockerconfigjson' },
                  { name: 'NODE_EXTRA_CA_CERTS', value: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' },
                ],
                volumeMounts: [
                  { name: 'src-dockerconfigjson', mountPath: '/app/secrets', readOnly: true },
                  { name: 'stand-in', mountPath: '/stand-in', readOnly: true },
                ],
              },
            ],
            volumes: [
              { name: 'src-dockerconfigjson', secret: { secretName: source } },
              { name: 'stand-in', configMap: { name: 'stand-in' } },
            ],
          },
        },
      },
    },
  ];
}
