import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Which helm-diff helmfile gets: the one that is installed here, or the stand-in beside this file. */
export interface HelmDiff {
  name: string;
  env: NodeJS.ProcessEnv;
}

/** @param helm the path of Helm */
export async function findHelmDiff(helm: string): Promise<HelmDiff> {
  const { stdout } = await run(helm, ['plugin', 'list']);
  const installed = /^diff\s+(\S+)/m.exec(stdout);
  if (installed) {
    const { stdout: plugins } = await run(helm, ['env', 'HELM_PLUGINS']);
    return { name: `helm-diff ${installed[1]}`, env: { HELM_PLUGINS: plugins.trim() } };
  }
  const plugins = join(import.meta.dirname, 'helm-plugins');
  return { name: 'the stand-in for helm-diff (helm-diff is not installed)', env: { HELM_PLUGINS: plugins } };
}
