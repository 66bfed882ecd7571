import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Go modules of which the tests need files, not programs: the folder in `scripts/tools`, and the module it requires. */
const modules = {
  'external-secrets': 'github.com/external-secrets/external-secrets',
  'sealed-secrets': 'github.com/bitnami/sealed-secrets',
} as const;

export type GoModuleName = keyof typeof modules;

/**
 * The folder of a module's files, in the version and with the checksum that `scripts/tools/<name>` says. It is
 * downloaded where Go does not have it yet.
 *
 * @throws an Error that says why there is none
 */
export async function goModule(name: GoModuleName): Promise<string> {
  const args = ['mod', 'download', '-json', modules[name]];
  const options = { cwd: join(import.meta.dirname, 'tools', name), env: { ...process.env, GOFLAGS: '-mod=readonly' } };
  const { stdout } = await run('go', args, options).catch((error: { stderr?: string; message: string }) => {
    throw new Error(`the Go module ${modules[name]} is not to be had: ${error.stderr || error.message}`);
  });
  return JSON.parse(stdout).Dir;
}
