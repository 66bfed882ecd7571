import { execFile } from 'node:child_process';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from '../../scripts/tools.ts';

const run = promisify(execFile);

/** A new age key: the text of the private one, as SOPS_AGE_KEY takes it, and who may read what is encrypted for it. */
export async function ageKey(): Promise<{ key: string; recipient: string }> {
  const { stdout: key } = await run(await tool('age-keygen'), []);
  const [, recipient] = /^# public key: (\S+)$/m.exec(key) ?? [];
  if (!recipient) throw new Error('age-keygen did not say what the public key is');
  return { key, recipient };
}

/** Writes an object into a YAML file that SOPS encrypted. */
export async function encrypt(content: object, recipient: string, file: string): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plain-'));
  const plain = join(folder.path, 'plain.json');
  await writeFile(plain, JSON.stringify(content));
  const args = ['encrypt', '--age', recipient, '--output-type', 'yaml', plain];
  const { stdout } = await run(await tool('sops'), args, { env: { HOME: folder.path } });
  await writeFile(file, stdout);
}
