import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { version } from '../../job/src/version.ts';
import { bundleFile } from '../../scripts/build.ts';
import type { ControlPlane } from '../../scripts/cluster/control-plane.ts';
import { nameRegistry } from '../../scripts/cluster/node.ts';
import { writeNodeBase } from '../../scripts/cluster/node-base.ts';
import { startRegistry } from '../../scripts/cluster/registry.ts';
import { createNamespace, type Kubectl } from '../../scripts/cluster/workloads.ts';
import { tool } from '../../scripts/tools.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { createOwnProject, createProject, type Project, type Variables } from '../support/gitlab.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { caConfigMap, startHttpsFront } from './https-front.ts';
import { chart, password, releaseNamespace, startTestCluster, type TestCluster } from './support.ts';

const run = promisify(execFile);
export const partFile = join(chart, 'gitlab', 'cluster.yml');
export const gitlabHost = 'registry.gitlab.example.com';
export const gitlabImage = `${gitlabHost}/platform/pullsecret-sync`;
/** What the pipeline's token is, for the registry of GitLab too. */
export const jobToken = uniquePassword('j0bt0ken');

/** GitLab with two projects, and the two clusters that they serve. */
export interface Landscape extends AsyncDisposable {
  /** Runs pods. */
  staging: TestCluster;
  /** Runs none: what its jobs would do is not done. */
  production: ControlPlane;
  productionKubectl: Kubectl;
  /** This project, which publishes image and chart. */
  own: Project;
  /** One with the page's ten lines, which uses them. */
  project: Project;
  /** The variables that GitLab itself sets. */
  predefined: Variables;
  /** The variables that the page asks for, as the settings of a project hold them. */
  settings: Variables;
}

export async function startLandscape(): Promise<Landscape> {
  await using starting = new AsyncDisposableStack();
  const staging = starting.use(await startTestCluster());
  const production = starting.use(await startControlPlane());
  const kubectl = await tool('kubectl');
  const { registry, controlPlane } = staging.cluster;
  const { directory } = controlPlane;
  const users = { username: 'gitlab-ci-token', password: jobToken, others: { 'deploy-token': password } };
  const gitlabRegistry = starting.use(await startRegistry({ host: gitlabHost, port: 5003, directory, ...users }));
  const base = join(directory, 'node-base.tar');
  await writeNodeBase(base);
  await gitlabRegistry.push(base, 'base/node:26');
  await nameRegistry(directory, gitlabRegistry);
  const front = starting.use(await startHttpsFront([registry, gitlabRegistry], directory));
  await front.nameOnThisMachine();
  for (const namespace of ['team-a', 'team-b', releaseNamespace]) await createNamespace(staging.kubectl, namespace);
  await staging.apply(caConfigMap(releaseNamespace, front));

  const ofPipeline = { CI_REGISTRY_USER: 'gitlab-ci-token', CI_REGISTRY_PASSWORD: jobToken, CI_JOB_TOKEN: jobToken };
  const auths = { [gitlabHost]: { username: 'deploy-token', password: raw(password) } };
  const project = await createProject('platform/clusters', {
    '.gitlab-ci.yml': await tenLines({ staging: 'staging.yaml', production: 'production.yaml' }),
    'cluster.yml': await readFile(partFile, 'utf8'),
    'staging.yaml': stringify(front.values),
    'production.yaml': stringify(withoutPods),
  });
  const parts = starting.move();
  return {
    staging,
    production,
    productionKubectl: async (...args) => (await run(kubectl, ['--kubeconfig', production.kubeconfig, ...args])).stdout,
    own: await createOwnProject('platform/pullsecret-sync'),
    project,
    predefined: { CI_REGISTRY: gitlabHost, ...ofPipeline, SSL_CERT_FILE: front.caFile },
    settings: {
      ...login(password),
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths }),
      KUBECONFIG: fileVariable(await agentsKubeconfig({ staging, production })),
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

const withoutPods = {
  ...{ runOnInstall: { enabled: false }, suspend: true, cleanupOnUninstall: false },
  verifyCredentials: 'off',
};

/** The ten lines of the page, with a cluster more whose agent nobody shares, and with what is another thing here. */
async function tenLines(values: Record<string, string>): Promise<string> {
  const page = await readFile(join(chart, 'pages', 'gitlab.md'), 'utf8');
  const { include, ...rest } = parse(/```yaml\n(stages:.*?)```/s.exec(page)?.[1] ?? '');
  const nowhere = { cluster: 'nowhere', context: 'platform/agents:nowhere', stage: 'production', apply: 'manual' };
  const inputs = [...include.map((one: { inputs: { cluster: string } }) => one.inputs), nowhere];
  const here = { chart: `oci://${gitlabImage}/charts/pullsecret-sync`, version, program: bundleFile };
  return stringify({
    ...rest,
    include: inputs.map((one) => ({
      local: '/cluster.yml',
      inputs: { ...one, ...here, values: values[one.cluster] ?? '' },
    })),
  });
}

/** The variables of one registry. */
export function login(secret: string): Variables {
  return { REGISTRY_SERVER: 'registry.example.com', REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: raw(secret) };
}

/** A value as it is with "Expand variable reference" off: the runner here expands in any case, and knows "$$". */
function raw(value: string): string {
  return value.replaceAll('$', '$$$$');
}

export function fileVariable(content: string): Variables[string] {
  return { type: 'file', values: { '*': content } };
}

/**
 * The kubeconfig of both clusters, whose contexts have the names that the GitLab agent gives.
 *
 * @param servers another address for a cluster
 */
export async function agentsKubeconfig(
  { staging, production }: Pick<Landscape, 'staging' | 'production'>,
  servers: Record<string, string> = {},
): Promise<string> {
  const files = { staging: staging.cluster.controlPlane.kubeconfig, production: production.kubeconfig };
  const parts = await Promise.all(
    Object.entries(files).map(async ([name, file]) => {
      const { clusters, users } = parse(await readFile(file, 'utf8'));
      const { cluster } = clusters[0];
      return { name, cluster: { ...cluster, server: servers[name] ?? cluster.server }, user: users[0].user };
    }),
  );
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: parts.map(({ name, cluster }) => ({ name, cluster })),
    users: parts.map(({ name, user }) => ({ name, user })),
    contexts: parts.map(({ name }) => ({ name: `platform/agents:${name}`, context: { cluster: name, user: name } })),
  });
}
