import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodRecord } from '../../job/src/cluster/cluster.ts';
import { parseConfig, type Target } from '../../job/src/config/config.ts';
import { createMask } from '../../job/src/credentials/masking.ts';
import type { LoadedTarget } from '../../job/src/credentials/sources.ts';
import { createLog } from '../../job/src/log.ts';
import type { Placement } from '../../job/src/plan/placement.ts';
import { nothingWithheld } from '../../job/src/plan/removal-limit.ts';
import { buildReport } from '../../job/src/report/document/build-report.ts';
import { renderDocument } from '../../job/src/report/formats/render-document.ts';
import { logPlan, planExitCode } from '../../job/src/report/plan-report.ts';
import type { PlanResult } from '../../job/src/run/engine.ts';
import { testClock } from '../support/test-clock.ts';

const config = parseConfig(
  'release: a/b\ntargets: [{name: default, secretName: pull-secret, sources: [{secret: y}]}]\n',
  'test',
);
const target = config.targets[0] as Target;
const problem = { message: 'cannot list secrets', fix: 'look' };
const desired = { target, content: 'e30=' };
const good: LoadedTarget = {
  ...desired,
  logins: new Map(),
  confidential: [],
  version: '',
  sources: [],
  warnings: [],
  problems: [],
  missing: false,
  mayRecover: false,
};
const bad: LoadedTarget = { ...good, content: undefined, problems: [problem] };
const inLine: Placement = { namespace: 'team-a', secretName: 'pull-secret', desired, actions: [], conflicts: [] };
const drift: Placement = {
  ...inLine,
  actions: [{ kind: 'createCopy' }],
  conflicts: [{ kind: 'keptSecret', owner: 'kubectl', adoptable: true }],
};

const namespaceOf = (name: string) => ({ name, labels: {}, annotations: {}, terminating: false });

function resultWith(found: Partial<PlanResult>): PlanResult {
  return {
    config,
    targets: [good],
    namespaces: ['team-a', 'team-b'].map(namespaceOf),
    placements: [inLine],
    ...nothingWithheld,
    stuckPods: [],
    problems: [],
    ...found,
  };
}

/** What a person sees. */
function textOf(plan: PlanResult): string {
  const { stuckPods } = plan;
  const found = {
    command: 'plan',
    plan,
    lastRun: undefined,
    stuckPods,
    time: new Date(0),
    context: undefined,
  } as const;
  return renderDocument(buildReport(found, createMask()), 'text');
}

/** The events of the log. */
function eventsOf(result: PlanResult) {
  const lines: string[] = [];
  const clock = testClock();
  logPlan(result, createLog({ format: 'json', clock, mask: createMask(), write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
}

test('a plan on a terminal lists what is to be done by namespace', () => {
  const text = textOf(resultWith({ placements: [inLine, { ...drift, namespace: 'team-b' }] }));

  assert.equal(
    text,
    `team-b
  create copy  secret=pull-secret
  the Secret belongs to someone else and is kept  secret=pull-secret  owner=kubectl
    Fix: set onConflict: adopt to take it over, delete it, exclude the namespace, or choose another secretName
1 action in 2 selected namespaces, 1 conflict.
`,
  );
});

test('a plan without actions says that there is nothing to do', () => {
  const result = resultWith({});

  assert.equal(textOf(result), 'Nothing to do.\n0 actions in 1 selected namespace, 0 conflicts.\n');
  assert.equal(eventsOf(result).at(-1).message, 'plan finished');
  assert.equal(planExitCode(result, { exitCode: true }), 0);
});

for (const [because, result, code] of [
  ['the cluster could not be looked at', resultWith({ placements: [], problems: [problem] }), 1],
  ['no credentials are good', resultWith({ placements: [], targets: [bad] }), 78],
  ['no source is there yet', resultWith({ placements: [], targets: [{ ...bad, mayRecover: true }] }), 1],
] as const) {
  test(`where ${because}, it says that there is no plan, not that there is nothing to do`, () => {
    const { level, message } = eventsOf(result).at(-1);

    assert.equal(textOf(result), 'The plan could not be made: the errors above say why.\n');
    assert.deepEqual([level, message], ['error', 'the plan could not be made']);
    assert.equal(planExitCode(result, { exitCode: true }), code);
  });
}

for (const [because, result] of [
  ['one of two targets is bad', resultWith({ targets: [good, bad] })],
  ['removals are withheld', resultWith({ withheldCopies: { removals: 9, gone: 0 } })],
  ['references are withheld', resultWith({ withheldReferences: { removals: 9, gone: 0 } })],
] as const) {
  test(`where ${because}, it says that the plan is not whole`, () => {
    const { level, message } = eventsOf(result).at(-1);

    assert.equal(
      textOf(result),
      `0 actions in 1 selected namespace, 0 conflicts.\nThe plan could not be made whole: the errors above say why.\n`,
    );
    assert.deepEqual([level, message], ['error', 'the plan could not be made whole']);
    assert.equal(planExitCode(result, { exitCode: true }), 1);
  });
}

test('drift is told by the exit code where that is asked for', () => {
  const result = resultWith({ placements: [drift] });

  assert.equal(planExitCode(result, { exitCode: true }), 2);
  assert.equal(planExitCode(result, { exitCode: false }), 0);
});

test('a plan names the pods that would be evicted, which is a change', () => {
  const pod: PodRecord = {
    namespace: 'team-a',
    name: 'app-1',
    uid: 'u',
    resourceVersion: '1',
    serviceAccount: 'default',
    imagePullSecrets: [],
    controller: { kind: 'ReplicaSet', name: 'app' },
    createdAt: 0,
    terminating: false,
    waiting: [],
  };
  const result = resultWith({ stuckPods: [{ pod, image: 'registry.example.com/app:1', secretName: 'pull-secret' }] });

  const text = textOf(result);

  assert.match(text, /^team-a\n {2}evict stuck pod {2}pod=app-1 {2}controller=ReplicaSet\/app {2}image=registry\./);
  assert.equal(planExitCode(result, { exitCode: true }), 2);
});

test('a plan says of a Secret that it takes over from whom', () => {
  const observed = { uid: '1', resourceVersion: '1' };
  const marks = { labelled: true, adopted: false, retiredAt: undefined };
  const takeOver: Placement = {
    ...inLine,
    actions: [{ kind: 'updateCopy', observed, marks, takenFrom: 'imagepullsecret-patcher' }],
  };

  const text = textOf(resultWith({ placements: [takeOver] }));

  assert.match(text, /^ {2}update copy {2}secret=pull-secret {2}takenFrom=imagepullsecret-patcher$/m);
});
