import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from '../../scripts/tools.ts';
import { findHelmDiff } from './helm-diff.ts';
import { runCommands } from './shell.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

export interface Helmfile {
  /** Which helm-diff it has. */
  helmDiff: string;
  /**
   * helmfile with nothing else in its environment; all that it prints, of `template` the manifests alone.
   *
   * @param folder where it is called; default: the repository, with its helmfile.yaml
   */
  run(args: string[], env: NodeJS.ProcessEnv, folder?: string): Promise<string>;
  /** Commands of a page, in a shell that finds helmfile and helm and has nothing else either; all that they print. */
  shell(commands: string, env: NodeJS.ProcessEnv, folder?: string): Promise<string>;
}

/** @param home a folder for what helm and helmfile remember */
export async function helmfileFor(kubeconfig: string, home: string): Promise<Helmfile> {
  const [helm, helmfile] = [await tool('helm'), await tool('helmfile')];
  const helmDiff = await findHelmDiff(helm);
  const { GOGC } = process.env;
  const PATH = [dirname(helm), dirname(helmfile), process.env.PATH].join(':');
  const environment = { PATH, GOGC, TMPDIR: tmpdir(), HOME: home, KUBECONFIG: kubeconfig, ...helmDiff.env };
  // A shell keeps PWD; where nobody is one, it is set here.
  const how = (env: NodeJS.ProcessEnv, folder: string) => ({
    cwd: folder,
    env: { ...environment, PWD: folder, ...env },
  });
  return {
    helmDiff: helmDiff.name,
    async run(args, env, folder = root) {
      const { stdout, stderr } = await run(helmfile, args, { ...how(env, folder), maxBuffer: 64 << 20 });
      return args.includes('template') ? stdout : stdout + stderr;
    },
    async shell(commands, env, folder = root) {
      const { stdout, stderr } = await runCommands(commands, how(env, folder));
      return stdout + stderr;
    },
  };
}
