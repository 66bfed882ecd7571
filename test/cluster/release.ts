import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from '../../scripts/tools.ts';
import { valuesText } from '../support/values.ts';
import { type JobRun, runJob, type TestCluster } from './support.ts';

const run = promisify(execFile);

export const workingChart = join(import.meta.dirname, '..', '..', 'chart');

/** Values of a release whose job only the test runs, with registries that are nowhere. */
export const offSchedule = { suspend: true, runOnInstall: { enabled: false }, verifyCredentials: 'off' };

/** A release of any name in any namespace, beside others in the same cluster. */
export interface TestRelease {
  namespace: string;
  /** Name of its CronJob, its configuration and its ServiceAccount. */
  fullname: string;
  /** helm in the release's namespace; what it prints. Values go in by standard input, with `--values -`. */
  helm(args: string[], values?: object): Promise<string>;
  /** Installs or upgrades from a chart: a folder or an archive. */
  upgrade(chart: string, values: object, flags?: string[]): Promise<string>;
  /** The bundled job as a pod of the release runs it, with a token of its ServiceAccount or of another. */
  job(args: string[], serviceAccount?: string): Promise<JobRun>;
}

interface Which {
  namespace: string;
  /** Default: `pullsecret-sync`. */
  name?: string;
  /** Default: Helm 4. */
  program?: 'helm' | 'helm3';
}

export function testRelease(cluster: TestCluster, which: Which): TestRelease {
  const { namespace, name = 'pullsecret-sync', program = 'helm' } = which;
  const { kubeconfig } = cluster.controlPlane;
  const fullname = name.includes('pullsecret-sync') ? name : `${name}-pullsecret-sync`;

  const helm = async (args: string[], values?: object) => {
    const child = run(await tool(program), [...args, '--kubeconfig', kubeconfig, '--namespace', namespace]);
    child.child.stdin?.end(values && valuesText(values));
    return (await child).stdout;
  };

  return {
    namespace,
    fullname,
    helm,
    async upgrade(chart, values, flags = []) {
      const args = ['upgrade', '--install', name, chart, '--create-namespace', '--values', '-', ...flags];
      const output = await helm(args, values);
      await cluster.untilPoliciesInEffect();
      return output;
    },
    async job(args, serviceAccount = fullname) {
      const file = await cluster.kubeconfigFor(namespace, serviceAccount);
      return runJob(args, { KUBECONFIG: file, PULLSECRET_SYNC_CONFIG_MAP: `${namespace}/${fullname}` });
    },
  };
}
