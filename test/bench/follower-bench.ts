import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { CoreV1Api, KubeConfig, type V1ServiceAccount, Watch } from '@kubernetes/client-node';
import { until } from '../../scripts/until.ts';
import { secretName } from '../cluster/support.ts';
import { atMost, type Bench, type Figure, rounded } from './figure.ts';
import { type Landscape, prefix, startLandscape } from './landscape.ts';
import { measure, median, percentile } from './measure.ts';

const metricsPort = 18080;
const atOnce = 200;
const idleNamespaces = 1000;
/** Milliseconds. */
const idleTime = 600_000;

/** When each namespace's ServiceAccount `default` was there, and when it had the reference: by one watch. */
interface Sightings {
  there: Map<string, number>;
  referred: Map<string, number>;
  stop(): void;
}

/** A follower that is told of namespaces one by one, of many at once, and of nothing. */
export const followerBench: Bench = async ({ runs, say }) => {
  await using landscape = await startLandscape({ follow: { enabled: true } });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(landscape.cluster.controlPlane.kubeconfig);
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const sightings = await watchAccounts(kubeConfig);
  try {
    const pairs: Array<{ follower: number; yardstick: number }> = [];
    let count = 0;
    for (let run = 0; run <= runs; run++) {
      const yardstick = await burstOfYardstick(landscape, sightings, count);
      count += atOnce;
      const follower = await withFollower(landscape, () => burstOfFollower(landscape, sightings, count));
      count += atOnce;
      if (run > 0) pairs.push({ follower, yardstick });
      say(`a burst of ${atOnce} namespaces: ${run} of ${runs}`);
    }
    const single = await withFollower(landscape, () => oneByOne(core, sightings, say));
    const idle = await withFollower(landscape, (pid) => idling(landscape, pid, Math.max(count, idleNamespaces), say));
    const burst = median(pairs.map(({ follower, yardstick }) => follower / yardstick));
    const seconds = (values: number[]) => rounded(median(values) / 1000);
    const details = `from the first request to the last reference, both with the making of the namespaces: follower ${seconds(pairs.map(({ follower }) => follower))} s, yardstick ${seconds(pairs.map(({ yardstick }) => yardstick))} s`;
    return {
      figures: [single, atMost('Follower, 200 namespaces at once', burst, 1.25, '× yardstick', details), ...idle],
    };
  } finally {
    sightings.stop();
  }
};

async function watchAccounts(kubeConfig: KubeConfig): Promise<Sightings> {
  const [there, referred] = [new Map<string, number>(), new Map<string, number>()];
  const see = (_: string, { metadata, imagePullSecrets = [] }: V1ServiceAccount) => {
    const namespace = metadata?.namespace ?? '';
    if (!there.has(namespace)) there.set(namespace, performance.now());
    const refers = imagePullSecrets.some(({ name }) => name === secretName);
    if (refers && !referred.has(namespace)) referred.set(namespace, performance.now());
  };
  const query = { fieldSelector: 'metadata.name=default', timeoutSeconds: 7200 };
  const watch = await new Watch(kubeConfig).watch('/api/v1/serviceaccounts', query, see, () => {});
  return { there, referred, stop: () => watch.abort() };
}

async function withFollower<T>(landscape: Landscape, during: (pid: number) => Promise<T>): Promise<T> {
  const { program, args, env } = landscape.job('sync', '--follow', '--metrics-port', String(metricsPort));
  const child = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  // Read, or it would wait for a reader.
  child.stdout.resume();
  const ended = once(child, 'exit');
  try {
    await until('the follower has looked at everything', async () => {
      const ready = await fetch(`http://127.0.0.1:${metricsPort}/readyz`).catch(() => undefined);
      return ready?.ok === true;
    });
    return await during(child.pid as number);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

function namesFrom(count: number): string[] {
  return Array.from({ length: atOnce }, (_, index) => `${prefix}${String(count + index).padStart(5, '0')}`);
}

async function burstOfFollower(landscape: Landscape, { referred }: Sightings, count: number): Promise<number> {
  const names = namesFrom(count);
  const started = performance.now();
  await landscape.fill(count + atOnce);
  await until('every namespace has its reference', async () => names.every((name) => referred.has(name)));
  return Math.max(...names.map((name) => referred.get(name) ?? Number.NaN)) - started;
}

async function burstOfYardstick(landscape: Landscape, { there }: Sightings, count: number): Promise<number> {
  const names = namesFrom(count);
  const command = await landscape.yardstick();
  const started = performance.now();
  await landscape.fill(count + atOnce);
  await until('every namespace has its ServiceAccount', async () => names.every((name) => there.has(name)));
  const filled = Math.max(...names.map((name) => there.get(name) ?? Number.NaN)) - started;
  return filled + (await measure(command, landscape.directory)).seconds * 1000;
}

async function oneByOne(core: CoreV1Api, { there, referred }: Sightings, say: (text: string) => void): Promise<Figure> {
  const latencies: number[] = [];
  for (let index = 0; index < atOnce; index++) {
    const name = `${prefix}one-${index}`;
    await core.createNamespace({ body: { metadata: { name } } });
    await until(`${name} has its reference`, async () => referred.has(name));
    latencies.push((referred.get(name) ?? Number.NaN) - (there.get(name) ?? Number.NaN));
  }
  say(`${atOnce} namespaces one by one`);
  const details = `median ${rounded(median(latencies))} ms, most ${rounded(Math.max(...latencies))} ms, from the ServiceAccount to its reference`;
  return atMost('Follower, 200 namespaces one by one, p99', percentile(latencies, 99), 100, 'ms', details);
}

async function idling(
  landscape: Landscape,
  pid: number,
  namespaces: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  await landscape.grow(namespaces);
  say('the follower has nothing to do for 10 minutes');
  const settled = await landscape.requests(() => setTimeout(30_000));
  const { counts } = await landscape.requests(() => setTimeout(idleTime));
  const others = Object.entries(counts).filter(([name]) => !name.startsWith('watch '));
  const sum = others.reduce((total, [, count]) => total + count, 0);
  const tell = (all: Record<string, number>) =>
    Object.entries(all)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || 'none';
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (field: string) => (Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return [
    atMost(
      'Follower idle for 10 minutes, memory',
      of('VmRSS'),
      95,
      'MB',
      `${namespaces} namespaces; peak ${rounded(of('VmHWM'))} MB`,
    ),
    atMost(
      'The same, requests beside watches',
      sum,
      0,
      'requests',
      `${tell(counts)} (the half minute before: ${tell(settled.counts)})`,
    ),
  ];
}
