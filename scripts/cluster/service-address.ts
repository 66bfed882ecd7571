import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The address of the Service `kubernetes`, at which the API server listens itself: no kube-proxy, no iptables. */
export const serviceAddress = '10.96.0.1';

/** What has to be done before a control plane can listen at the address of the Service `kubernetes`. */
export async function claimServiceAddress(): Promise<void> {
  await run('ip', ['address', 'add', `${serviceAddress}/32`, 'dev', 'lo']);
}
