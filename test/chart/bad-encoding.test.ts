import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertNoPassword, dockerConfig, password, withEachHelm } from './support.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullsecret-sync-'));
});
after(() => rm(folder, { recursive: true }));

const login = ['--set', 'registries.main.server=registry.example.com,registries.main.username=ci'];

async function fileOf(name: string, text: string, encoding: BufferEncoding): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text, encoding);
  return file;
}

withEachHelm('an encoding', (helm) => {
  test('of a password other than UTF-8 is refused: other bytes would arrive', async () => {
    const file = await fileOf('latin1', `${password}ä`, 'latin1');

    const error = await helm.refusal({ args: [...login, '--set-file', `registries.main.password=${file}`] });

    assert.ok(error.includes('registries.main.password is not UTF-8 text: save it as UTF-8'), error);
    assertNoPassword(error);
  });

  test('of a whole docker config other than UTF-8 is refused', async () => {
    const auths = { 'registry.example.com': { username: 'ci', password: `${password}ä` } };
    const file = await fileOf('config.json', JSON.stringify({ auths }), 'latin1');

    const error = await helm.refusal({ args: ['--set-file', `dockerConfigJson=${file}`] });

    assert.ok(error.includes('dockerConfigJson is not UTF-8 text: save it as UTF-8'), error);
    assertNoPassword(error);
  });

  test('of bytes that are none is taken in auth', async () => {
    const auth = Buffer.from('ci:pässword', 'latin1').toString('base64');
    const text = JSON.stringify({ auths: { 'registry.example.com': { auth } } });
    const file = await fileOf('auth.json', text, 'utf8');

    const args = ['--set-file', `dockerConfigJson=${file}`];

    assert.equal(dockerConfig(await helm.template({ values: {}, args })), text);
  });
});
