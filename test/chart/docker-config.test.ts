import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import {
  componentOf,
  configText,
  credentials,
  dockerConfig,
  existing,
  has,
  one,
  password,
  withEachHelm,
} from './support.ts';

const document = {
  auths: { 'registry.example.com': { username: 'ci', password }, 'https://index.docker.io/v1/access-token': {} },
  HttpHeaders: { 'User-Agent': 'Docker-Client' },
};
const indented = `${JSON.stringify(document, undefined, '\t')}\n`;

withEachHelm('whole docker config', (helm) => {
  test('becomes a Secret of its own, byte for byte', async () => {
    const manifests = await helm.template({ values: { dockerConfigJson: indented } });

    assert.equal(one(manifests, 'Secret').metadata?.name, 'pullsecret-sync-docker-config');
    assert.equal(one(manifests, 'Secret').type, 'kubernetes.io/dockerconfigjson');
    assert.equal(dockerConfig(manifests), indented);
  });

  test('is taken from a file byte for byte', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pullsecret-sync-'));
    try {
      await writeFile(join(directory, 'config.json'), indented);

      const args = ['--set-file', `dockerConfigJson=${join(directory, 'config.json')}`];

      assert.equal(dockerConfig(await helm.template({ values: {}, args })), indented);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('may be YAML as well as text', async () => {
    const manifests = await helm.template({ values: { dockerConfigJson: document } });

    assert.deepEqual(JSON.parse(dockerConfig(manifests)), document);
  });

  test('is not there where nothing is given, and then no Secret is', async () => {
    assert.equal(has(await helm.template({ values: existing }), 'Secret'), false);
  });

  test('goes with registries and existing Secrets, and is the middle one of the three to win', async () => {
    const values = { ...credentials, ...existing, dockerConfigJson: indented };

    const manifests = await helm.template({ values });

    const ofRelease = manifests.filter((each) => each.kind === 'Secret' && componentOf(each) === undefined);
    assert.equal(ofRelease.length, 2);
    assert.deepEqual(parse(configText(manifests)).targets[0].sources, [
      { secret: 'team-credentials' },
      { secret: 'pullsecret-sync-docker-config' },
      { secret: 'pullsecret-sync-source' },
    ]);
    const [readSources] = one(manifests, 'Role').rules ?? [];
    assert.deepEqual(readSources?.resourceNames, [
      'team-credentials',
      'pullsecret-sync-docker-config',
      'pullsecret-sync-source',
    ]);
  });
});
