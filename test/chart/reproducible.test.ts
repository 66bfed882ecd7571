import assert from 'node:assert/strict';
import { chmod, cp, mkdtempDisposable, readdir, readFile, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageChart } from '../../scripts/package-chart.ts';
import { valuesText } from '../support/values.ts';
import { chart, credentials, run, withEachHelm } from './support.ts';

const date = new Date('2027-01-31T12:00:00Z');
const machines = [
  { mtime: new Date('2001-01-01T00:00:00Z'), mode: 0o600, umask: 0o077, env: { TZ: 'Asia/Tokyo', LC_ALL: 'C' } },
  { mtime: new Date('2030-06-01T00:00:00Z'), mode: 0o755, umask: 0o002, env: { TZ: 'UTC', LC_ALL: 'sv_SE.UTF-8' } },
];

test('two machines package the chart byte for byte the same', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'reproducible-'));

  const archives: Buffer[] = [];
  for (const [index, machine] of machines.entries()) {
    const copy = join(folder.path, `checkout-${index}`);
    await cp(chart, copy, { recursive: true });
    for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) await chmod(path, machine.mode);
      await utimes(path, machine.mtime, machine.mtime);
    }
    archives.push(await packagedOn(machine, copy, join(folder.path, `${index}`)));
  }

  assert.equal(archives[0]?.equals(archives[1] as Buffer), true);
});

withEachHelm('the package', (helm) => {
  test('carries the date it is given, and renders as the chart does', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'reproducible-'));

    const archive = await packageChart(chart, folder.path, date);

    const { stdout } = await run('tar', ['--utc', '--full-time', '-tvzf', archive]);
    for (const line of stdout.trim().split('\n')) assert.match(line, /^-rw-r--r-- 0\/0 .* 2027-01-31 12:00:00 /);
    const render = (from: string) =>
      helm.run(['template', 'creds', from, '--kube-version', '1.37.2', '--values', '-'], valuesText(credentials));
    const [packaged, source] = await Promise.all([render(archive), render(chart)]);
    assert.equal(packaged.status, 0, packaged.stderr);
    assert.equal(packaged.stdout, source.stdout);
  });
});

async function packagedOn({ umask, env }: (typeof machines)[0], copy: string, destination: string): Promise<Buffer> {
  const before = process.umask(umask);
  const variables = { ...process.env };
  Object.assign(process.env, env);
  try {
    return await readFile(await packageChart(copy, destination, date));
  } finally {
    process.umask(before);
    for (const name of Object.keys(env)) {
      if (variables[name] === undefined) delete process.env[name];
      else process.env[name] = variables[name];
    }
  }
}
