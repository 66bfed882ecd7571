import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseConfig } from '../../job/src/config/config.ts';
import { configText, credentials, existing, withEachHelm } from './support.ts';

withEachHelm('configuration', (helm) => {
  test('has the shape that the job reads', async () => {
    const config = configText(await helm.template());

    assert.deepEqual(parse(config), {
      release: 'registry-access/pullsecret-sync',
      targets: [
        {
          name: 'default',
          secretName: 'image-pull-secret',
          sources: [{ secret: 'pullsecret-sync-source' }],
          namespaces: { include: ['*'], exclude: [], excludeSystem: true, selector: {} },
          serviceAccounts: { include: ['default'], exclude: [], skipApplied: true },
          onConflict: 'keep',
          expires: {},
        },
      ],
      previousSecretNames: [],
      previousServiceAccounts: [],
      previousReleases: [],
      retireAfter: '168h',
      maxRemovePercent: 50,
      sourceTimeout: '60s',
      concurrency: 16,
      verifyCredentials: 'enforce',
      recreateStuckPods: { enabled: false, maxPerRun: 10 },
      events: { enabled: true },
      objects: { configMap: 'pullsecret-sync', cronJob: 'pullsecret-sync' },
    });
  });

  test('is taken by the job, with the defaults', async () => {
    const config = configText(await helm.template());

    assert.deepEqual(parseConfig(config, 'the chart').release, {
      namespace: 'registry-access',
      name: 'pullsecret-sync',
    });
  });

  test('is taken by the job, with every value changed', async () => {
    const values = {
      secretName: 'registry.credentials',
      existingSecrets: ['1e3', 'null'],
      registries: { hub: { ...credentials.registries.main, server: 'docker.io', expiresAt: '2027-01-31' } },
      namespaces: {
        include: ['*', '1e3', 'true', 'team-?', '0x10'],
        exclude: ['null', '*-test'],
        excludeSystem: false,
        selector: {
          matchLabels: { 'example.com/pull': 'yes', number: '12' },
          matchExpressions: [
            { key: 'tier', operator: 'NotIn', values: ['on', 'off'] },
            { key: 'tenant', operator: 'Exists' },
          ],
        },
      },
      serviceAccounts: { include: ['default', 'builder-*'], exclude: ['builder-1'], skipApplied: false },
      onConflict: 'adopt',
      previousSecretNames: ['1e3', 'old-name'],
      previousServiceAccounts: ['null'],
      previousReleases: ['old/1e3'],
      retireAfter: '1h30m',
      maxRemovePercent: 0,
      sourceTimeout: '0s',
      concurrency: 1,
      recreateStuckPods: { enabled: true, maxPerRun: 3 },
      events: { enabled: false },
    };

    const text = configText(await helm.template({ values }));

    const config = parseConfig(text, 'the chart');
    const [target] = config.targets;
    assert.equal(target?.secretName, values.secretName);
    assert.deepEqual(target?.namespaces, values.namespaces);
    assert.deepEqual(target?.serviceAccounts, values.serviceAccounts);
    assert.deepEqual(target?.expires, { 'https://index.docker.io/v1/': '2027-01-31' });
    assert.equal(target?.onConflict, 'adopt');
    assert.deepEqual(config.previousSecretNames, values.previousSecretNames);
    assert.deepEqual(config.previousServiceAccounts, values.previousServiceAccounts);
    assert.deepEqual(config.previousReleases, [{ namespace: 'old', name: '1e3' }]);
    assert.equal(config.retireAfter, 5_400_000);
    assert.equal(config.maxRemovePercent, 0);
    assert.equal(config.sourceTimeout, 0);
    assert.equal(config.concurrency, 1);
    assert.deepEqual(config.recreateStuckPods, values.recreateStuckPods);
    assert.deepEqual(config.events, values.events);
  });

  test('writes 0 and false as they are', async () => {
    const values = { ...credentials, serviceAccounts: { skipApplied: false }, namespaces: { excludeSystem: false } };

    const { targets } = parse(configText(await helm.template({ values })));

    assert.equal(targets[0].serviceAccounts.skipApplied, false);
    assert.equal(targets[0].namespaces.excludeSystem, false);
  });

  test('lets the registries win over existing Secrets, and a later one over an earlier', async () => {
    const values = { ...credentials, existingSecrets: ['team', 'common'] };

    const { targets } = parse(configText(await helm.template({ values })));

    assert.deepEqual(targets[0].sources, [
      { secret: 'team' },
      { secret: 'common' },
      { secret: 'pullsecret-sync-source' },
    ]);
  });

  test('reads existing Secrets only, without registries', async () => {
    const { targets } = parse(configText(await helm.template({ values: existing })));

    assert.deepEqual(targets[0].sources, [{ secret: 'team-credentials' }]);
  });

  test('takes a source that has the name of the copy', async () => {
    const { targets } = parse(configText(await helm.template({ values: { existingSecrets: ['image-pull-secret'] } })));

    assert.deepEqual(targets[0].sources, [{ secret: 'image-pull-secret' }]);
  });

  test('names the release, whatever the objects are called', async () => {
    const options = { release: 'creds', namespace: 'infra', values: { ...credentials, fullnameOverride: 'other' } };

    assert.equal(parse(configText(await helm.template(options))).release, 'infra/creds');
  });

  test('takes an unquoted date in a values file for the day it is', async () => {
    const values =
      'registries: { main: { server: registry.example.com, username: ci, password: x, expiresAt: 2027-01-31 } }';

    const { targets } = parse(configText(await helm.template({ values })));

    assert.deepEqual(targets[0].expires, { 'registry.example.com': '2027-01-31' });
  });

  test('holds no credential', async () => {
    const config = configText(await helm.template());

    assert.doesNotMatch(config, /s3cr3t|auth|username|ci\b/);
  });
});
