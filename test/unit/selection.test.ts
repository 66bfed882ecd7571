import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../job/src/config.ts';
import { namespaceSelector, serviceAccountSelector } from '../../job/src/selection.ts';

function target(rules: { namespaces?: object; serviceAccounts?: object }) {
  const [parsed] = parseConfig(
    JSON.stringify({
      release: 'registry-access/pullsecret-sync',
      targets: [{ name: 'default', secretName: 'image-pull-secret', sources: [{ secret: 'source' }], ...rules }],
    }),
    'test',
  ).targets;
  assert.ok(parsed);
  return parsed;
}

interface Case {
  because: string;
  rules?: object;
  namespace: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  selected: boolean;
}

const prod = { matchLabels: { stage: 'prod' } };
const cases: Case[] = [
  { because: 'everything is selected by default', namespace: { name: 'team-a' }, selected: true },
  { because: 'kube-system is out by default', namespace: { name: 'kube-system' }, selected: false },
  {
    because: "OpenShift's own namespaces are out by default",
    namespace: { name: 'openshift-monitoring' },
    selected: false,
  },
  {
    because: 'setting exclude does not bring system namespaces back',
    rules: { exclude: ['x'] },
    namespace: { name: 'kube-public' },
    selected: false,
  },
  {
    because: 'excludeSystem: false brings them in',
    rules: { excludeSystem: false },
    namespace: { name: 'kube-system' },
    selected: true,
  },
  {
    because: 'a namespace outside include is out',
    rules: { include: ['team-*'] },
    namespace: { name: 'shop' },
    selected: false,
  },
  {
    because: 'exclusion wins over inclusion',
    rules: { include: ['team-*'], exclude: ['team-b'] },
    namespace: { name: 'team-b' },
    selected: false,
  },
  {
    because: 'our annotation takes it out',
    namespace: { name: 'team-a', annotations: { 'pullsecret-sync.io/exclude': 'true' } },
    selected: false,
  },
  {
    because: 'our annotation with another value does nothing',
    namespace: { name: 'team-a', annotations: { 'pullsecret-sync.io/exclude': 'false' } },
    selected: true,
  },
  {
    because: "the old patcher's annotation takes it out",
    namespace: { name: 'team-a', annotations: { 'k8s.titansoft.com/imagepullsecret-patcher-exclude': 'true' } },
    selected: false,
  },
  {
    because: 'a label that fits',
    rules: { selector: prod },
    namespace: { name: 'a', labels: { stage: 'prod' } },
    selected: true,
  },
  { because: 'a label that is missing', rules: { selector: prod }, namespace: { name: 'a' }, selected: false },
  {
    because: 'In with a listed value',
    rules: { selector: { matchExpressions: [{ key: 'stage', operator: 'In', values: ['prod', 'test'] }] } },
    namespace: { name: 'a', labels: { stage: 'test' } },
    selected: true,
  },
  {
    because: 'NotIn fits where the label is missing',
    rules: { selector: { matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['prod'] }] } },
    namespace: { name: 'a' },
    selected: true,
  },
  {
    because: 'NotIn with a listed value',
    rules: { selector: { matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['prod'] }] } },
    namespace: { name: 'a', labels: { stage: 'prod' } },
    selected: false,
  },
  {
    because: 'Exists with any value',
    rules: { selector: { matchExpressions: [{ key: 'stage', operator: 'Exists' }] } },
    namespace: { name: 'a', labels: { stage: '' } },
    selected: true,
  },
  {
    because: 'Exists without the label',
    rules: { selector: { matchExpressions: [{ key: 'stage', operator: 'Exists' }] } },
    namespace: { name: 'a' },
    selected: false,
  },
  {
    because: 'DoesNotExist without the label',
    rules: { selector: { matchExpressions: [{ key: 'stage', operator: 'DoesNotExist' }] } },
    namespace: { name: 'a' },
    selected: true,
  },
  {
    because: 'one of two expressions is not enough',
    rules: { selector: { ...prod, matchExpressions: [{ key: 'x', operator: 'Exists' }] } },
    namespace: { name: 'a', labels: { stage: 'prod' } },
    selected: false,
  },
];

for (const { because, rules = {}, namespace, selected } of cases) {
  test(`namespace: ${because}`, () => {
    const selects = namespaceSelector(target({ namespaces: rules }).namespaces);
    assert.equal(selects({ labels: {}, annotations: {}, ...namespace }), selected);
  });
}

test('ServiceAccount: only default is wanted by default', () => {
  const wants = serviceAccountSelector(target({}).serviceAccounts);
  assert.deepEqual(
    ['default', 'builder'].map((name) => wants({ name, annotations: {} })),
    [true, false],
  );
});

test('ServiceAccount: exclusion and the annotation win', () => {
  const wants = serviceAccountSelector(
    target({ serviceAccounts: { include: ['*'], exclude: ['ci-*'] } }).serviceAccounts,
  );
  assert.equal(wants({ name: 'builder', annotations: {} }), true);
  assert.equal(wants({ name: 'ci-1', annotations: {} }), false);
  assert.equal(wants({ name: 'builder', annotations: { 'pullsecret-sync.io/exclude': 'true' } }), false);
});
