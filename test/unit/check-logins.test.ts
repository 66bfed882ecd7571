import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { exitCode } from '../../job/src/exit-code.ts';
import { decideExitCode } from '../../job/src/report/report.ts';
import { writeStatus } from '../../job/src/report/status.ts';
import type { RunResult } from '../../job/src/run/run-result.ts';
import { engineView } from '../simulation/cluster-model.ts';
import { passwordOf } from '../simulation/sources.ts';
import { contentOfSource, type EngineTest, engineTest, targetOf } from './engine-support.ts';

const minute = 60_000;
const onlyTeamA = { namespaces: { include: ['team-a'] } };
const refused = { kind: 'refused', answer: '401 locked' } as const;
const unreachable = { kind: 'unreachable', reason: 'it is down', fix: 'mend it' } as const;

function codeOf(result: RunResult): number {
  return decideExitCode(result, { toleratePartial: false });
}

function problemsOf({ targets }: RunResult): string[] {
  return targets.flatMap(({ problems }) => problems.map(({ message }) => message));
}

/** A cluster where the first login is in use and the source holds a second one. */
async function rotated(rest: object = {}): Promise<EngineTest> {
  const world = await engineTest({ targets: [targetOf('default', 'source')], ...rest });
  world.putSource('source');
  await world.run();
  world.putSource('source', 1);
  world.asked.length = 0;
  return world;
}

/** A run with its status, as the program does it. */
async function runAndRemember(world: EngineTest): Promise<RunResult> {
  const result = await world.run();
  const now = new Date(Date.parse('2026-01-01T00:00:00Z') + world.waited());
  const ending = { started: now, finished: now, exitCode: codeOf(result), outcome: result };
  const mask = { add: () => {}, apply: (text: string) => text };
  await writeStatus(engineView(world.model, 'run'), result.config.release, { ending, mask });
  return result;
}

/** Somebody writes a third login into a copy. */
function byHand({ people }: EngineTest): Promise<unknown> {
  return people.patchSecret('kubectl-edit', 'team-a', 'pull', {
    data: { '.dockerconfigjson': contentOfSource('source', 2) },
  });
}

/** A policy lets nobody write the copy of a namespace. */
function refuseWrites(world: EngineTest, namespace: string): void {
  world.before = (method, [secret]) => {
    const request = { verb: 'patch', resource: 'secrets', namespace } as const;
    if (method === 'updateSecret' && (secret as { namespace: string }).namespace === namespace)
      throw new ClusterError('denied', request, 'a policy says no');
  };
}

describe('a login is tried', () => {
  test('before the first copies, once for all targets that have it', async () => {
    const targets = [targetOf('a', 'source', onlyTeamA), targetOf('default', 'source')];
    const world = await engineTest({ targets });
    world.putSource('source');

    await world.run();

    assert.deepEqual(world.asked, ['source.example.com']);
  });

  test('when it is rotated', async () => {
    const world = await rotated();

    await world.run();

    assert.deepEqual(world.asked, ['source.example.com']);
    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 1));
  });

  test('and nobody else, where another login of the target is rotated', async () => {
    const sources = [{ secret: 'source' }, { secret: 'other' }];
    const world = await engineTest({ targets: [targetOf('default', 'source', { sources })] });
    world.putSource('source');
    world.putSource('other');
    await world.run();
    world.asked.length = 0;
    world.putSource('other', 1);

    await world.run();

    assert.deepEqual(world.asked, ['other.example.com']);
  });

  test('when it takes the place of another one, though some copy holds it still', async () => {
    const world = await rotated();
    refuseWrites(world, 'team-b');
    await world.run();
    world.asked.length = 0;
    world.putSource('source');
    world.registry = (_host, password) => (password === 'password-1' ? { kind: 'accepted' } : refused);

    const result = await world.run();

    assert.deepEqual(world.asked, ['source.example.com']);
    assert.equal(codeOf(result), exitCode.config);
    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 1));
  });

  test('when somebody wrote another one into a copy', async () => {
    const world = await rotated();
    await world.run();
    world.asked.length = 0;
    world.registry = () => refused;
    await byHand(world);

    const result = await world.run();

    assert.deepEqual(world.asked, ['source.example.com']);
    assert.equal(codeOf(result), exitCode.config);
    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 2));
  });

  test('when somebody wrote another one into a copy while the run was about to write it', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source')] });
    world.putSource('source');
    await world.run();
    await world.people.patchSecret('kubectl-edit', 'team-a', 'pull', {
      annotations: { 'pullsecret-sync.io/retired-at': 'x' },
    });
    world.asked.length = 0;
    let isWritten = false;
    world.before = async (method) => {
      if (method !== 'updateSecret' || isWritten) return;
      isWritten = true;
      await byHand(world);
    };

    await world.run();

    assert.ok(isWritten);
    assert.deepEqual(world.asked, ['source.example.com']);
    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source'));
  });

  test('before the copy goes whose place it takes, where somebody else is there first', async () => {
    const taking = (include: string[]) =>
      targetOf('new', 'source', { secretName: 'new', onConflict: 'adopt', namespaces: { include } });
    const world = await engineTest({ targets: [taking(['team-b']), targetOf('default', 'source')] });
    world.putSource('source');
    await world.run();
    world.configure({ targets: [taking(['*']), targetOf('default', 'source', { namespaces: { include: ['none'] } })] });
    world.registry = () => refused;
    let isThere = false;
    world.before = async (method, [secret]) => {
      if (method !== 'createSecret' || isThere) return;
      isThere = true;
      assert.equal((secret as { name: string }).name, 'new');
      const data = { '.dockerconfigjson': contentOfSource('source', 2) };
      const type = 'kubernetes.io/dockerconfigjson';
      await world.people.createSecret('kubectl-create', { namespace: 'team-a', name: 'new', type, data });
    };

    const result = await world.run();

    assert.ok(isThere);
    assert.equal(codeOf(result), exitCode.incomplete);
    assert.equal(world.contentOf('team-a', 'new'), contentOfSource('source', 2));
    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source'));
  });

  test('once only with verifyCredentials: warn, though a copy cannot be brought in line', async () => {
    const world = await rotated({ verifyCredentials: 'warn' });
    world.registry = () => refused;
    refuseWrites(world, 'team-b');

    await world.run();
    await world.run();

    assert.deepEqual(world.asked, ['source.example.com']);
  });

  const calm: Array<[what: string, act: (world: EngineTest) => unknown]> = [
    ['nothing changed', () => {}],
    ['a namespace is new', ({ people }) => people.createNamespace('team-c')],
    ['somebody deleted a copy', ({ people }) => people.deleteSecret('team-a', 'pull')],
    [
      'the secret has another name',
      (world) =>
        world.configure({
          targets: [targetOf('default', 'source', { secretName: 'new' })],
          previousSecretNames: ['pull'],
        }),
    ],
    ['another target has it now', (world) => world.configure({ targets: [targetOf('new', 'source')] })],
  ];
  for (const [what, act] of calm) {
    test(`never where ${what}`, async () => {
      const world = await engineTest({ targets: [targetOf('default', 'source')] });
      world.putSource('source');
      await world.run();
      world.asked.length = 0;
      await act(world);

      await world.run();

      assert.deepEqual(world.asked, []);
    });
  }

  test('never with verifyCredentials: off', async () => {
    const world = await rotated({ verifyCredentials: 'off' });

    await world.run();

    assert.deepEqual(world.asked, []);
  });
});

describe('a refused login', () => {
  test('replaces nothing, and says what the registry answered', async () => {
    const world = await rotated();
    world.registry = () => refused;

    const result = await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source'));
    assert.equal(codeOf(result), exitCode.config);
    assert.deepEqual(problemsOf(result), [
      'the registry source.example.com refuses the login in Secret registry-access/source: 401 locked',
    ]);
  });

  test('ends a first install with nothing written', async () => {
    const world = await engineTest({ targets: [targetOf('default', 'source')] });
    world.putSource('source');
    world.registry = () => refused;

    const result = await world.run();

    assert.equal(codeOf(result), exitCode.config);
    assert.equal(world.contentOf('team-a', 'pull'), undefined);
    assert.deepEqual(
      world.requests.filter((request) => /^(create|update|patch|apply)/.test(request)),
      [],
    );
  });

  test('stops its own target alone, whose namespaces do not fall through to another', async () => {
    const world = await engineTest({ targets: [targetOf('a', 'wrong', onlyTeamA), targetOf('default', 'right')] });
    world.putSource('wrong');
    world.putSource('right');
    world.registry = (host) => (host === 'wrong.example.com' ? refused : { kind: 'accepted' });

    const result = await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), undefined);
    assert.equal(world.contentOf('team-b', 'pull'), contentOfSource('right'));
    assert.equal(codeOf(result), exitCode.incomplete);
  });

  test('is a warning with verifyCredentials: warn', async () => {
    const world = await rotated({ verifyCredentials: 'warn' });
    world.registry = () => refused;

    const result = await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 1));
    assert.equal(codeOf(result), exitCode.ok);
    assert.match(world.complaints.join(), /refuses the login in Secret registry-access\/source: 401 locked/);
  });

  test('that changes while the run goes on is tried in its new form', async () => {
    const world = await rotated();
    world.registry = (_host, password) => {
      if (password !== passwordOf(1)) return { kind: 'accepted' };
      world.putSource('source', 2);
      return refused;
    };

    const result = await world.run();

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 2));
    assert.equal(codeOf(result), exitCode.ok);
  });
});

test('a registry that cannot be reached is a warning and stops nothing', async () => {
  const world = await rotated();
  world.registry = () => unreachable;

  const result = await world.run();

  assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 1));
  assert.equal(codeOf(result), exitCode.ok);
  assert.match(world.complaints.join(), /could not be tried at the registry source.example.com: it is down/);
});

describe('the schedule does not lock an account', () => {
  test('since it asks ever less often about a login that was refused', async () => {
    const world = await rotated();
    world.registry = () => refused;
    const asked: number[] = [];

    for (let minutes = 0; minutes < 180; minutes++) {
      const result = await runAndRemember(world);
      if (world.asked.length > asked.length) asked.push(minutes);
      assert.equal(codeOf(result), exitCode.config);
      world.wait(minute);
    }

    assert.deepEqual(asked, [0, 5, 15, 35, 75, 135]);
    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source'));
  });

  test('and says when it asks again', async () => {
    const world = await rotated();
    world.registry = () => refused;
    await runAndRemember(world);
    world.wait(minute);

    const result = await runAndRemember(world);

    assert.match(
      problemsOf(result).join(),
      /refused the login in Secret source at 2026-01-01T00:00:00.000Z: 401 locked/,
    );
    assert.match(result.targets[0]?.problems[0]?.fix ?? '', /from 2026-01-01T00:05:00.000Z on/);
  });

  test('and a source that changed is tried at once', async () => {
    const world = await rotated();
    world.registry = (_host, password) => (password === passwordOf(1) ? refused : { kind: 'accepted' });
    await runAndRemember(world);
    world.putSource('source', 2);

    const result = await runAndRemember(world);

    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 2));
    assert.equal(codeOf(result), exitCode.ok);
  });

  test('and asks at once where the clock that told of the refusal was days ahead', async () => {
    const world = await rotated();
    world.registry = () => refused;
    world.wait(3 * 24 * 60 * minute);
    await runAndRemember(world);
    world.wait(-3 * 24 * 60 * minute);
    world.registry = () => ({ kind: 'accepted' });

    const result = await world.run();

    assert.equal(codeOf(result), exitCode.ok);
    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 1));
  });

  test('and keeps a pause where the clock that told of the refusal was a minute ahead', async () => {
    const world = await rotated();
    world.registry = () => refused;
    world.wait(minute);
    await runAndRemember(world);
    world.wait(-minute);

    await world.run();

    assert.deepEqual(world.asked, ['source.example.com']);
  });

  test('and it forgets a refusal that is over', async () => {
    const world = await rotated();
    world.registry = () => refused;
    const result = await runAndRemember(world);
    assert.equal(result.refusedLogins?.length, 1);
    world.registry = () => ({ kind: 'accepted' });
    world.wait(5 * minute);

    const later = await runAndRemember(world);

    assert.deepEqual(later.refusedLogins, []);
    assert.equal(world.contentOf('team-a', 'pull'), contentOfSource('source', 1));
  });
});
