import { writeFile } from 'node:fs/promises';
import { createNamespace } from '../../scripts/cluster/workloads.ts';
import { startShell } from '../support/shell.ts';
import { bringUp, logIn, teams } from './bring-up.ts';
import { startTestCluster } from './support.ts';

// Runs in a sandbox of its own: nothing of another cluster is in reach.
await using cluster = await startTestCluster();
for (const namespace of teams) await createNamespace(cluster.kubectl, namespace);
const { kubeconfig, directory } = cluster.cluster.controlPlane;
const shell = await startShell(kubeconfig, directory);
await logIn(shell);
const seconds = await bringUp(cluster, shell, 'recovered');
await writeFile(process.argv[2] as string, String(seconds));
