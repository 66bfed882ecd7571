import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import { CannotRunHere } from './cannot-run-here.ts';
import { makeWhole } from './make-whole.ts';

/** Programs that are built from one Go module, which has their versions and checksums. */
interface Family {
  programs: readonly string[];
  /** Where the module lies, from `scripts/tools`. Default: in the folder of the family's name. */
  module?: string;
  /** The file that `go build` makes of the only program, where that is not its name. */
  builtAs?: string;
  /** Variables that tell the programs their own version, by the linker. */
  variables?: Record<string, string>;
  /** What a cold build took on 2 cores: seconds. */
  seconds: number;
}

const families = {
  kubernetes: {
    programs: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kubectl'],
    variables: {
      'k8s.io/component-base/version.gitVersion': 'v1.37.2',
      'k8s.io/component-base/version.gitMajor': '1',
      'k8s.io/component-base/version.gitMinor': '37',
    },
    seconds: 340,
  },
  etcd: { programs: ['etcd'], builtAs: 'server', seconds: 25 },
  containerd: { programs: ['containerd', 'containerd-shim-runc-v2', 'ctr'], seconds: 50 },
  cni: { programs: ['bridge', 'loopback', 'host-local'], seconds: 5 },
  registry: { programs: ['registry'], seconds: 80 },
  crane: { programs: ['crane'], seconds: 15 },
  buildkit: { programs: ['buildkitd', 'buildctl'], seconds: 60 },
  helm: { programs: ['helm'], variables: { 'helm.sh/helm/v4/internal/version.version': 'v4.3.1' }, seconds: 90 },
  helm3: {
    programs: ['helm3'],
    builtAs: 'helm',
    variables: {
      'helm.sh/helm/v3/internal/version.version': 'v3.22.0',
      // What it takes a cluster for that it has not asked; without them, Kubernetes 1.20.
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor': '1',
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': '37',
      'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor': '1',
      'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor': '37',
    },
    seconds: 50,
  },
  pause: { programs: ['pause'], seconds: 5 },
  helmfile: { programs: ['helmfile'], variables: { 'go.szostok.io/version.version': 'v1.8.0' }, seconds: 190 },
  sops: { programs: ['sops'], seconds: 250 },
  age: { programs: ['age-keygen'], seconds: 20 },
  'sealed-secrets': { programs: ['kubeseal'], seconds: 40 },
  promtool: { programs: ['promtool'], seconds: 300 },
  'helm-docs': { programs: ['helm-docs'], seconds: 20 },
  'kube-score': { programs: ['kube-score'], seconds: 60 },
  yardstick: { programs: ['yardstick'], module: '../../test/bench/yardstick', seconds: 40 },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;
export type Program = (typeof families)[FamilyName]['programs'][number];
/** What is built is linked and stripped the same everywhere. */
const buildFlags = ['-mod=readonly', '-trimpath'];
const familyNames = Object.keys(families) as FamilyName[];
/** The newest that a go.mod asks for. */
const oldestGo = '1.26.8';
const run = promisify(execFile);

let go: Promise<string> | undefined;
const folders = new Map<FamilyName, Promise<string>>();

/**
 * The path of a program. The family it belongs to is built first where the cache does not hold it; a process looks once.
 *
 * @throws {CannotRunHere} where Go is missing or too old
 * @throws an Error where a build failed
 */
export async function tool(program: Program): Promise<string> {
  const family = familyNames.find((name) => (families[name].programs as readonly string[]).includes(program));
  return join(await folderOnce(family as FamilyName), program);
}

function folderOnce(name: FamilyName): Promise<string> {
  const known = folders.get(name);
  if (known) return known;
  const folder = prepareTools([name]).then((prepared) => prepared[name] as string);
  folders.set(name, folder);
  return folder;
}

/**
 * Builds the families that the user's cache does not hold yet, one after the other, and tells on standard error how far
 * it is. A second start finds them in a moment.
 *
 * @returns the folder of each family's programs
 */
export async function prepareTools(names: readonly FamilyName[]): Promise<Partial<Record<FamilyName, string>>> {
  go ??= goVersion();
  const version = await go;
  const wanted = await Promise.all(names.map(async (name) => [name, await folderOf(name, version)] as const));
  const missing = wanted.filter(([, folder]) => !existsSync(folder));
  const rest = () => missing.reduce((seconds, [name]) => seconds + families[name].seconds, 0);
  const all = missing.length;
  while (missing.length > 0) {
    const [name, folder] = missing[0] as [FamilyName, string];
    const place = `[${all - missing.length + 1}/${all}]`;
    const minutes = Math.ceil(rest() / 60);
    console.error(`${place} building ${families[name].programs.join(', ')} (${minutes} min left on 2 cores, once)`);
    await makeWhole(folder, (unfinished) => build(name, unfinished));
    missing.shift();
  }
  return Object.fromEntries(wanted);
}

async function build(name: FamilyName, folder: string): Promise<void> {
  const { programs, builtAs, variables = {} }: Family = families[name];
  const stamps = Object.entries(variables).map(([variable, value]) => `-X ${variable}=${value}`);
  const ldflags = ['-s', '-w', ...stamps].join(' ');
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: buildFlags.join(' ') };
  const args = ['build', '-ldflags', ldflags, '-o', `${folder}/`, 'tool'];
  const child = spawn('go', args, { cwd: moduleOf(name), env, stdio: ['ignore', 2, 2] });
  const code = await exitOf(child);
  if (code !== 0) throw new Error(`building ${name} failed: look at Go's message above`);
  if (builtAs) await rename(join(folder, builtAs), join(folder, programs[0] as string));
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject).on('exit', resolve);
  return promise;
}

/** The folder's name tells all that decides what is in it, so nothing stale is ever found. */
async function folderOf(name: FamilyName, go: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([families[name], buildFlags, go, process.arch]));
  for (const file of (await readdir(moduleOf(name))).toSorted())
    hash.update(await readFile(join(moduleOf(name), file)));
  return join(cacheFolder(), 'tools', `${name}-${hash.digest('hex').slice(0, 16)}`);
}

function moduleOf(name: FamilyName): string {
  const { module = name }: Family = families[name];
  return join(import.meta.dirname, 'tools', module);
}

async function goVersion(): Promise<string> {
  const wanted = `install Go ${oldestGo} or newer, which builds the cluster's programs`;
  const { stdout } = await run('go', ['env', 'GOVERSION']).catch(() => {
    throw new CannotRunHere(`there is no Go: ${wanted}`);
  });
  const version = stdout.trim();
  if (version.localeCompare(`go${oldestGo}`, 'en', { numeric: true }) < 0)
    throw new CannotRunHere(`${version} is too old: ${wanted}`);
  return version;
}
