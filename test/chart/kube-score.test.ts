import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tool } from '../../scripts/tools.ts';
import { list } from './server.ts';
import { credentials, type Manifest, run, withEachHelm } from './support.ts';

interface ScoredObject {
  checks: { check: { id: string }; grade: number; skipped: boolean }[];
}

const allOk = 10;

/** What kube-score finds in the default chart, and why it stays. */
const explained: Record<string, string> = {
  'container-image-pull-policy':
    'a run each minute should not ask the registry each minute: the tag is a release, which does not change, and image.pullPolicy is there',
  'container-resources': 'no CPU limit: it would slow a run down on an idle node, and the run has a deadline',
  'container-ephemeral-storage-request-and-limit':
    'the root file system is read-only and there is no volume: only the log counts; a node that does not account for local storage would take no such pod',
  'container-security-context-user-group-id':
    'OpenShift assigns a user of the namespace and refuses a fixed one; the image names its own, and runAsNonRoot holds it to it',
  'pod-networkpolicy':
    'where the API server and the registries are is known to the cluster alone: networkPolicy.enabled',
};

withEachHelm('kube-score', (helm) => {
  test('finds nothing in the default chart but what is explained', async () => {
    const findings = await findingsIn(await helm.template());

    assert.deepEqual(findings, Object.keys(explained).toSorted());
  });

  test('finds less where the values give what it asks for', async () => {
    const values = {
      ...credentials,
      image: { pullPolicy: 'Always' },
      networkPolicy: { enabled: true },
      podSecurityContext: { runAsUser: 65532, runAsGroup: 65532 },
      securityContext: { runAsUser: 65532, runAsGroup: 65532 },
      resources: {
        requests: { 'ephemeral-storage': '16Mi' },
        limits: { cpu: '1', 'ephemeral-storage': '64Mi' },
      },
    };

    assert.deepEqual(await findingsIn(await helm.template({ values })), []);
  });
});

/** The checks that any object does not pass. */
async function findingsIn(manifests: Manifest[]): Promise<string[]> {
  const options = ['--kubernetes-version', 'v1.37', '--output-format', 'json'];
  const { stdout, stderr } = await run(await tool('kube-score'), ['score', ...options, '-'], list(manifests));
  assert.equal(stderr, '');
  const objects: ScoredObject[] = JSON.parse(stdout);
  assert.ok(objects.length >= 4, `${objects.length} objects were scored`);
  const failed = objects.flatMap(({ checks }) => checks.filter(({ grade, skipped }) => !skipped && grade < allOk));
  return [...new Set(failed.map(({ check }) => check.id))].toSorted();
}
