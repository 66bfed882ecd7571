import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatDockerConfig, parseDockerConfig } from '../../job/src/credentials/docker-config.ts';
import { bundleFile } from '../../scripts/build.ts';
import { startControlPlane } from '../../scripts/cluster/control-plane.ts';
import { tool } from '../../scripts/tools.ts';
import { until } from '../../scripts/until.ts';
import { auditedRequests } from '../cluster/audit.ts';
import { registryValues, releaseNamespace, startTestCluster, type TestCluster } from '../cluster/support.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import type { Command } from './measure.ts';
import { podFiles } from './pod-files.ts';

const run = promisify(execFile);
/** The namespaces of a bench begin with it, so that those of the cluster itself stay out for both programs. */
export const prefix = 'bench-';
const release = 'pullsecret-sync';

/** A cluster with namespaces to work on, and the two programs that do it. */
export interface Landscape extends AsyncDisposable {
  cluster: TestCluster;
  directory: string;
  /** Adds namespaces until there are so many. */
  fill(count: number): Promise<void>;
  /** The same, and resolves once each has its `default` ServiceAccount. */
  grow(count: number): Promise<void>;
  /** Takes all copies and references away. */
  reset(): Promise<void>;
  /** Gives the source another password. */
  rotate(): Promise<void>;
  /** The job as it runs in a pod: the image's command, with the identity and the configuration of the release. */
  job(...args: string[]): Command;
  /** The bare client with the same identity, for the same work. */
  yardstick(): Promise<Command>;
  /** What the release's identity asked for while `during` ran: how often, by verb and resource, and when first. */
  requests(during: () => Promise<unknown>): Promise<{ counts: Record<string, number>; firstAt: number }>;
}

/** @param values of the release, besides its source and its namespaces */
export async function startLandscape(values: object = {}): Promise<Landscape> {
  // Not one that is searched for passwords: to search 200,000 states takes longer than to measure.
  const cluster = await startTestCluster(() => startControlPlane());
  const { directory, kubeconfig, server, caFile, auditLog } = cluster.controlPlane;
  const yardstick = await tool('yardstick');
  const asAdmin = (...args: string[]) => run(yardstick, [args[0] as string, kubeconfig, prefix, ...args.slice(1)]);
  const fill = async (count: number) => void (await asAdmin('fill', String(count)));
  let passwords = 0;
  const rotate = () => {
    passwords += 1;
    const source = registryValues(uniquePassword(`bench-${passwords}`));
    return cluster.install({ ...source, namespaces: { include: [`${prefix}*`] }, ...values });
  };
  await rotate();
  // Longer than any bench.
  const token = await cluster.kubectl(['create', 'token', release, '-n', releaseNamespace, '--duration', '10h']);
  const pod = await podFiles({ server, caFile, token });
  const flags = await imageFlags();

  return {
    cluster,
    directory,
    fill,
    async grow(count) {
      await fill(count);
      await untilAccounts(cluster.kubectl, count);
    },
    reset: async () => void (await asAdmin('reset')),
    rotate,
    job: (...args) => ({
      program: process.execPath,
      args: [...flags, bundleFile, ...args],
      env: { ...pod, PULLSECRET_SYNC_CONFIG_MAP: `${releaseNamespace}/${release}` },
    }),
    async yardstick() {
      const where = ['secret', 'pullsecret-sync-source', '-n', releaseNamespace];
      const source = await cluster.get<{ data: Record<string, string> }>(...where);
      const content = join(directory, 'content.json');
      const text = Buffer.from(source.data['.dockerconfigjson'] ?? '', 'base64').toString();
      // As the job writes it, so that each finds what the other wrote in line.
      await writeFile(content, formatDockerConfig(parseDockerConfig(text, 'dockerconfigjson', 'the source').config));
      return { program: yardstick, args: ['sync', cluster.jobKubeconfig, prefix, content] };
    },
    async requests(during) {
      const user = `system:serviceaccount:${releaseNamespace}:${release}`;
      const before = (await auditedRequests(auditLog, user)).length;
      await during();
      const made = (await auditedRequests(auditLog, user)).slice(before);
      const groups = Object.groupBy(made, ({ verb, resource }) => `${verb} ${resource}`);
      const counts = Object.fromEntries(Object.entries(groups).map(([name, ones]) => [name, ones?.length ?? 0]));
      return { counts, firstAt: made[0]?.receivedAt ?? Number.NaN };
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

/** The flags of Node in the image's command. */
async function imageFlags(): Promise<string[]> {
  const dockerfile = await readFile(join(import.meta.dirname, '..', '..', 'job', 'Dockerfile'), 'utf8');
  const [, ...words] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]');
  return words.slice(0, -1);
}

/** Resolves once so many namespaces of the bench have their `default` ServiceAccount. */
export async function untilAccounts(kubectl: (args: string[]) => Promise<string>, count: number): Promise<void> {
  const called = ['get', 'serviceaccounts', '-A', '--field-selector', 'metadata.name=default'];
  const names = async () =>
    (await kubectl([...called, '-o', 'custom-columns=NAMESPACE:.metadata.namespace', '--no-headers'])).split('\n');
  await until(
    `${count} namespaces have their ServiceAccount`,
    async () => (await names()).filter((name) => name.startsWith(prefix)).length >= count,
    600_000,
  );
}
