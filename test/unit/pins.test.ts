import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { goPinFaults } from '../../scripts/supply-chain/go-pins.ts';
import { dockerfileImageFaults, pipelineImageFaults } from '../../scripts/supply-chain/image-pins.ts';
import { installScriptFaults } from '../../scripts/supply-chain/install-scripts.ts';
import type { LockedPackage } from '../../scripts/supply-chain/lockfile.ts';
import { npmPinFaults } from '../../scripts/supply-chain/npm-pins.ts';
import { supplyChainFaults } from '../../scripts/supply-chain/supply-chain.ts';

const integrity = 'sha512-AAAA';
const digest = `sha256:${'0'.repeat(64)}`;

function lockfile(a: Partial<LockedPackage> = {}, dependencies: Record<string, string> = { a: '1.0.0' }) {
  return { packages: { '': { dependencies }, 'node_modules/a': { integrity, ...a } } };
}

test('all that this project takes from elsewhere is pinned and looked at', () => {
  assert.deepEqual(supplyChainFaults(), []);
});

suite('npm packages', () => {
  test('have one version and a checksum', () => {
    assert.deepEqual(npmPinFaults({ dependencies: { a: '1.0.0' } }, lockfile()), []);
  });

  for (const version of ['^1.0.0', '~1.0.0', '1.0', '1.x', '*', 'latest', '', 'git+ssh://git@example.com/a.git'])
    test(`are not asked for as "${version}"`, () => {
      const manifest = { devDependencies: { a: version } };

      assert.match(npmPinFaults(manifest, lockfile()).join('\n'), /package\.json: a is ".*": write one exact version/);
    });

  const locks: Array<[what: string, locked: Parameters<typeof lockfile>, RegExp]> = [
    ['a lockfile of another package.json', [{}, { a: '1.0.1' }], /^package-lock\.json is of another package\.json/],
    ['no checksum', [{ integrity: undefined } as never], /: a has no SHA-512 checksum/],
    ['a weak checksum', [{ integrity: 'sha1-AAAA' }], /: a has no SHA-512 checksum/],
    ['an address', [{ resolved: 'https://example.com/a.tgz' }], /: a has an address/],
  ];
  for (const [what, locked, fault] of locks)
    test(`do not have ${what}`, () => {
      const faults = npmPinFaults({ dependencies: { a: '1.0.0' } }, lockfile(...locked));

      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', fault);
    });
});

suite('install scripts', () => {
  const scripted = lockfile({ hasInstallScript: true });
  const npmrc = 'save-exact=true\nignore-scripts=true\n';

  test('are known by the names of their packages', () => {
    assert.deepEqual(installScriptFaults({ allowScripts: { a: false } }, scripted, npmrc), []);
    assert.match(installScriptFaults({}, scripted, npmrc).join('\n'), /^a has an install script: read it/);
    assert.match(installScriptFaults({ allowScripts: { a: false } }, lockfile(), npmrc).join('\n'), /no package "a"/);
  });

  test('are not known by a version, which npm could not tell', () => {
    assert.equal(installScriptFaults({ allowScripts: { 'a@1.0.0': false } }, scripted, npmrc).length, 2);
  });

  for (const loose of ['', '# ignore-scripts=true\n', 'ignore-scripts=false\n'])
    test(`are not run for want of a setting: ${JSON.stringify(loose)}`, () => {
      assert.match(installScriptFaults({}, lockfile(), loose).join('\n'), /^\.npmrc: ignore-scripts=true is missing/);
    });
});

suite('Go modules', () => {
  const goMod = 'module x\n\ntool example.com/a/cmd\n\nrequire (\n\texample.com/a v1.0.0 // indirect\n)\n';
  const sum = 'example.com/a v1.0.0/go.mod h1:AAAA=\n';

  test('have a checksum for their version', () => {
    assert.deepEqual(goPinFaults('go.mod', goMod, sum), []);
    assert.match(goPinFaults('go.mod', goMod, '').join('\n'), /^go\.mod: example\.com\/a v1\.0\.0 has no checksum/);
    assert.equal(goPinFaults('go.mod', goMod, sum.replace('1.0.0', '1.0.1')).length, 1);
  });

  test('that replace others have it too, and are not a folder', () => {
    const replaced = (by: string) => goPinFaults('go.mod', `${goMod}\nreplace example.com/a => ${by}\n`, sum);

    assert.deepEqual(replaced('example.com/a v1.0.0'), []);
    assert.match(replaced('example.com/b v1.0.0').join('\n'), /^go\.mod: example\.com\/b v1\.0\.0 has no checksum/);
    assert.match(replaced('../a').join('\n'), /^go\.mod: example\.com\/a is replaced by a folder/);
  });
});

suite('images', () => {
  const pipeline = (image: string) =>
    `spec:\n  inputs:\n    some_image:\n      default: ${image}\n---\nlint:\n  script: x\n`;
  const forms: Array<[form: string, faults: (image: string) => string[]]> = [
    ['in a Dockerfile', (image) => dockerfileImageFaults('x', `FROM --platform=linux ${image} AS build\n`)],
    ['as the base of a Dockerfile', (image) => dockerfileImageFaults('x', `ARG BASE=${image}\nFROM \${BASE}\n`)],
    ['copied from', (image) => dockerfileImageFaults('x', `FROM scratch\nCOPY --from=${image} /a /\n`)],
    ['of a job', (image) => pipelineImageFaults('x', `lint:\n  image: ${image}\n`)],
    ['of a job with an entrypoint', (image) => pipelineImageFaults('x', `lint:\n  image: {name: ${image}}\n`)],
    ['of an input', (image) => pipelineImageFaults('x', pipeline(image))],
  ];
  for (const [form, faults] of forms)
    test(`${form} are a whole version or a digest`, () => {
      for (const image of ['a/node:26.10.0', 'a/node:26.10.0-slim', 'a/helmfile:v1.8.0', `a/node@${digest}`])
        assert.deepEqual(faults(image), []);
      for (const image of ['node', 'a/node:latest', 'a/node:26', 'a/node:26.10', 'a:5000/node', 'a/node:slim'])
        assert.deepEqual(faults(image), [`x: the image ${image} may change: name a whole version or a digest`]);
    });
});
