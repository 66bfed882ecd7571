import assert from 'node:assert/strict';
import { test } from 'node:test';
import pMap from 'p-map';
import { type Names, namesIn, rightsInReadme, type Switches } from '../support/rights-in-readme.ts';
import { everyValue } from './every-value.ts';
import { grantedRights } from './granted-rights.ts';
import { credentials, type Helm, withEachHelm } from './support.ts';

/** The README names four of them. The others change nothing of whom they leave there. */
const switches = [
  'follow.enabled',
  'events.enabled',
  'recreateStuckPods.enabled',
  'admissionPolicy.enabled',
  'guardPolicy.enabled',
  'cleanupOnUninstall',
];
const combinations = Array.from({ length: 2 ** switches.length }, (_, number) =>
  Object.fromEntries(switches.map((name, bit) => [name, (number & (1 << bit)) > 0])),
);
const countOn = (on: Switches) => Object.values(on).filter(Boolean).length;
/** None, each alone, and all. */
const someCombinations = combinations.filter((on) => countOn(on) <= 1 || countOn(on) === switches.length);

type Shape = [what: string, values: object, names: Names];
const simplest: Shape = [
  'one name',
  credentials,
  namesIn(['image-pull-secret'], ['default'], ['pullsecret-sync-source']),
];
const shapes: Shape[] = [
  simplest,
  [
    'names of profiles, of sources that are there, and of before',
    {
      dockerConfigJson: '{"auths":{}}',
      existingSecrets: ['team', 'image-pull-secret'],
      profiles: {
        shop: { ...credentials, secretName: 'shop', namespaces: { include: ['shop-*'] } },
        lab: { existingSecrets: ['lab'], serviceAccounts: { include: ['till'] }, namespaces: { include: ['lab'] } },
      },
      previousSecretNames: ['regcred'],
      previousServiceAccounts: ['builder'],
    },
    namesIn(
      ['image-pull-secret', 'shop', 'regcred'],
      ['default', 'till', 'builder'],
      ['pullsecret-sync-docker-config', 'team', 'image-pull-secret', 'pullsecret-sync-shop-source', 'lab'],
    ),
  ],
  [
    'files as sources, and a glob',
    {
      sourceFiles: ['/etc/credentials/config.json'],
      extraVolumes: [{ name: 'credentials', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'credentials', mountPath: '/etc/credentials' }],
      serviceAccounts: { include: ['default', 'app-*'] },
    },
    namesIn(['image-pull-secret'], ['*'], []),
  ],
];

withEachHelm('rights', (helm) => {
  for (const [what, values, names] of shapes) {
    test(`are those of the README with ${what}`, async () => {
      await pMap(someCombinations, (on) => check(helm, values, on, names), { concurrency: 4 });
    });
  }

  test('are those of the README with each combination of switches, of which each Helm tries half', async () => {
    const [, values, names] = simplest;
    const half = combinations.filter((on) => (countOn(on) % 2 === 0) === (helm.name === 'Helm 4'));

    await pMap(half, (on) => check(helm, values, on, names), { concurrency: 4 });
  });

  test('depend on no other value', async () => {
    const { nameOverride: _, fullnameOverride: __, serviceAccount: ___, ...values } = everyValue;
    const on = Object.fromEntries(switches.map((name) => [name, true]));
    const sources = ['team', 'common', 'pullsecret-sync-external', 'pullsecret-sync-docker-config'];
    const ofProfiles = ['pullsecret-sync-shop-source', 'pullsecret-sync-lab-docker-config'];
    const copies = ['shop', 'registry.credentials', 'regcred'];

    await check(helm, values, on, namesIn(copies, ['*'], [...sources, 'pullsecret-sync-source', ...ofProfiles]));
  });

  test("are nobody's where somebody else grants them", async () => {
    const values = { ...credentials, rbac: { create: false } };

    assert.deepEqual(grantedRights(await helm.template({ values })), {});
  });
});

async function check(helm: Helm, values: object, on: Switches, names: Names): Promise<void> {
  const readme = await rightsInReadme();

  const granted = grantedRights(await helm.template({ values: { ...values, ...nested(values, on) } }));

  const wanted = {
    'pullsecret-sync': readme.job(on, names),
    ...(on.cleanupOnUninstall ? { 'pullsecret-sync-cleanup': readme.cleanup(on, names) } : {}),
  };
  assert.deepEqual(granted, wanted, JSON.stringify(on));
}

/** Switches as values: `follow.enabled` is one in `follow`, whose other values stay. */
function nested(values: object, on: Switches): object {
  return Object.fromEntries(
    Object.entries(on).map(([name, isOn]) => {
      const [key = '', inner] = name.split('.');
      const others = (values as Record<string, object>)[key];
      return [key, inner === undefined ? isOn : { ...others, [inner]: isOn }];
    }),
  );
}
