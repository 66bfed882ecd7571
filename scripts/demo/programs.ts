import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Kubectl } from '../cluster/workloads.ts';
import { tool } from '../tools.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** How the programs reach a cluster, and all that they see of the environment. */
export interface Access {
  kubectl: string[];
  helmfile: string[];
  env: NodeJS.ProcessEnv;
}

/** What plays on a cluster, and takes down. */
export interface Programs {
  kubectl: Kubectl;
  /** Runs helmfile with these credentials in its environment. */
  helmfile(args: readonly string[], credentials?: NodeJS.ProcessEnv): Promise<void>;
}

/** The demo's own cluster. Of the person's environment nothing but the PATH: their credentials have no business there. */
export function ownAccess(kubeconfig: string, home: string): Access {
  const env = { PATH: process.env.PATH, TMPDIR: tmpdir(), HOME: home, KUBECONFIG: kubeconfig };
  return { kubectl: ['--kubeconfig', kubeconfig], helmfile: [], env };
}

/** A cluster of the person's, with credentials from their environment. */
export function contextAccess(context: string): Access {
  return { kubectl: ['--context', context], helmfile: ['--kube-context', context], env: process.env };
}

/** @param signal ends what runs */
export async function programsFor(access: Access, signal?: AbortSignal): Promise<Programs> {
  const [kubectl, helmfile, helm] = [await tool('kubectl'), await tool('helmfile'), await tool('helm')];
  const file = ['--file', join(root, 'helmfile.yaml'), '--helm-binary', helm];
  const options = { maxBuffer: 64 << 20, ...(signal ? { signal } : {}) };
  return {
    async kubectl(...args) {
      const running = run(kubectl, [...access.kubectl, ...args], { ...options, env: access.env });
      return (await orOneSentence(`kubectl ${args[0]}`, running)).stdout;
    },
    async helmfile(args, credentials = {}) {
      const env = { ...access.env, ...credentials };
      const running = run(helmfile, [...file, ...access.helmfile, ...args], { ...options, env });
      await orOneSentence(`helmfile ${args[0]}`, running);
    },
  };
}

/** The folders of kubectl and helm, and of a Node that is new enough, for a person's PATH. */
export async function programFolders(): Promise<string> {
  return [await tool('kubectl'), await tool('helm'), process.execPath].map((program) => dirname(program)).join(':');
}

async function orOneSentence<T>(command: string, running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw new Error(`"${command}" failed: ${reasonOf(error as Error & { stderr?: string })}`, { cause: error });
  }
}

/** Of all that a program said, the line that says why. */
function reasonOf({ name, message, stderr = '' }: Error & { stderr?: string }): string {
  if (name === 'AbortError') return 'it was told to stop';
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => /^error:? \S/i.test(line)) ?? lines.at(-1) ?? message;
}
