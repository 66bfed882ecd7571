import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { exitCode } from '../../job/src/exit-code.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { describeWithheld } from '../../job/src/report/describe.ts';
import { decideExitCode } from '../../job/src/report/report.ts';
import { statusName } from '../../job/src/report/status.ts';
import { parseStatus } from '../../job/src/report/status-text.ts';
import { release } from '../simulation/names.ts';
import { contentOfSource, type EngineTest, engineTest, targetOf } from './engine-support.ts';

const onlyTeamA = { namespaces: { include: ['team-a'] } };
const onlyTeamB = { namespaces: { include: ['team-b'] } };

/** Runs `act` right before the first request of that method. */
function once(world: EngineTest, method: string, act: () => void): void {
  let done = false;
  world.before = (now) => {
    if (now !== method || done) return;
    done = true;
    act();
  };
}

function recordedNames({ model }: EngineTest) {
  const place = { resource: 'configmaps', namespace: release.namespace, name: statusName(release) } as const;
  return parseStatus(model.get(place)?.fields.get('data/status.yaml')).namesInUse;
}

describe('a source that is late', () => {
  test('delays its own target alone', async () => {
    const world = await engineTest({ targets: [targetOf('late', 'late', onlyTeamA), targetOf('ready', 'ready')] });
    world.putSource('ready');
    let whileWaiting: string | undefined;
    world.whileAsleep = () => {
      whileWaiting = world.contentOf('team-b', 'pull');
    };

    const result = await world.run();

    assert.equal(whileWaiting, contentOfSource('ready'));
    assert.equal(world.contentOf('team-a', 'pull'), undefined);
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.incomplete);
  });

  test('is waited for once, and not again at the end', async () => {
    const world = await engineTest({ targets: [targetOf('late', 'late', onlyTeamA), targetOf('ready', 'ready')] });
    world.putSource('ready');

    await world.run();

    assert.equal(world.waited(), 60_000);
  });

  test('is used when it arrives, and the run tells what all its passes did', async () => {
    const world = await engineTest({ targets: [targetOf('late', 'late', onlyTeamA), targetOf('ready', 'ready')] });
    world.putSource('ready');
    world.whileAsleep = () => world.putSource('late');

    const result = await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('late'));
    assert.equal(world.waited(), 2000);
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.ok);
    assert.equal(result.placements.flatMap(({ done }) => done.filter(({ kind }) => kind === 'createCopy')).length, 3);
  });

  test('of the only target is waited for', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'late')] });
    world.whileAsleep = () => world.putSource('late');

    await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('late'));
  });
});

describe('a change during the run', () => {
  test('is followed although the source of a target that is new with it does not come', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source')] });
    world.putSource('source');
    world.putSource('other');
    once(world, 'createSecret', () =>
      world.configure({ targets: [targetOf('new', 'never', onlyTeamB), targetOf('default', 'other')] }),
    );

    const result = await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('other'));
    assert.equal(world.contentOf('team-b', 'pull'), contentOfSource('source'));
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.incomplete);
    assert.deepEqual(
      result.targets.map(({ target, problems }) => [target.name, problems.length]),
      [
        ['new', 1],
        ['default', 0],
      ],
    );
  });

  test('is followed by the other targets when one can no longer be read', async () => {
    const targets = [targetOf('team-a', 'a', onlyTeamA), targetOf('default', 'source')];
    const world = await engineTest({ targets });
    world.putSource('a');
    world.putSource('source');
    once(world, 'createSecret', () => {
      world.people.deleteSecret(release.namespace, 'a');
      world.putSource('source', 2);
    });

    const result = await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('a'));
    assert.equal(world.contentOf('team-b', 'pull'), contentOfSource('source', 2));
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.incomplete);
  });

  test('is said when it comes in every round, and counts as not done', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source')] });
    world.putSource('source');
    let version = 0;
    world.before = (method) => {
      if (method === 'listNamespaces') world.putSource('source', ++version);
    };

    const result = await world.run();

    assert.match(result.problems[0]?.message ?? '', /changed during the run, 5 times in a row/);
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.incomplete);
  });

  test('keeps the names of every round', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source', { secretName: 'first' })] });
    world.putSource('source');
    once(world, 'createSecret', () =>
      world.configure({ targets: [targetOf('default', 'source', { secretName: 'second' })] }),
    );

    const result = await world.run();

    assert.deepEqual(result.names, { secrets: ['first', 'second'], serviceAccounts: ['default'] });
    assert.deepEqual(recordedNames(world), result.names);
  });
});

describe('requests', () => {
  test('a run with nothing to do reads configuration and sources twice, lists, and asks nothing else', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source')] });
    world.putSource('source');
    await world.run();
    world.requests.length = 0;

    await world.run();

    assert.deepEqual(world.requests, [
      `readConfigMap ${release.name}`,
      'readSecret source',
      'listNamespaces',
      'listSecrets pull',
      'listServiceAccounts default',
      `readConfigMap ${release.name}`,
      'readSecret source',
    ]);
  });

  test('names that are new are on record before the first write that uses them', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source')] });
    world.putSource('source');
    let recorded: unknown;
    once(world, 'createSecret', () => {
      recorded = recordedNames(world);
    });

    await world.run();

    assert.deepEqual(recorded, { secrets: ['pull'], serviceAccounts: ['default'] });
  });

  test('names that are on record already are not written again', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source')] });
    world.putSource('source');
    await world.run();
    world.putSource('source', 1);
    world.requests.length = 0;

    await world.run();

    const ofStatus = world.requests.filter((request) => request.includes(statusName(release)));
    assert.deepEqual([...new Set(ofStatus)], [`readConfigMap ${statusName(release)}`]);
  });

  test('a status that cannot be written keeps no copy back', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source')] });
    world.putSource('source');
    world.before = (method) => {
      if (method !== 'applyConfigMap') return;
      throw new ClusterError('forbidden', { verb: 'patch', resource: 'configmaps' }, 'says the test');
    };

    const result = await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source'));
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.ok);
  });
});

describe('namespaces that lose their label while their copies are written', () => {
  const gold = { labels: { tier: 'gold' } };
  const names = Array.from({ length: 12 }, (_, index) => `gold-${index}`);

  /** A rotation, during which these namespaces lose it, and somebody writes into their copies, so that each is looked at again. */
  async function rotatedWhile(leaving: readonly string[]) {
    const namespaces = { selector: { matchLabels: gold.labels } };
    const world = await engineTest({ targets: [targetOf('default', 'source', { namespaces })] });
    for (const name of names) {
      await world.people.createNamespace(name);
      await world.people.patchNamespace(name, gold);
    }
    world.putSource('source');
    await world.run();
    world.putSource('source', 2);
    once(world, 'updateSecret', () => {
      for (const name of leaving) {
        world.people.patchNamespace(name, { labels: { tier: null } });
        world.people.patchSecret('kubectl', name, 'pull', { labels: { touched: 'yes' } });
      }
    });
    const result = await world.run();
    return { result, left: names.filter((name) => world.contentOf(name, 'pull') !== undefined) };
  }

  test('keep their copies where too many would go, although each was looked at by itself', async () => {
    const { result, left } = await rotatedWhile(names);

    assert.deepEqual(left, names);
    assert.equal(result.withheldCopies?.removals, names.length);
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.incomplete);
  });

  test('lose them in the same run where they are few, once a look at everything has counted them', async () => {
    const { result, left } = await rotatedWhile(names.slice(0, 2));

    assert.deepEqual(left, names.slice(2));
    assert.equal(result.withheldCopies, undefined);
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.ok);
  });
});

describe('a typo in a glob of ServiceAccounts', () => {
  const names = Array.from({ length: 12 }, (_, index) => `many-${index}`);
  const include = { namespaces: { include: ['many-*'] } };
  const typo = { targets: [targetOf('default', 'source', { ...include, serviceAccounts: { exclude: ['de*'] } })] };

  async function manyReferences() {
    const world = await engineTest({ targets: [targetOf('default', 'source', include)] });
    for (const name of names) {
      await world.people.createNamespace(name);
      await world.people.createServiceAccount('kube-controller-manager', name, 'default');
    }
    world.putSource('source');
    await world.run();
    const referenced = () =>
      names.filter((namespace) => {
        const account = world.model.get({ resource: 'serviceaccounts', namespace, name: 'default' });
        return account?.fields.get('imagePullSecrets') === '["pull"]';
      });
    return { world, referenced };
  }

  test('takes no reference out, and the run says so and does everything else', async () => {
    const { world, referenced } = await manyReferences();
    world.configure(typo);
    world.putSource('source', 2);

    const result = await world.run();

    assert.deepEqual(referenced(), names);
    assert.equal(world.contentOf('many-0', 'pull'), contentOfSource('source', 2));
    assert.deepEqual(result.withheldReferences, { removals: 12, gone: 0 });
    const [[message] = []] = describeWithheld(result);
    assert.equal(message, 'the run would take too many references out of ServiceAccounts and took none out');
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.incomplete);
  });

  test('is allowed where the limit is raised', async () => {
    const { world, referenced } = await manyReferences();
    world.configure({ ...typo, maxRemovePercent: 100 });

    const result = await world.run();

    assert.deepEqual(referenced(), []);
    assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.ok);
  });

  test('that comes while namespaces are looked at again one by one takes none out either', async () => {
    const { world, referenced } = await manyReferences();
    world.putSource('source', 2);
    once(world, 'updateSecret', () => {
      for (const name of names) {
        const annotations = { [marks.exclude]: 'true' };
        world.people.patchServiceAccount('kubectl', name, 'default', { annotations });
        world.people.patchSecret('kubectl', name, 'pull', { labels: { touched: 'yes' } });
      }
    });

    const result = await world.run();

    assert.deepEqual(referenced(), names);
    assert.deepEqual(result.withheldReferences, { removals: 12, gone: 0 });
  });
});

test('a run that starts over counts what it removed before', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `team-${index}`);
  const world = await engineTest({ targets: [targetOf('default', 'source', { namespaces: { include: ['team-?'] } })] });
  for (const name of names) await world.people.createNamespace(name);
  world.putSource('source');
  await world.run();
  const exclude = (leaving: readonly string[]) => {
    const namespaces = { include: ['team-?'], exclude: leaving };
    world.configure({ targets: [targetOf('default', 'source', { namespaces })] });
  };
  exclude(names.slice(0, 5));
  once(world, 'deleteSecret', () => exclude(names));

  const result = await world.run();

  const left = names.filter((name) => world.contentOf(name, 'pull') !== undefined);
  assert.deepEqual(left, names.slice(5));
  assert.deepEqual(result.withheldCopies, { removals: 5, gone: 5 });
  assert.equal(decideExitCode(result, { toleratePartial: false }), exitCode.incomplete);
});

test('a run that is told to stop while it waits says what it did until then', async () => {
  const world = await engineTest({ targets: [targetOf('late', 'late', onlyTeamA), targetOf('ready', 'ready')] });
  world.putSource('ready');
  world.whileAsleep = () => world.stop.abort();

  const result = await world.run();

  assert.equal(result.interrupted, true);
  assert.equal(decideExitCode(result, { toleratePartial: true }), exitCode.incomplete);
  assert.deepEqual(
    result.placements.filter(({ done }) => done.length > 0).map(({ namespace }) => namespace),
    [release.namespace, 'team-b'],
  );
});
