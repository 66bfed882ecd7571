import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from '../../scripts/tools.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

export interface Shell {
  /** Runs commands, with more in the environment; what they print. One that fails ends them all, and rejects. */
  (commands: string, env?: NodeJS.ProcessEnv): Promise<string>;
  /** Where it is: a folder with all that the repository has, and with what the commands make. */
  folder: string;
  /** The person's own folder. */
  home: string;
}

/**
 * Runs commands as a person types them, with nothing of this machine's own settings. The first that fails ends them, and
 * rejects.
 *
 * @param env all that is in their environment
 */
export function runCommands(
  commands: string,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<{ stdout: string; stderr: string }> {
  return run('bash', ['--norc', '-euo', 'pipefail', '-c', commands], { cwd, env, maxBuffer: 64 << 20 });
}

export interface ShellOptions {
  /** What is in its environment, beside where programs and the person's own files are. */
  env?: NodeJS.ProcessEnv;
  /** Programs that the person has, beside kubectl and helm: the files, by name. */
  programs?: Record<string, string>;
}

/**
 * A shell as the reader of a page has it: in the repository, with kubectl and helm.
 *
 * @param kubeconfig of the reader's cluster, if there is one
 * @param directory where it gets a folder of its own
 */
export async function startShell(
  kubeconfig: string | undefined,
  directory: string,
  options: ShellOptions = {},
): Promise<Shell> {
  const folder = join(directory, 'shell');
  const home = join(directory, 'home');
  const programs = join(directory, 'programs');
  await mkdir(join(home, '.kube'), { recursive: true });
  for (const made of [folder, programs]) await mkdir(made);
  const named = { kubectl: await tool('kubectl'), helm: await tool('helm'), ...options.programs };
  for (const [name, file] of Object.entries(named)) await symlink(file, join(programs, name));
  for (const name of await readdir(root)) await symlink(join(root, name), join(folder, name));
  if (kubeconfig) await copyFile(kubeconfig, join(home, '.kube', 'config'));
  const PATH = [join(home, '.local', 'bin'), programs, dirname(process.execPath), process.env.PATH].join(':');
  const { TMPDIR, KUBECACHEDIR, GOGC } = process.env;
  const own = { PATH, HOME: home, TMPDIR, KUBECACHEDIR, GOGC };
  const env = { ...own, PULLSECRET_SYNC_LOG_FORMAT: 'text', ...options.env };
  const shell = async (commands: string, more: NodeJS.ProcessEnv = {}) =>
    (await runCommands(commands, { cwd: folder, env: { ...env, ...more } })).stdout;
  return Object.assign(shell, { folder, home });
}
