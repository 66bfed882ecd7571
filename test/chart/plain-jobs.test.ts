import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1Job } from '@kubernetes/client-node';
import { cleanup, componentOf, credentials, has, type Manifest, one, withEachHelm } from './support.ts';

const plain = { ...credentials, helmHooks: false };

withEachHelm('without hooks', (helm) => {
  const first = async (values: object = {}, release = 'pullsecret-sync') =>
    one(await helm.template({ values: { ...plain, ...values }, release }), 'Job');

  test('no object has an annotation of a hook', async () => {
    for (const { kind, metadata } of await helm.template({ values: plain }))
      assert.deepEqual(Object.keys(metadata?.annotations ?? {}), [], kind);
  });

  test('the first run and the cleanup are the same Jobs, but that the cleanup waits for somebody', async () => {
    const manifests = await helm.template({ values: plain });
    const hooked = await helm.template();

    // A hook that failed goes after a day; a plain Job stays, or its tool would make it anew.
    const { ttlSecondsAfterFinished: _, ...first } = one(hooked, 'Job').spec ?? {};
    const { ttlSecondsAfterFinished: __, ...last } = one(hooked, 'Job', cleanup).spec ?? {};
    assert.deepEqual(one(manifests, 'Job').spec, first);
    assert.deepEqual(one(manifests, 'Job', cleanup).spec, { suspend: true, ...last });
  });

  test('all else is as with hooks, but that there is no test', async () => {
    const others = (manifests: Manifest[]) =>
      manifests.filter((each) => each.kind !== 'Job' && each.kind !== 'Pod' && componentOf(each) !== 'verify');

    assert.deepEqual(others(await helm.template({ values: plain })), others(await helm.template()));
    assert.equal(has(await helm.template({ values: plain }), 'Pod'), false);
  });

  test('Jobs are named by the revision and by what they do, since a Job cannot be changed', async () => {
    assert.match(nameOf(await first()), /^pullsecret-sync-now-1-[0-9a-f]{8}$/);
    assert.match(
      nameOf(one(await helm.template({ values: plain }), 'Job', cleanup)),
      /^pullsecret-sync-cleanup-1-[0-9a-f]{8}$/,
    );
  });

  for (const [what, values] of [
    ['the image', { image: { tag: 'next' } }],
    ['the deadline', { activeDeadlineSeconds: 99 }],
    ["the pod's labels", { podLabels: { a: 'b' } }],
    ['the arguments', { runOnInstall: { failOn: 'any' } }],
  ] as const) {
    test(`the first run is another Job where ${what} changed, and the same where nothing did`, async () => {
      const before = nameOf(await first());

      assert.notEqual(nameOf(await first(values)), before);
      assert.equal(nameOf(await first({ jobAnnotations: { a: 'b' } })), before);
    });
  }

  test('names fit, however long the release', async () => {
    const release = `release-${'x'.repeat(45)}`;
    const manifests = await helm.template({ values: plain, release });

    for (const job of [one(manifests, 'Job'), one(manifests, 'Job', cleanup)]) {
      assert.ok(nameOf(job).length <= 63, nameOf(job));
      assert.match(nameOf(job), /-(now|cleanup)-1-[0-9a-f]{8}$/);
    }
  });

  test('each of the two can be off', async () => {
    const manifests = await helm.template({
      values: { ...plain, cleanupOnUninstall: false, runOnInstall: { enabled: false } },
    });

    assert.deepEqual([has(manifests, 'Job'), has(manifests, 'Job', cleanup)], [false, false]);
  });
});

function nameOf({ metadata }: V1Job): string {
  return metadata?.name ?? '';
}
