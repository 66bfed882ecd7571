import assert from 'node:assert/strict';
import { cp, mkdir, mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { valuesText } from '../support/values.ts';
import { assertNoPassword, chart, credentials, existing, run, version, withEachHelm } from './support.ts';

withEachHelm('chart', (helm) => {
  for (const [what, values] of [
    ['the defaults', {}],
    ['registries', credentials],
    ['existing Secrets', existing],
  ] as const) {
    test(`passes the strict lint with ${what}`, async () => {
      const { status, stdout, stderr } = await helm.run(
        ['lint', '--strict', chart, '--kube-version', '1.37.2', '--values', '-'],
        valuesText(values),
      );

      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, /1 chart\(s\) linted, 0 chart\(s\) failed/);
      assertNoPassword(stdout + stderr);
    });
  }

  test('fails the lint with an unknown key', async () => {
    const { status, stdout, stderr } = await helm.run(
      ['lint', '--strict', chart, '--kube-version', '1.37.2', '--values', '-'],
      valuesText({ ...credentials, misspelt: 'x' }),
    );

    assert.equal(status, 1);
    assert.match(stdout + stderr, /additional properties 'misspelt' not allowed/);
    assertNoPassword(stdout + stderr);
  });

  test('needs Kubernetes 1.30', async () => {
    await helm.template({ args: ['--kube-version', '1.30.0-eks-1234'] });

    assert.match(await helm.refusal({ args: ['--kube-version', '1.29.9'] }), /requires kubeVersion: >=1\.30/);
  });

  test('packages its own files and nothing else', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'chart-'));
    const copy = join(folder.path, 'pullsecret-sync');
    await cp(chart, copy, { recursive: true });
    for (const stray of ['.gitignore', 'values.yaml.orig', 'old-0.1.0.tgz', 'templates/role.yaml~'])
      await writeFile(join(copy, stray), '');

    const { status, stderr } = await helm.run(['package', copy, '--destination', folder.path]);

    assert.equal(status, 0, stderr);
    const { stdout: listing } = await run('tar', ['-tzf', join(folder.path, `pullsecret-sync-${version}.tgz`)]);
    const own = (await readdir(chart, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name !== '.helmignore')
      .map((entry) => join('pullsecret-sync', join(entry.parentPath, entry.name).slice(chart.length)))
      // Our own clusters and pipelines are no part of it, nor is what its README is made of.
      .filter((name) => !/^pullsecret-sync\/(helmfile\/clusters\/|gitlab\/|pages\/|README\.md\.gotmpl$)/.test(name));
    const packaged = listing
      .trim()
      .split('\n')
      .filter((name) => !name.endsWith('.helmignore'));
    assert.deepEqual(packaged.toSorted(), own.toSorted());
    assert.ok(packaged.includes('pullsecret-sync/README.md'));
    assert.ok(packaged.includes('pullsecret-sync/helmfile/helmfile.yaml.gotmpl'));
  });

  test('works as a dependency of another chart', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'chart-'));
    await mkdir(join(folder.path, 'charts'));
    await cp(chart, join(folder.path, 'charts', 'pullsecret-sync'), { recursive: true });
    await writeFile(join(folder.path, 'Chart.yaml'), 'apiVersion: v2\nname: platform\nversion: 1.0.0\n');

    const { status, stdout, stderr } = await helm.run(
      ['template', 'platform', folder.path, '--kube-version', '1.37.2', '--values', '-'],
      valuesText({ 'pullsecret-sync': credentials, global: { region: 'eu' } }),
    );

    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ {2}name: platform-pullsecret-sync-source$/m);
  });
});
