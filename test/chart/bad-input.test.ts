import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registryNames } from '../support/registry-names.ts';
import { sentences } from './sentences.ts';
import { assertNoPassword, credentials, password, withEachHelm } from './support.ts';

const { main } = credentials.registries;
const missing = (field: string) =>
  `registries.main.${field} is missing: set it, best with --set-literal or quoted in a values file`;
const wrongType = (field: string, kind: string) =>
  `registries.main.${field} is ${kind} and must be a string: use --set-literal, or quote it in the values file`;
const noServer =
  'registries.main.server is not the name of a registry: use a host such as registry.example.com, with no user, password or query in it';
const noName = (value: string) =>
  `${value} has a name that Kubernetes does not take: use lower-case letters, digits, "-" and ".", with a letter or digit at both ends`;
const noGlob = (value: string) =>
  `${value} has an entry that is not a glob: use lower-case letters, digits, "-", ".", "*" and "?"`;
const noInclude = (value: string) =>
  `${value}.include is empty, which selects nothing: name at least one, or "*" for all`;
const noDate = 'registries.main.expiresAt is not a date: write it as "2027-01-31"';
const noSchedule = 'schedule is empty: set five cron fields, such as "*/5 * * * *", or suspend: true to pause';
const noDuration = 'sourceTimeout is not a duration: write it as "60s" or "5m"';
const noCredentials =
  'there are no credentials to copy: set server, username and password of a registry under registries, give a docker config in dockerConfigJson, or name a Secret of this namespace in existingSecrets';
const noJson =
  'dockerConfigJson is not a JSON object: give it the content of a docker config.json, best with --set-file';

const cases: [what: string, values: object, sentence: string][] = [
  ['no credentials at all', {}, noCredentials],
  ['empty credentials', { registries: {}, existingSecrets: [] }, noCredentials],
  ['a docker config that is cut off', { dockerConfigJson: `{"auths":{"a":{"password":"${password}` }, noJson],
  [
    'a docker config that is base64',
    { dockerConfigJson: Buffer.from(`{"a":"${password}"}`).toString('base64') },
    noJson,
  ],
  ['a docker config that is a list', { dockerConfigJson: '[]' }, noJson],
  [
    'a bad name that was used before',
    { ...credentials, previousSecretNames: ['Reg_cred'] },
    noName('previousSecretNames'),
  ],
  [
    'a ServiceAccount name that was used before and is none',
    { ...credentials, previousServiceAccounts: ['app_*'] },
    noGlob('previousServiceAccounts'),
  ],
  [
    'a release without a namespace',
    { ...credentials, previousReleases: ['pullsecret-sync'] },
    'previousReleases has an entry that is not a release: write it as "<namespace>/<name>"',
  ],
  [
    'a time to retire without a unit',
    { ...credentials, retireAfter: '168' },
    'retireAfter is not a duration: write it as "60s" or "5m"',
  ],
  ['a registry without a server', registry({ server: undefined }), missing('server')],
  ['a registry without a username', registry({ username: undefined }), missing('username')],
  ['a registry without a password', registry({ password: undefined }), missing('password')],
  ['an empty server', registry({ server: '' }), missing('server')],
  ['an empty username', registry({ username: '' }), missing('username')],
  ['an empty password', registry({ password: '' }), missing('password')],
  ['null for a password', registry({ password: null }), missing('password')],
  ['a number for a password', registry({ password: 12345678 }), wrongType('password', 'a number')],
  ['0 for a password', registry({ password: 0 }), wrongType('password', 'a number')],
  ['a boolean for a password', registry({ password: true }), wrongType('password', 'a boolean')],
  ['false for a password', registry({ password: false }), wrongType('password', 'a boolean')],
  ['a list for a password', registry({ password: [password] }), wrongType('password', 'a list')],
  ['a map for a password', registry({ password: { value: password } }), wrongType('password', 'a map')],
  ['a number for a username', registry({ username: 12345678 }), wrongType('username', 'a number')],
  ['a number for a server', registry({ server: 12345678 }), wrongType('server', 'a number')],
  [
    'a colon in a username',
    registry({ username: 'a:b' }),
    'registries.main.username has a colon in it, which a registry login cannot carry: use a login without one',
  ],
  ['a password in a server', registry({ server: `https://ci:${password}@registry.example.com` }), noServer],
  ['a space in a server', registry({ server: 'registry example' }), noServer],
  ['a scheme without a host', registry({ server: 'https://' }), noServer],
  ['a query in a server', registry({ server: 'registry.example.com/team?a=b' }), noServer],
  ['a day that is none', registry({ expiresAt: '2027-02-30' }), noDate],
  ['a date in another order', registry({ expiresAt: '31.01.2027' }), noDate],
  [
    'one registry twice',
    { registries: { one: main, two: { ...main, server: 'https://Registry.example.com/v2/' } } },
    'registries.one and registries.two are the same registry, registry.example.com: remove one',
  ],
  [
    'Docker Hub twice',
    {
      registries: { hub: { ...main, server: 'docker.io' }, legacy: { ...main, server: 'https://index.docker.io/v1/' } },
    },
    'registries.hub and registries.legacy are the same registry, https://index.docker.io/v1/: remove one',
  ],
  [
    'the name of the source for the copy',
    { ...credentials, secretName: 'pullsecret-sync-source' },
    'secretName is pullsecret-sync-source, the Secret that the chart makes from registries: choose another secretName',
  ],
  [
    'an existing Secret with the name of the source',
    { ...credentials, existingSecrets: ['pullsecret-sync-source'] },
    'existingSecrets names pullsecret-sync-source, the Secret that the chart makes from registries: rename yours, or leave registries empty',
  ],
  ['an empty name', { ...credentials, secretName: '' }, noName('secretName')],
  ['a name with capitals', { ...credentials, secretName: 'RegCred' }, noName('secretName')],
  [
    'a name that is too long',
    { ...credentials, secretName: 'a'.repeat(254) },
    'secretName has a name of 254 characters and Kubernetes takes 253: shorten it',
  ],
  ['an existing Secret with a path', { existingSecrets: ['team/credentials'] }, noName('existingSecrets')],
  ['a pull secret with a dot at the end', { ...credentials, imagePullSecrets: ['a.'] }, noName('imagePullSecrets')],
  ['an override with capitals', { ...credentials, nameOverride: 'Sync' }, noName('nameOverride')],
  ['an override with an underscore', { ...credentials, fullnameOverride: 'my_sync' }, noName('fullnameOverride')],
  ['no namespace', { ...credentials, namespaces: { include: [] } }, noInclude('namespaces')],
  ['null for the namespaces', { ...credentials, namespaces: { include: null } }, noInclude('namespaces')],
  ['no ServiceAccount', { ...credentials, serviceAccounts: { include: [] } }, noInclude('serviceAccounts')],
  [
    'a regular expression for a glob',
    { ...credentials, namespaces: { include: ['team-[0-9]+'] } },
    noGlob('namespaces.include'),
  ],
  ['an empty glob', { ...credentials, serviceAccounts: { exclude: [''] } }, noGlob('serviceAccounts.exclude')],
  ['an empty schedule', { ...credentials, schedule: '' }, noSchedule],
  ['a blank schedule', { ...credentials, schedule: '  ' }, noSchedule],
  ['null for the schedule', { ...credentials, schedule: null }, noSchedule],
  ['a duration without a unit', { ...credentials, sourceTimeout: '60' }, noDuration],
];

withEachHelm('bad input', (helm) => {
  for (const [what, values, sentence] of cases) {
    test(`${what} is refused in one sentence`, async () => {
      assert.deepEqual(await sentences(helm, values), [sentence]);
    });
  }

  test('what the job takes for no registry is refused', async () => {
    const names = registryNames.filter(([server, host]) => server !== '' && host === undefined);
    const registries = Object.fromEntries(names.map(([server], index) => [`r${100 + index}`, { ...main, server }]));

    assert.deepEqual(
      await sentences(helm, { registries }),
      Object.keys(registries).map((key) => noServer.replace('main', key)),
    );
  });

  test('all faults are named at once', async () => {
    const values = {
      registries: { a: { ...main, server: '' }, b: { ...main, server: 'b.example.com', username: 1 } },
      schedule: '',
    };

    assert.deepEqual(await sentences(helm, values), [
      missing('server').replace('main', 'a'),
      wrongType('username', 'a number').replace('main', 'b'),
      noSchedule,
    ]);
  });

  for (const [typed, kind] of [
    ['12345678', 'a number'],
    ['true', 'a boolean'],
  ] as const) {
    test(`what --set makes of the password ${typed} is refused and not shown`, async () => {
      const args = ['--set', `registries.main.password=${typed}`];

      const error = await helm.refusal({ args });

      assert.ok(error.includes(wrongType('password', kind)), error);
      assert.equal(error.includes(typed), false);
    });
  }

  test('what --set makes of the password null is refused', async () => {
    const error = await helm.refusal({ args: ['--set', 'registries.main.password=null'] });

    assert.ok(error.includes(missing('password')), error);
  });

  test('no credential is shown where a map is expected', async () => {
    for (const values of [
      { registries: password },
      { registries: [main] },
      { registries: { main: password } },
      { registries: { main: [password] } },
      { ...credentials, existingSecrets: { password } },
      { ...credentials, existingSecrets: [{ password }] },
    ]) {
      assertNoPassword(await helm.refusal({ values }));
    }
  });

  test('no credential is shown with --debug', async () => {
    const values = { registries: { main: { ...main, server: password } } };

    const error = await helm.refusal({ values, args: ['--debug'] });

    assert.ok(error.includes(noServer), error);
  });

  test('is refused without the schema as well', async () => {
    const values = { registries: { main: { ...main, password: 12345678 } } };

    const error = await helm.refusal({ values, args: ['--skip-schema-validation'] });

    assert.ok(error.includes(wrongType('password', 'a number')), error);
  });
});

function registry(fields: object): object {
  return { registries: { main: { ...main, ...fields } } };
}
