import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node';
import { credentials, existing, type Helm, type Manifest, withEachHelm } from './support.ts';

const served = ['--api-versions', 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy'];
const beta = ['--api-versions', 'admissionregistration.k8s.io/v1beta1/ValidatingAdmissionPolicy'];
const parts = ['cleanup', 'copies', 'references'];

withEachHelm('guard', (helm) => {
  for (const [enabled, where, args, rendered] of [
    ['auto', 'the cluster serves it', served, true],
    ['auto', 'the cluster does not serve it', [], false],
    ['auto', 'the cluster serves a beta version', beta, false],
    [true, 'the cluster does not serve it', [], true],
    [false, 'the cluster serves it', served, false],
  ] as const) {
    test(`with ${enabled} is ${rendered ? '' : 'not '}there where ${where}, and all else is as without`, async () => {
      const values = { ...credentials, guardPolicy: { enabled } };

      const manifests = await helm.template({ values, args: [...args] });

      assert.deepEqual(guards(manifests).map(partOf).toSorted(), rendered ? parts : []);
      const off = await helm.template({ values: { ...credentials, guardPolicy: { enabled: false } } });
      assert.deepEqual(
        manifests.filter(({ kind }) => !kind.startsWith('ValidatingAdmissionPolicy')),
        off,
      );
    });
  }

  test('is auto by default', async () => {
    assert.equal(guards(await helm.template({ args: served })).length, 3);
    assert.equal(guards(await helm.template()).length, 0);
  });

  test('fails closed, but asks nothing of anybody but the users of this release', async () => {
    const [cleanup, ...others] = guards(await helm.template({ args: served })).toSorted(byPart);

    const user = (name: string) => `"system:serviceaccount:registry-access:${name}"`;
    const asked = ({ spec }: V1ValidatingAdmissionPolicy) => spec?.matchConditions?.map(({ expression }) => expression);
    assert.ok(cleanup);
    assert.deepEqual(asked(cleanup), [`request.userInfo.username in [${user('pullsecret-sync-cleanup')}]`]);
    for (const policy of others) {
      assert.deepEqual(asked(policy), [
        `request.userInfo.username in [${user('pullsecret-sync')}, ${user('pullsecret-sync-cleanup')}]`,
      ]);
    }
    for (const policy of [cleanup, ...others]) assert.equal(policy.spec?.failurePolicy, 'Fail');
  });

  test('denies, by a binding of its own for each part', async () => {
    const manifests = await helm.template({ args: served });

    for (const part of parts) {
      const named = manifests.filter(({ metadata }) => metadata?.name === `registry-access-pullsecret-sync-${part}`);
      const [binding] = named.filter((each) => each.kind === 'ValidatingAdmissionPolicyBinding');
      assert.deepEqual(binding?.spec, { policyName: binding?.metadata?.name, validationActions: ['Deny'] });
    }
  });

  test('knows a job with a ServiceAccount of another name, and no cleanup where there is none', async () => {
    const serviceAccount = { create: false, name: 'existing' };

    const policies = await template(helm, { serviceAccount, cleanupOnUninstall: false });

    assert.deepEqual(policies.map(partOf).toSorted(), ['copies', 'references']);
    for (const { spec } of policies) {
      assert.deepEqual(
        spec?.matchConditions?.map(({ expression }) => expression),
        ['request.userInfo.username in ["system:serviceaccount:registry-access:existing"]'],
      );
    }
  });

  test('lets foreign Secrets be taken over by the names of the targets that adopt, and no others', async () => {
    const profiles = {
      shop: { ...existing, secretName: 'shop', onConflict: 'adopt', namespaces: { include: ['shop-*'] } },
      lab: { ...existing, secretName: 'lab', namespaces: { include: ['lab-*'] } },
    };

    assert.match(await variable(helm, 'mayTakeOver', { profiles }), /request\.name in \["shop"\]\)$/);
    assert.match(await variable(helm, 'mayTakeOver'), /request\.name in \[\]\)$/);
  });

  test('knows the releases that this one follows', async () => {
    const values = { previousReleases: ['infra/creds'] };

    for (const name of ['owners', 'releases']) {
      assert.match(await variable(helm, name, values), /^\["registry-access\/pullsecret-sync","infra\/creds"\]/);
    }
  });

  test('lets no source be written in the release namespace', async () => {
    const policies = await template(helm, { existingSecrets: ['image-pull-secret', 'team'] });

    const [sources] = policies.find((policy) => partOf(policy) === 'copies')?.spec?.validations ?? [];
    assert.equal(
      sources?.expression,
      'request.namespace != "registry-access" || !(request.name in ["image-pull-secret","team","pullsecret-sync-source"])',
    );
  });

  test('begins each refusal with what tells the job that it is its own guard', async () => {
    const validations = (await template(helm, {})).flatMap(({ spec }) => spec?.validations ?? []);

    assert.ok(validations.length > 10);
    for (const { message, reason } of validations) {
      assert.match(message ?? '', /^pullsecret-sync never does this \(guardPolicy\): [a-z]/);
      assert.equal(reason, 'Forbidden');
    }
  });
});

function guards(manifests: Manifest[]): V1ValidatingAdmissionPolicy[] {
  return manifests.filter((manifest) => manifest.kind === 'ValidatingAdmissionPolicy');
}

function partOf({ metadata }: V1ValidatingAdmissionPolicy): string {
  return metadata?.name?.split('-').at(-1) ?? '';
}

function byPart(one: V1ValidatingAdmissionPolicy, other: V1ValidatingAdmissionPolicy): number {
  return partOf(one).localeCompare(partOf(other));
}

async function template(helm: Helm, values: object): Promise<V1ValidatingAdmissionPolicy[]> {
  return guards(await helm.template({ values: { ...credentials, ...values }, args: served }));
}

async function variable(helm: Helm, wanted: string, values: object = {}): Promise<string> {
  const variables = (await template(helm, values)).flatMap(({ spec }) => spec?.variables ?? []);
  return variables.find(({ name }) => name === wanted)?.expression ?? '';
}
