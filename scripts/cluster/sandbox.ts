import { spawn, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A new network namespace starts with everything down, `lo` too. Temporary files lie in memory, in a file system that
 * goes with the sandbox, however it ends.
 */
const script = 'ip link set lo up || exit 70; mount -t tmpfs tmpfs "$TMPDIR" || exit 71; "$@"';
/** Not $TMPDIR: the path of a socket has about 100 characters at most, and a sandbox in a sandbox would exceed them. */
const prefix = '/tmp/pullsecret-sync-';
const isRoot = process.getuid?.() === 0;
/** Whether this is a sandbox itself; then the one who started it may have started others too. */
const inSandbox = process.env.SANDBOX_PID !== undefined;
const namespaces = [
  ...(isRoot ? [] : ['--user', '--map-root-user']),
  '--net',
  '--mount',
  '--pid',
  '--fork',
  '--mount-proc',
  '--kill-child',
];
let running = 0;

/**
 * Why nothing can run in a sandbox here, in one sentence; `undefined` where it can.
 *
 * @param need `root` where more than an API server is to run in it
 */
export function sandboxObstacle(need: 'user' | 'root'): string | undefined {
  if (process.platform !== 'linux')
    return `it needs Linux, and this is ${process.platform}: use a Linux machine or virtual machine`;
  if (need === 'root' && !isRoot) return 'it runs containers, which needs root: run it as root';
  const directory = mkdtempSync(prefix);
  const env = { ...process.env, TMPDIR: directory };
  const { status, error } = spawnSync('unshare', [...namespaces, 'sh', '-c', script, 'sh', 'true'], {
    stdio: 'ignore',
    env,
  });
  rmdirSync(directory);
  if (error) return 'there is no "unshare": install util-linux';
  if (status === 70) return 'there is no "ip": install iproute2';
  if (status !== 0)
    return 'this machine lets no process have namespaces of its own: run it as root, outside of a restricted container';
  return undefined;
}

/**
 * Runs a command in network, mount and process namespaces of its own. No port, mount or process outlives it, and nothing
 * on the host changes. In the command's environment SANDBOX_PID is the process to enter it by, with nsenter.
 *
 * @param tell takes what it prints; by default it goes where ours goes
 * @returns its exit code
 */
export async function runInSandbox(
  command: string,
  args: readonly string[],
  tell?: (chunk: Buffer) => void,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const directory = mkdtempSync(prefix);
  running += 1;
  const env = {
    ...process.env,
    TMPDIR: directory,
    // kubectl and helm remember what an address serves, and another cluster had the same one before.
    KUBECACHEDIR: join(directory, 'kubectl'),
    // All programs of a cluster, and the ones that ask it, are Go's and live shortly: to collect garbage more rarely
    // takes a quarter of their work away.
    GOGC: '400',
  };
  const starter = 'SANDBOX_PID=$$ exec unshare "$@"';
  const inside = ['sh', '-c', script, 'sh', command, ...args];
  const child = spawn('sh', ['-c', starter, 'sh', ...namespaces, ...inside], {
    stdio: tell ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    env,
  });
  for (const stream of [child.stdout, child.stderr]) if (tell) stream?.on('data', tell);
  // `unshare` itself ignores the polite signals; when it dies, all in the sandbox dies with it.
  const end = () => child.kill('SIGKILL');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  child.on('error', reject).on('close', (code) => resolve(code ?? 1));
  return promise.finally(() => {
    rmdirSync(directory);
    running -= 1;
    if (running === 0 && !inSandbox) removeEmptyCgroups();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, end);
  });
}

/**
 * Cgroups of containers that ended with their sandbox, of both versions. The kernel removes none that is in use; but
 * one that a sandbox is about to use is empty too, so this is for when none runs.
 */
function removeEmptyCgroups(): void {
  for (const pattern of ['/sys/fs/cgroup/{*/,}k8s.io/*', '/sys/fs/cgroup/{*/,}k8s.io']) {
    for (const place of globSync(pattern)) {
      try {
        rmdirSync(place);
      } catch {
        // In use, or a file of a cgroup that is in use.
      }
    }
  }
}
