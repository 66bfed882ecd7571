import assert from 'node:assert/strict';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { tool } from '../../scripts/tools.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { type Manifest, type Outcome, run } from './support.ts';

/** What tests ask an API server that is there for the suite. */
export interface Server {
  kubeconfig(): string;
  kubectl(args: string[], input?: string): Promise<Outcome>;
  /** A namespace that takes nothing but Restricted pods. */
  createNamespace(name: string): Promise<void>;
}

/** Starts an API server before the tests of a suite, and stops it after them. */
export function serverForSuite(): Server {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'discovery-'));
  let program: string;
  let plane: Awaited<ReturnType<typeof startControlPlane>>;
  before(async () => {
    process.env.KUBECACHEDIR = folder.path; // the user's cache may describe another cluster at the same address
    program = await tool('kubectl');
    plane = await startControlPlane();
  });
  after(async () => {
    await plane.stop();
    folder.remove();
  });
  const kubectl = (args: string[], input?: string) => run(program, ['--kubeconfig', plane.kubeconfig, ...args], input);
  return {
    kubeconfig: () => plane.kubeconfig,
    kubectl,
    async createNamespace(name) {
      const labels = Object.fromEntries(
        ['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
      );
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
      await succeed(kubectl(['create', '-f', '-'], JSON.stringify(namespace)));
    },
  };
}

export function list(items: Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

export async function succeed(outcome: Promise<Outcome>): Promise<Outcome> {
  const { status, stdout, stderr } = await outcome;
  assert.equal(status, 0, stdout + stderr);
  return { status, stdout, stderr };
}
