import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Kubectl } from '../../scripts/cluster/workloads.ts';
import { ownAccess } from '../../scripts/demo/programs.ts';
import { foreignStage } from '../../scripts/demo/stages.ts';
import { playStory, type Stage } from '../../scripts/demo/story.ts';
import { takeDown } from '../../scripts/demo/take-down.ts';

/** What kubectl prints on a cluster in which everything happens as told: no pod ever pulls, all else succeeds. */
const kubectl: Kubectl = async (...args) => {
  if (args[1] === 'pods') {
    const status = { containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] };
    return JSON.stringify({ items: [{ metadata: { name: 'pod' }, status }] });
  }
  return args[1] === 'serviceaccount' ? '[{"name":"image-pull-secret"}]' : '';
};
const stage: Stage = { kubectl, images: { app: 'example.com/app' }, install: async () => {} };

describe('the story of the demo', () => {
  test('is told chapter by chapter', async () => {
    const told: string[] = [];

    const { chapters, failure } = await playStory({ ...stage, rotate: async () => 'x' }, (line) => told.push(line));

    assert.equal(failure, undefined);
    assert.equal(chapters.length, 5);
    for (const { step, result } of chapters) assert.ok(told.includes(`\n${step}`) && told.includes(`  ${result}`));
  });

  test('says that the rotation is left out where the registry is not ours', async () => {
    const { chapters } = await playStory(stage, () => {});

    assert.deepEqual(
      chapters.map(({ result }) => result).filter((result) => result.startsWith('left out')),
      ['left out: the registry is not ours to change'],
    );
  });

  test('ends with the first chapter that fails, in one sentence, and keeps what worked', async () => {
    const install = () => Promise.reject(new Error('"helmfile sync" failed: Error: no'));

    const { chapters, failure } = await playStory({ ...stage, install }, () => {});

    assert.deepEqual(
      chapters.map(({ step }) => step),
      ['Three teams deploy private images'],
    );
    assert.equal(
      failure,
      'helmfile installs the chart, credentials from the environment: "helmfile sync" failed: Error: no',
    );
  });
});

describe('a cluster that the person has', () => {
  const helmfile = async () => {};
  const answering = (answers: Record<string, string>): Kubectl => {
    return async (...args) => answers[args[1] ?? ''] ?? '';
  };

  test('is played on where it has none of the namespaces and no release', async () => {
    const empty = answering({ namespaces: 'namespace/default\nnamespace/demo-shop-2\n' });

    assert.equal((await foreignStage({ kubectl: empty, helmfile }, {})).rotate, undefined);
  });

  test('is not touched where it has one of the namespaces', async () => {
    const taken = answering({ namespaces: 'namespace/default\nnamespace/demo-shop\n' });

    await assert.rejects(foreignStage({ kubectl: taken, helmfile }, {}), /has the namespaces demo-shop already/);
  });

  test('is not touched where it has a release, whatever that is called', async () => {
    const released = answering({ cronjobs: 'platform/pull-secrets ' });

    await assert.rejects(
      foreignStage({ kubectl: released, helmfile }, {}),
      /has pullsecret-sync already \(platform\/pull-secrets\)/,
    );
  });

  test('loses the release first, then the namespaces', async () => {
    const calls: string[] = [];
    const note = async (...args: string[]) => {
      calls.push(args.slice(0, 2).join(' '));
      return '';
    };

    const failures = await takeDown({ helmfile: async (args) => void (await note(...args)), kubectl: note });

    assert.deepEqual(failures, []);
    assert.deepEqual(calls, ['destroy', 'delete namespace']);
  });

  test('keeps the namespace of a release that does not go, and says so', async () => {
    let deleted: string[] = [];
    const note: Kubectl = async (...args) => {
      deleted = args;
      return '';
    };

    const failures = await takeDown({ helmfile: () => Promise.reject(new Error('helm says no')), kubectl: note });

    assert.deepEqual(failures, ['helm says no']);
    assert.ok(deleted.includes('demo-shop'));
    assert.ok(!deleted.includes('registry-access'));
  });
});

test("the demo's own cluster sees nothing of the person's environment but the PATH", () => {
  const { env } = ownAccess('/cluster/kubeconfig', '/cluster');

  assert.deepEqual(Object.keys(env).toSorted(), ['HOME', 'KUBECONFIG', 'PATH', 'TMPDIR']);
  assert.deepEqual([env.KUBECONFIG, env.HOME], ['/cluster/kubeconfig', '/cluster']);
});
