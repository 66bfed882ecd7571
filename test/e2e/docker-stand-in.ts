#!/usr/bin/env node
import { execFileSync } from 'node:child_process';

// `docker run` of the documents, where there is no Docker: the kubelet runs the image with its own entrypoint, and with the
// arguments, the user and the file of this machine that are given here.

const taken: Record<string, string> = {};
const [command, ...rest] = process.argv.slice(2);
if (command !== 'run') throw new Error(`docker ${command} is not known here`);
while (rest[0]?.startsWith('--')) {
  const option = rest.shift() as string;
  if (!['--rm', '--tty', '--user', '--volume'].includes(option))
    throw new Error(`docker run ${option} is not known here`);
  taken[option] = ['--rm', '--tty'].includes(option) ? '' : (rest.shift() ?? '');
}
const [image, ...args] = rest;
const [path, mountPath, mode] = taken['--volume']?.split(':') ?? [];
const pod = 'docker-run';
const container = {
  name: 'container',
  image,
  args,
  tty: taken['--tty'] !== undefined,
  securityContext: { runAsUser: Number(taken['--user']) },
  volumeMounts: [{ name: 'volume', mountPath, readOnly: mode === 'ro' }],
};
const manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: pod },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    containers: [container],
    volumes: [{ name: 'volume', hostPath: { path, type: 'File' } }],
  },
};
const ended = '.status.containerStatuses[0].state.terminated';
kubectl(['create', '--filename', '-'], JSON.stringify(manifest));
kubectl(['wait', `pod/${pod}`, `--for=jsonpath={${ended}}`, '--timeout=60s']);
process.stdout.write(kubectl(['logs', pod]));
process.exitCode = Number(kubectl(['get', 'pod', pod, '--output', `jsonpath={${ended}.exitCode}`]));
if (taken['--rm'] !== undefined) kubectl(['delete', 'pod', pod, '--now']);

function kubectl(words: string[], input = ''): string {
  return execFileSync('kubectl', words, { input, encoding: 'utf8' });
}
