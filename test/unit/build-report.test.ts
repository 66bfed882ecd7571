import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { createMask, type Mask } from '../../job/src/credentials/masking.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { buildReport } from '../../job/src/report/document/build-report.ts';
import type { ReportDocument } from '../../job/src/report/document/report-document.ts';
import { renderDocument } from '../../job/src/report/formats/render-document.ts';
import type { LastRun } from '../../job/src/report/status-text.ts';
import { type EngineTest, engineTest, targetOf } from './engine-support.ts';

const noMask: Mask = { add: () => {}, apply: (text) => text };

async function reportOf(engine: EngineTest, { lastRun, mask = noMask }: { lastRun?: LastRun; mask?: Mask } = {}) {
  const status = await engine.status();
  const found = { ...status, lastRun: lastRun ?? status.lastRun, time: new Date(0), context: 'staging' };
  return buildReport({ command: 'status', ...found }, mask);
}

/** `<target>: <state>` of each target in a namespace, with why it is left out. */
function cellsIn(report: ReportDocument, namespace: string): string[] {
  const cells = report.namespaces.find(({ name }) => name === namespace)?.targets ?? [];
  return cells.map(({ target, state, leftOutBy }) => [target, state, leftOutBy].filter((part) => part).join(' '));
}

async function clusterWithTwoTargets(): Promise<EngineTest> {
  const gold = targetOf('gold', 'source-gold', { namespaces: { include: ['team-a'] } });
  const engine = await engineTest({ targets: [gold, targetOf('default', 'source-a')] });
  for (const source of ['source-gold', 'source-a']) engine.putSource(source);
  return engine;
}

test('a namespace is in line with the target that has it, and left out by the others with why', async () => {
  const engine = await clusterWithTwoTargets();
  await engine.people.createNamespace('kube-system');
  await engine.people.patchNamespace('team-b', { annotations: { [marks.exclude]: 'true' } });
  await engine.run();

  const report = await reportOf(engine);

  assert.equal(report.verdict, 'inLine');
  assert.deepEqual(cellsIn(report, 'team-a'), ['gold inLine', 'default leftOut otherTarget']);
  assert.deepEqual(cellsIn(report, 'team-b'), ['gold leftOut annotation', 'default leftOut annotation']);
  assert.deepEqual(cellsIn(report, 'kube-system'), ['gold leftOut system', 'default leftOut system']);
  assert.deepEqual(cellsIn(report, 'registry-access'), ['gold leftOut include', 'default inLine']);
});

test('its numbers are those of its namespaces', async () => {
  const engine = await clusterWithTwoTargets();
  await engine.people.createSecret('kubectl', { namespace: 'team-b', name: 'pull', type: 'Opaque', data: {} });

  const { summary, targets, registries, namespaces } = await reportOf(engine);

  assert.deepEqual(
    namespaces.map(({ state }) => state),
    ['drift', 'drift', 'conflict'],
  );
  assert.deepEqual(summary, {
    namespaces: 3,
    selected: 3,
    states: { failed: 0, blocked: 0, drift: 2, conflict: 1, inLine: 0, leftOut: 0 },
    actions: 4,
    conflicts: 1,
    stuckPods: 0,
  });
  assert.deepEqual(
    targets.map(({ name, states }) => [name, states.drift, states.conflict, states.leftOut]),
    [
      ['gold', 1, 0, 2],
      ['default', 1, 1, 1],
    ],
  );
  // The Secret of somebody else gives nobody the login.
  assert.deepEqual(registries, [
    { host: 'source-a.example.com', targets: ['default'], namespaces: 1 },
    { host: 'source-gold.example.com', targets: ['gold'], namespaces: 1 },
  ]);
});

test('what is not in line is told with what a run would do, and a conflict with what to do', async () => {
  const engine = await clusterWithTwoTargets();
  await engine.people.createSecret('kubectl', { namespace: 'team-b', name: 'pull', type: 'Opaque', data: {} });

  const report = await reportOf(engine);

  const findings = report.namespaces.flatMap(({ targets }) => targets.flatMap((cell) => cell.findings));
  assert.deepEqual(findings.slice(0, 2), [
    { type: 'action', kind: 'createCopy', message: 'create copy', fix: null, details: {} },
    {
      type: 'action',
      kind: 'addReference',
      message: 'add reference',
      fix: null,
      details: { serviceAccount: 'default' },
    },
  ]);
  const [conflict] = findings.filter(({ type }) => type === 'conflict');
  assert.deepEqual([conflict?.kind, conflict?.details.owner], ['keptSecret', 'kubectl']);
  assert.match(conflict?.fix ?? '', /onConflict: adopt/);
});

test('drift that the last run could not put right has failed, and says why', async () => {
  const engine = await clusterWithTwoTargets();
  const failures = ['team-a', 'team-b'].map((namespace) => ({ namespace, message: 'quota', fix: 'raise it' }));
  const lastRun = { finished: '1970-01-01T00:00:00.000Z', exitCode: 1, editedCopies: [], failures };

  const before = await reportOf(engine, { lastRun });
  await engine.run();
  const after = await reportOf(engine, { lastRun });

  assert.deepEqual(cellsIn(before, 'team-a'), ['gold failed', 'default leftOut otherTarget']);
  assert.deepEqual(cellsIn(after, 'team-a'), ['gold inLine', 'default leftOut otherTarget']);
});

test('a target with bad sources blocks its own namespaces, and is told with its problem', async () => {
  const engine = await clusterWithTwoTargets();
  engine.putSource('source-gold');
  await engine.run();
  await engine.people.deleteSecret('registry-access', 'source-gold');

  const report = await reportOf(engine);

  assert.equal(report.verdict, 'incomplete');
  assert.deepEqual(cellsIn(report, 'team-a'), ['gold blocked', 'default leftOut otherTarget']);
  assert.match(report.targets[0]?.problems[0]?.message ?? '', /source-gold/);
});

test('a copy that no target wants any more stands beside the targets', async () => {
  const engine = await clusterWithTwoTargets();
  await engine.run();
  engine.configure({ targets: [targetOf('gold', 'source-gold', { namespaces: { include: ['team-a'] } })] });

  const report = await reportOf(engine);

  assert.deepEqual(cellsIn(report, 'team-b'), ['gold leftOut include', 'drift']);
});

test('it is masked, and a password that is one of its own words breaks nothing', async () => {
  const engine = await clusterWithTwoTargets();
  const mask = createMask();
  for (const value of ['leftOut', 'inLine', 'default', '"state"']) mask.add(value);
  await engine.run();

  const report = await reportOf(engine, { mask });

  assert.deepEqual(cellsIn(report, 'team-a'), ['gold inLine', '*** leftOut otherTarget']);
  assert.deepEqual(JSON.parse(renderDocument(report, 'json')), report);
});

test('YAML holds the same as JSON', async () => {
  const report = await reportOf(await clusterWithTwoTargets());

  assert.deepEqual(parse(renderDocument(report, 'yaml')), report);
});
