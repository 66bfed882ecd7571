import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..', '..');
/** What starts clusters, and who may: they search all that was stored before they stop one. */
const starters = { startControlPlane: 'test/support/control-plane.ts', startCluster: 'test/e2e/support.ts' };

for (const [starter, only] of Object.entries(starters)) {
  test(`no test starts a cluster by ${starter} without a search of what it stored`, () => {
    const imported = new RegExp(`^import {[^}]*\\b${starter}\\b[^}]*} from '[./]*/scripts/`, 'm');
    // A bench has no passwords but of registries that are nowhere, and its clusters are too large.
    const files = globSync('test/**/*.ts', { cwd: root, exclude: ['test/bench/**'] });

    const importing = files.filter((file) => imported.test(readFileSync(join(root, file), 'utf8')));

    assert.deepEqual(importing, [only]);
  });
}

test('no test starts programs in a way of which the search hears nothing', () => {
  const silent = [
    // These are programs that others start, and all that they print is searched.
    'test/e2e/docker-stand-in.ts',
    'test/support/helm-plugins/helm-diff/diff.ts',
    // It makes a pipe, and says nothing.
    'test/unit/read-source-file.test.ts',
  ];
  const files = globSync('test/**/*.ts', { cwd: root, exclude: ['test/bench/**'] });

  const using = files.filter((file) =>
    /^import {[^}]*Sync\b[^}]*} from 'node:child_process'|stdio: (\[.*)?'inherit'/m.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  );

  assert.deepEqual(using.toSorted(), silent);
});
