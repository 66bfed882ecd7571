import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from '../../scripts/tools.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** Runs shell commands; what they print. */
export type Shell = (commands: string) => Promise<string>;

/**
 * A shell as the reader of a page has it: in a folder with `chart` and `dist`, with kubectl and helm for this cluster. A
 * command that fails ends it.
 */
export async function startShell(kubeconfig: string, directory: string): Promise<Shell> {
  const folder = join(directory, 'shell');
  const programs = join(folder, 'bin');
  await mkdir(programs, { recursive: true });
  for (const name of ['kubectl', 'helm'] as const) await symlink(await tool(name), join(programs, name));
  for (const name of ['chart', 'dist']) await symlink(join(root, name), join(folder, name));
  const PATH = [programs, dirname(process.execPath), process.env.PATH].join(':');
  const env = { PATH, KUBECONFIG: kubeconfig, HOME: folder, PULLSECRET_SYNC_LOG_FORMAT: 'text' };
  return async (commands) =>
    (await run('bash', ['-euo', 'pipefail', '-c', commands], { cwd: folder, env, maxBuffer: 64 << 20 })).stdout;
}
