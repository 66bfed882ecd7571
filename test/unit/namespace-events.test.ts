import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterError, type ClusterErrorKind } from '../../job/src/cluster/cluster-error.ts';
import { parseConfig } from '../../job/src/config/config.ts';
import { createMask } from '../../job/src/credentials/masking.ts';
import type { Conflict } from '../../job/src/plan/placement.ts';
import { eventName, namespaceEvents } from '../../job/src/report/namespace-events.ts';
import type { PlacementOutcome } from '../../job/src/run/carry-out.ts';
import { emptyResult, type RunResult } from '../../job/src/run/run-result.ts';

const config = parseConfig(
  'release: infra/creds\ntargets: [{name: default, secretName: pull, sources: [{secret: y}]}]\n',
  'test',
);
const kept: Conflict = { kind: 'keptSecret', owner: 'kubectl', adoptable: true };

function outcome(rest: Partial<PlacementOutcome>): PlacementOutcome {
  const place = { namespace: 'team-a', secretName: 'pull', desired: undefined };
  return { ...place, actions: [], conflicts: [], done: [], failure: undefined, ...rest };
}

function failed(kind: ClusterErrorKind, reason = 'it says no'): PlacementOutcome {
  const request = { verb: 'create', resource: 'secrets', name: 'pull', namespace: 'team-a' } as const;
  return outcome({ failure: new ClusterError(kind, request, reason) });
}

function eventsOf(
  placements: PlacementOutcome[],
  { mask = createMask(), ...rest }: Partial<RunResult> & { mask?: ReturnType<typeof createMask> } = {},
) {
  return namespaceEvents({ ...emptyResult(config), placements, ...rest }, mask);
}

test('a kept Secret is an Event with the sentence and the fix of the report', () => {
  assert.deepEqual(eventsOf([outcome({ conflicts: [kept] })]), [
    {
      namespace: 'team-a',
      name: 'secretkept.infra.creds.pull',
      reason: 'SecretKept',
      action: 'WriteCopy',
      note: 'the Secret belongs to someone else and is kept: secret=pull, owner=kubectl. Fix: set onConflict: adopt to take it over, delete it, exclude the namespace, or choose another secretName',
    },
  ]);
});

test('a kept Secret that a tool made says what of that tool to stop before it is adopted', () => {
  const tool = { name: 'reflector', stop: 'scale the Deployment reflector to 0' };

  const [event] = eventsOf([outcome({ conflicts: [{ ...kept, owner: tool.name, tool }] })]);

  assert.match(
    event?.note ?? '',
    /owner=reflector\. Fix: to take it over scale the Deployment reflector to 0, and set onConflict: adopt; else /,
  );
});

test('what is in line is no Event', () => {
  assert.deepEqual(eventsOf([outcome({})]), []);
});

test('several conflicts of one kind in a namespace are one Event, which says so', () => {
  const conflicts: Conflict[] = ['a', 'b', 'c'].map((serviceAccount) => {
    return { kind: 'appliedList', serviceAccount, manager: 'argocd' };
  });

  const events = eventsOf([outcome({ conflicts })]);

  assert.equal(events.length, 1);
  assert.match(events[0]?.note ?? '', /serviceAccount=a, .* \(and 2 more of this kind: see the status ConfigMap\)$/);
});

test('each namespace, secret name and reason has an Event of its own', () => {
  const conflicts: Conflict[] = [kept, { kind: 'appliedReference', serviceAccount: 'default', manager: 'argocd' }];
  const editedCopies = [{ namespace: 'team-c', secretName: 'pull', writers: ['patcher'] }];

  const events = eventsOf([outcome({ conflicts }), outcome({ namespace: 'team-b', conflicts: [kept] })], {
    editedCopies,
  });

  assert.deepEqual(
    events.map(({ namespace, reason }) => `${namespace} ${reason}`),
    ['team-a SecretKept', 'team-a ReferenceDeclaredElsewhere', 'team-b SecretKept', 'team-c CopyChanged'],
  );
});

for (const kind of ['forbidden', 'quota', 'denied', 'webhookFailed', 'invalid', 'tooLarge', 'conflict'] as const) {
  test(`a failure that is ${kind} waits for a person`, () => {
    const [event] = eventsOf([failed(kind)]);

    assert.equal(event?.reason, 'Failed');
    assert.match(event?.note ?? '', /^cannot create secrets "pull" in namespace team-a: it says no\. Fix: \w/);
  });
}

for (const kind of ['unreachable', 'server', 'throttled', 'interrupted', 'namespaceGone', 'expired'] as const) {
  test(`a failure that is ${kind} passes, or no Event could be written`, () => {
    assert.deepEqual(eventsOf([failed(kind)]), []);
  });
}

test('a credential that a refusal quotes is hidden, also where the note is cut', () => {
  const mask = createMask();
  mask.add('s3cr3t-password');
  const [event] = eventsOf([failed('denied', `${'x'.repeat(930)} s3cr3t-password ${'é'.repeat(200)}`)], { mask });

  assert.doesNotMatch(event?.note ?? '', /s3cr3t/);
  assert.match(event?.note ?? '', /\*\*\*/);
});

test('a note is cut to the bytes that the API takes, between two characters', () => {
  for (const start of ['', 'x']) {
    const note = eventsOf([failed('denied', `${start}${'é'.repeat(700)}`)])[0]?.note ?? '';

    const bytes = Buffer.byteLength(note);
    assert.ok(bytes <= 1024 && bytes > 1020);
    assert.match(note, /é…$/);
  }
});

test('a name that is too long is cut to one that Kubernetes takes, and still tells reasons apart', () => {
  const secretName = `${'long-'.repeat(43)}name`;

  const names = (['Failed', 'SecretKept'] as const).map((reason) => eventName(config.release, secretName, reason));

  for (const name of names) {
    assert.ok(name.length <= 253);
    assert.match(name, /^[a-z0-9].*[a-z0-9]$/);
  }
  assert.notEqual(names[0], names[1]);
});
