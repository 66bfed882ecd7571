import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { everyValue } from './every-value.ts';
import { operatorKinds } from './operator-kinds.ts';
import { list, serverForSuite, succeed } from './server.ts';
import { credentials, existing, type Manifest, type Outcome, withEachHelm } from './support.ts';

const release53 = `release-${'x'.repeat(45)}`;
const dryRun = ['apply', '--dry-run=server', '--validate=strict', '--server-side', '-f', '-'];

suite('API server', () => {
  const server = serverForSuite();
  before(async () => {
    await succeed(server.kubectl(['create', '-f', '-'], list(operatorKinds as unknown as Manifest[])));
    await succeed(
      server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...operatorKinds.map(toResource)]),
    );
    // A pod may name only a runtime class that is there.
    const gvisor = {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'gvisor' },
      handler: 'runsc',
    };
    await succeed(server.kubectl(['create', '-f', '-'], JSON.stringify(gvisor)));
  });

  withEachHelm('takes', (helm) => {
    const namespace = helm.name.toLowerCase().replace(' ', '-');
    before(() => server.createNamespace(namespace));

    /** Pods are admitted only where their ServiceAccount is, so these are really made. */
    async function tryOut(manifests: Manifest[]): Promise<Outcome> {
      const accounts = manifests.filter(({ kind }) => kind === 'ServiceAccount');
      if (accounts.length > 0) await succeed(server.kubectl(['apply', '--server-side', '-f', '-'], list(accounts)));
      return server.kubectl(dryRun, list(manifests));
    }

    for (const [what, values, release] of [
      ['the defaults', credentials, 'pullsecret-sync'],
      ['existing Secrets', existing, 'pullsecret-sync'],
      ['every value', everyValue, 'pullsecret-sync'],
      ['plain Jobs', { ...everyValue, helmHooks: false }, 'pullsecret-sync'],
      [
        'everything off',
        {
          ...existing,
          cleanupOnUninstall: false,
          rbac: { create: false },
          runOnInstall: { enabled: false },
          serviceAccount: { create: false, name: 'default' },
        },
        'pullsecret-sync',
      ],
      ['the longest names', { ...everyValue, nameOverride: '', fullnameOverride: '' }, release53],
      ['names with dots', credentials, 'a.b-c.d'],
    ] as const) {
      test(`${what}, with no warning`, async () => {
        const manifests = await helm.template({ values, release, namespace });

        const { stdout, stderr } = await succeed(tryOut(manifests));

        assert.equal(stdout.trim().split('\n').length, manifests.length);
        assert.equal(stderr, '');
      });
    }

    test('no object with a field that it does not know', async () => {
      const manifests = await helm.template({ namespace });

      const { status, stderr } = await tryOut([
        ...manifests.slice(0, -1),
        { ...manifests.at(-1), misspelt: true } as never,
      ]);

      assert.notEqual(status, 0);
      assert.match(stderr, /misspelt/);
    });
  });
});

function toResource({ metadata }: { metadata: { name: string } }): string {
  return `customresourcedefinition/${metadata.name}`;
}
