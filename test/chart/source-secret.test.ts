import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import { parseDockerConfig } from '../../job/src/credentials/docker-config.ts';
import { passwords } from '../support/passwords.ts';
import { registryNames } from '../support/registry-names.ts';
import { hostileCases } from '../unit/hostile/cases/index.ts';
import { credentials, dockerConfig, existing, has, one, password, withEachHelm } from './support.ts';

withEachHelm('source Secret', (helm) => {
  test('holds a registry in each form that clients read', async () => {
    const manifests = await helm.template();

    assert.equal(one(manifests, 'Secret').type, 'kubernetes.io/dockerconfigjson');
    assert.deepEqual(JSON.parse(dockerConfig(manifests)), {
      auths: {
        'registry.example.com': { username: 'ci', password, auth: Buffer.from(`ci:${password}`).toString('base64') },
      },
    });
  });

  test('is not there with existing Secrets only', async () => {
    const manifests = await helm.template({ values: existing });

    assert.equal(has(manifests, 'Secret'), false);
  });

  test('has an email where one is given, and none otherwise', async () => {
    const { main } = credentials.registries;
    const values = {
      registries: { main: { ...main, email: 'ci@example.com' }, other: { ...main, server: 'other.example.com' } },
    };

    const { auths } = JSON.parse(dockerConfig(await helm.template({ values })));

    assert.equal(auths['registry.example.com'].email, 'ci@example.com');
    assert.equal('email' in auths['other.example.com'], false);
  });

  test('names each registry as the job does', async () => {
    for (const [server, host] of registryNames) {
      if (host === undefined) continue;
      const values = { registries: { main: { ...credentials.registries.main, server } } };

      const { auths } = JSON.parse(dockerConfig(await helm.template({ values })));

      assert.deepEqual(Object.keys(auths), [host], server);
    }
  });

  test('keeps every byte of a password from a values file', async () => {
    const registries = Object.fromEntries(
      passwords.map((each, index) => [
        `r${index}`,
        { server: `r${index}.example.com`, username: 'ci', password: each },
      ]),
    );

    const text = dockerConfig(await helm.template({ values: { registries } }));

    const { auths } = JSON.parse(text);
    const { config, warnings, problems } = parseDockerConfig(text, 'dockerconfigjson', 'the source');
    assert.deepEqual([warnings, problems], [[], []]);
    for (const [index, each] of passwords.entries()) {
      const host = `r${index}.example.com`;
      assert.equal(auths[host].password, each);
      assert.equal(auths[host].username, 'ci');
      assert.equal(config.get(host)?.auth.toString(), `ci:${each}`);
    }
  });

  test('keeps every byte of the logins that hostile sources hold', async (context) => {
    const logins = [...new Set(hostileLogins())];
    const registries = Object.fromEntries(
      logins.map((login, index) => {
        const [username = '', ...rest] = login.split(':');
        return [`r${index}`, { server: `r${index}.example.com`, username, password: rest.join(':') }];
      }),
    );

    const text = dockerConfig(await helm.template({ values: { registries } }));

    const { config, warnings, problems } = parseDockerConfig(text, 'dockerconfigjson', 'the source');
    assert.deepEqual([warnings, problems], [[], []]);
    for (const [index, login] of logins.entries()) {
      assert.equal(config.get(`r${index}.example.com`)?.auth.toString(), login);
    }
    context.diagnostic(`hostile logins through the chart: ${logins.length}`);
    assert.ok(logins.length > 100);
  });

  test('keeps every byte of a password from --set-literal', async () => {
    for (const each of passwords) {
      const args = ['--set', 'registries.main.server=registry.example.com,registries.main.username=ci'];

      const manifests = await helm.template({
        values: {},
        args: [...args, '--set-literal', `registries.main.password=${each}`],
      });

      assert.equal(JSON.parse(dockerConfig(manifests)).auths['registry.example.com'].password, each);
    }
  });

  test('keeps every byte of a username', async () => {
    for (const username of ['robot$ci+push', '12345678', 'DOMAIN\\user', 'user@example.com', '_json_key', '"{{"']) {
      const values = { registries: { main: { ...credentials.registries.main, username } } };

      const { auths } = JSON.parse(dockerConfig(await helm.template({ values })));

      assert.equal(auths['registry.example.com'].username, username);
      assert.equal(Buffer.from(auths['registry.example.com'].auth, 'base64').toString(), `${username}:${password}`);
    }
  });
});

/** The logins that are text and of a length that somebody may type. In a value U+FFFD stands for bytes that are no text. */
function hostileLogins(): string[] {
  const logins = hostileCases.flatMap(({ expected }) => ('logins' in expected ? Object.values(expected.logins) : []));
  const texts = logins.filter((login) => isUtf8(login) && login.length < 5000).map((login) => login.toString());
  return texts.filter((login) => !login.includes('\ufffd'));
}
