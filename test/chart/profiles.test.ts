import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Config } from '../../job/src/config/config.ts';
import {
  componentOf,
  configText,
  credentials,
  existing,
  type Helm,
  type Manifest,
  one,
  password,
  podSpec,
  withEachHelm,
} from './support.ts';

const { registries } = credentials;
const one53 = `p${'x'.repeat(52)}`;
const team = { existingSecrets: ['team'], namespaces: { include: ['team-*'] } };

withEachHelm('profiles', (helm) => {
  test('are further targets: a higher priority first, then by key, the top-level values last', async () => {
    const profiles = {
      b: team,
      late: { ...team, priority: -1 },
      a: team,
      first: { ...team, priority: 10 },
      second: { ...team, priority: 9 },
      zero: { ...team, priority: 0 },
    };

    const names = (await targets(helm, { ...existing, profiles })).map(({ name }) => name);

    assert.deepEqual(names, ['first', 'second', 'a', 'b', 'zero', 'late', 'default']);
  });

  test('are none by default', async () => {
    assert.deepEqual(
      (await targets(helm, existing)).map(({ name }) => name),
      ['default'],
    );
  });

  test('take secretName and serviceAccounts of the top level where they say nothing, and no namespaces', async () => {
    const [profile] = await targets(helm, {
      ...existing,
      secretName: 'regcred',
      namespaces: { include: ['a-*'], exclude: ['b'], excludeSystem: false, selector: { matchLabels: { c: 'd' } } },
      serviceAccounts: { include: ['default', 'builder'], exclude: ['e'], skipApplied: false },
      profiles: { team },
    });

    assert.deepEqual(profile, {
      name: 'team',
      secretName: 'regcred',
      sources: [{ secret: 'team' }],
      namespaces: { include: ['team-*'], exclude: [], excludeSystem: true, selector: {} },
      serviceAccounts: { include: ['default', 'builder'], exclude: ['e'], skipApplied: false },
      onConflict: 'keep',
      expires: {},
    });
  });

  test('keep each value of their own, false and empty ones too', async () => {
    const fields = {
      secretName: 'team-secret',
      namespaces: { include: ['a'], exclude: ['b'], excludeSystem: false, selector: { matchLabels: { c: 'd' } } },
      serviceAccounts: { include: ['e'], exclude: [], skipApplied: false },
    };
    const main = { ...registries.main, expiresAt: '2027-01-31' };

    const [profile] = await targets(helm, {
      ...existing,
      serviceAccounts: { exclude: ['f'] },
      profiles: { team: { ...fields, existingSecrets: ['g'], dockerConfigJson: '{}', registries: { main } } },
    });

    assert.deepEqual(profile, {
      name: 'team',
      ...fields,
      sources: [
        { secret: 'g' },
        { secret: 'pullsecret-sync-team-docker-config' },
        { secret: 'pullsecret-sync-team-source' },
      ],
      onConflict: 'keep',
      expires: { 'registry.example.com': '2027-01-31' },
    });
  });

  test('have Secrets of their own with their own passwords, exactly', async () => {
    const own = { registries: { main: { ...registries.main, password: `${password}<>&\u2028'` } } };
    const whole = { dockerConfigJson: { auths: { a: { auth: 'b' } } } };
    const values = { ...credentials, profiles: { a: { ...team, ...own }, b: { ...team, ...whole } } };

    const secrets = secretsIn(await helm.template({ values }));

    assert.deepEqual([...secrets.keys()].toSorted(), [
      'pullsecret-sync-a-source',
      'pullsecret-sync-b-docker-config',
      'pullsecret-sync-source',
    ]);
    assert.equal(
      secrets.get('pullsecret-sync-a-source').auths['registry.example.com'].password,
      own.registries.main.password,
    );
    assert.deepEqual(secrets.get('pullsecret-sync-b-docker-config'), whole.dockerConfigJson);
    assert.equal(secrets.get('pullsecret-sync-source').auths['registry.example.com'].password, password);
  });

  test('with long keys have names that fit and differ', async () => {
    const sources = { registries, dockerConfigJson: '{}', namespaces: team.namespaces };
    const values = { ...credentials, profiles: { [`${one53}1`]: sources, [`${one53}2`]: sources } };

    const names = [...secretsIn(await helm.template({ values, release: 'r'.repeat(53) })).keys()];

    assert.equal(new Set(names).size, 5);
    for (const name of names) assert.ok(name.length <= 63, name);
  });

  test('widen the rights by their names alone', async () => {
    const manifests = await helm.template({
      values: {
        ...credentials,
        events: { enabled: false },
        profiles: {
          a: { ...team, secretName: 'a-secret', serviceAccounts: { include: ['builder', 'default'] } },
          b: { ...team, existingSecrets: ['team', 'b'], secretName: 'a-secret' },
        },
      },
    });

    const named = (kind: 'Role' | 'ClusterRole') =>
      one(manifests, kind).rules?.map(({ resourceNames }) => resourceNames);
    assert.deepEqual(named('ClusterRole'), [undefined, ['a-secret', 'image-pull-secret'], ['builder', 'default']]);
    assert.deepEqual(named('Role')?.[0], ['team', 'b', 'pullsecret-sync-source']);
  });

  test('with a glob for ServiceAccounts widen the rights to all', async () => {
    const values = { ...credentials, profiles: { a: { ...team, serviceAccounts: { include: ['build-*'] } } } };

    const rule = one(await helm.template({ values }), 'ClusterRole').rules?.[2];

    assert.equal(rule?.resourceNames, undefined);
  });

  test("change nothing in the job's pods", async () => {
    const values = { ...credentials, profiles: { a: { ...team, secretName: 'a-secret' } } };

    assert.deepEqual(podSpec(await helm.template({ values })), podSpec(await helm.template()));
  });

  for (const [what, profiles, sentence] of [
    [
      'without credentials',
      { a: { namespaces: team.namespaces } },
      'there are no credentials to copy: set server, username and password of a registry under profiles.a.registries, give a docker config in profiles.a.dockerConfigJson, or name a Secret of this namespace in profiles.a.existingSecrets',
    ],
    [
      'without namespaces',
      { a: { existingSecrets: ['team'] } },
      'profiles.a.namespaces is missing: say which namespaces the profile is for, with include or selector',
    ],
    [
      'with the name of the top level',
      { default: team },
      'profiles.default has a key that cannot name a target: use lower-case letters, digits and "-", and not "default", which is the top-level values',
    ],
    [
      'with a key in capitals',
      { A: team },
      'profiles.A has a key that cannot name a target: use lower-case letters, digits and "-", and not "default", which is the top-level values',
    ],
    [
      'with a password that is a number',
      { a: { ...team, registries: { main: { ...registries.main, password: 12345678 } } } },
      'profiles.a.registries.main.password is a number and must be a string: use --set-literal, or quote it in the values file',
    ],
    [
      'with a regular expression for a glob',
      { a: { ...team, namespaces: { include: ['a+'] } } },
      'profiles.a.namespaces.include has an entry that is not a glob: use lower-case letters, digits, "-", ".", "*" and "?"',
    ],
    [
      'with an empty list of namespaces',
      { a: { ...team, namespaces: { include: [] } } },
      'profiles.a.namespaces.include is empty, which selects nothing: name at least one, or "*" for all',
    ],
    [
      'with a name in capitals',
      { a: { ...team, secretName: 'A' } },
      'profiles.a.secretName has a name that Kubernetes does not take: use lower-case letters, digits, "-" and ".", with a letter or digit at both ends',
    ],
    [
      "with the name of another target's source",
      { a: { ...team, secretName: 'pullsecret-sync-source' } },
      'profiles.a.secretName is pullsecret-sync-source, the Secret that the chart makes from registries: choose another secretName',
    ],
  ] as const) {
    test(`${what} are refused in one sentence`, async () => {
      const error = await helm.refusal({ values: { ...credentials, profiles } });

      const [, message] = /execution error at \([^)]*\): (.*?)\n\n/s.exec(error) ?? [];
      assert.equal(message, sentence, error);
    });
  }
});

async function targets(helm: Helm, values: object): Promise<Config['targets']> {
  return parse(configText(await helm.template({ values }))).targets;
}

/** The docker configs in the Secrets, by name. */
function secretsIn(manifests: Manifest[]) {
  return new Map(
    manifests.flatMap((manifest) => {
      if (manifest.kind !== 'Secret' || componentOf(manifest) !== undefined) return [];
      const encoded = manifest.data?.['.dockerconfigjson'] ?? '';
      return [[manifest.metadata?.name ?? '', JSON.parse(Buffer.from(encoded, 'base64').toString())]];
    }),
  );
}
