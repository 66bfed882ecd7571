import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseConfig } from '../../job/src/config/config.ts';
import { credentials, dockerConfig, existing, has, type Manifest, one, podTemplates, withEachHelm } from './support.ts';

const verify = 'verify';
const wholeConfig = '{"auths":{"docker.io":{"username":"ci","password":"a-password"}}}';

function secretData(manifests: Manifest[]): Record<string, string> {
  const { data = {} } = one(manifests, 'Secret', verify);
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

withEachHelm('the trial of credentials', (helm) => {
  test('is a hook before anything changes, and leaves neither its Job nor its Secret', async () => {
    const manifests = await helm.template();

    const hook = {
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded,hook-failed',
    };
    assert.deepEqual(one(manifests, 'Secret', verify).metadata?.annotations, { ...hook, 'helm.sh/hook-weight': '-1' });
    assert.deepEqual(one(manifests, 'Job', verify).metadata?.annotations, {
      ...hook,
      'helm.sh/hook-output-log-policy': 'hook-failed',
    });
  });

  test('reads the new credentials of every target from its own Secret, in the order in which they count', async () => {
    const profiles = { shop: { registries: credentials.registries, namespaces: { include: ['shop'] } } };
    const manifests = await helm.template({ values: { ...credentials, dockerConfigJson: wholeConfig, profiles } });

    const { 'config.yaml': text = '', '.dockerconfigjson': pull, ...files } = secretData(manifests);

    const { targets } = parseConfig(text, 'the hook');
    const folder = '/etc/pullsecret-sync';
    assert.deepEqual(
      targets.map(({ name, sources }) => [name, sources]),
      [
        ['shop', [{ file: `${folder}/shop.registries` }]],
        ['default', [{ file: `${folder}/default.dockerConfigJson` }, { file: `${folder}/default.registries` }]],
      ],
    );
    assert.deepEqual(Object.keys(files).toSorted(), [
      'default.dockerConfigJson',
      'default.registries',
      'shop.registries',
    ]);
    assert.equal(files['default.dockerConfigJson'], wholeConfig);
    // The kubelet pulls the job's image with all of them.
    const { auths } = JSON.parse(pull ?? '');
    assert.deepEqual(auths, {
      ...JSON.parse(wholeConfig).auths,
      ...JSON.parse(files['default.registries'] ?? '').auths,
    });
    const sources = manifests.filter(
      ({ kind, metadata }) => kind === 'Secret' && metadata?.name === 'pullsecret-sync-source',
    );
    assert.equal(files['default.registries'], dockerConfig(sources));
  });

  test('has no token, and asks once only', async () => {
    const { spec } = one(await helm.template(), 'Job', verify);

    const pod = spec?.template.spec;
    assert.equal(pod?.automountServiceAccountToken, false);
    assert.equal(pod?.serviceAccountName, 'default');
    assert.equal(spec?.backoffLimit, 0);
    assert.deepEqual(pod?.containers[0]?.args, [
      'verify',
      '--tolerate-unreachable',
      '--config',
      '/etc/pullsecret-sync/config.yaml',
    ]);
    assert.deepEqual(pod?.volumes, [{ name: verify, secret: { secretName: 'pullsecret-sync-verify' } }]);
    assert.equal(pod?.containers[0]?.volumeMounts?.[0]?.mountPath, '/etc/pullsecret-sync');
  });

  test('pulls its image with the new credentials, and with the ones before', async () => {
    const { spec } = one(await helm.template(), 'Job', verify);

    assert.deepEqual(spec?.template.spec?.imagePullSecrets, [
      { name: 'pullsecret-sync-verify' },
      { name: 'pullsecret-sync-source' },
      { name: 'image-pull-secret' },
    ]);
  });

  test('has the settings of every other pod of the job', async () => {
    const values = { ...credentials, extraVolumes: [{ name: 'ca', emptyDir: {} }], hostAliases: [{ ip: '10.0.0.1' }] };
    const manifests = await helm.template({ values });

    const [scheduled] = podTemplates(manifests);
    const tried = one(manifests, 'Job', verify).spec?.template;

    assert.deepEqual(tried?.metadata, scheduled?.metadata);
    assert.deepEqual(tried?.spec?.securityContext, scheduled?.spec?.securityContext);
    assert.deepEqual(tried?.spec?.hostAliases, scheduled?.spec?.hostAliases);
    assert.deepEqual(tried?.spec?.volumes?.slice(1), scheduled?.spec?.volumes);
  });

  for (const [what, values] of [
    ['a warning is wanted', { ...credentials, verifyCredentials: 'warn' }],
    ['it is off', { ...credentials, verifyCredentials: 'off' }],
    ['Helm runs no hooks', { ...credentials, helmHooks: false }],
    ['the credentials are not in the values', existing],
  ] as const) {
    test(`is not there where ${what}`, async () => {
      const manifests = await helm.template({ values });

      assert.equal(has(manifests, 'Job', verify) || has(manifests, 'Secret', verify), false);
    });
  }

  test('is off with a bare "off" too, which Helm reads as false', async () => {
    const manifests = await helm.template({
      values: `${JSON.stringify(credentials).slice(0, -1)}, verifyCredentials: off}`,
    });

    assert.equal(has(manifests, 'Job', verify), false);
    assert.equal(parse(one(manifests, 'ConfigMap').data?.['config.yaml'] ?? '').verifyCredentials, 'off');
  });
});
