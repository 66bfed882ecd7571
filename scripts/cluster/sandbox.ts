import { spawn, spawnSync } from 'node:child_process';

/** Bringing `lo` up takes a program of its own: a new network namespace starts with everything down. */
const script = 'ip link set lo up || exit 70; "$@"';
const isRoot = process.getuid?.() === 0;
const namespaces = [
  ...(isRoot ? [] : ['--user', '--map-root-user']),
  '--net',
  '--mount',
  '--pid',
  '--fork',
  '--mount-proc',
  '--kill-child',
];

/**
 * Why nothing can run in a sandbox here, in one sentence; `undefined` where it can.
 *
 * @param need `root` where more than an API server is to run in it
 */
export function sandboxObstacle(need: 'user' | 'root'): string | undefined {
  if (process.platform !== 'linux')
    return `it needs Linux, and this is ${process.platform}: use a Linux machine or virtual machine`;
  if (need === 'root' && !isRoot) return 'it runs containers, which needs root: run it as root';
  const { status, error } = spawnSync('unshare', [...namespaces, 'sh', '-c', script, 'sh', 'true'], {
    stdio: 'ignore',
  });
  if (error) return 'there is no "unshare": install util-linux';
  if (status === 70) return 'there is no "ip": install iproute2';
  if (status !== 0)
    return 'this machine lets no process have namespaces of its own: run it as root, outside of a restricted container';
  return undefined;
}

/**
 * Runs a command in network, mount and process namespaces of its own. No port, mount or process outlives it, and nothing
 * on the host changes.
 *
 * @returns its exit code
 */
export async function runInSandbox(command: string, args: readonly string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn('unshare', [...namespaces, 'sh', '-c', script, 'sh', command, ...args], { stdio: 'inherit' });
  // `unshare` itself ignores the polite signals; when it dies, all in the sandbox dies with it.
  const end = () => child.kill('SIGKILL');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  child.on('error', reject).on('exit', (code) => resolve(code ?? 1));
  return promise.finally(() => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, end);
  });
}
