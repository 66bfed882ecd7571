import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaceSelector, serviceAccountSelector } from '../../job/src/plan/selection.ts';
import { whyNamespaceLeftOut, whyServiceAccountLeftOut } from '../../job/src/plan/why-left-out.ts';
import { selectionCases, targetWith } from '../support/selection-cases.ts';

for (const { because, rules, namespace, serviceAccount = { name: 'default' }, selected } of selectionCases) {
  test(`${because}: ${selected ? 'no reason' : 'a reason'}, as the selection says`, () => {
    const { namespaces, serviceAccounts } = targetWith(rules);
    const { name, annotations = {} } = namespace;
    const labels = { 'kubernetes.io/metadata.name': name, ...namespace.labels };
    const place = { name, labels, annotations, terminating: false };
    const account = { annotations: {}, ...serviceAccount };

    const ofNamespace = whyNamespaceLeftOut(namespaces, place);
    const ofAccount = whyServiceAccountLeftOut(serviceAccounts, account);

    assert.equal(ofNamespace === undefined, namespaceSelector(namespaces)(place));
    assert.equal(ofAccount === undefined, serviceAccountSelector(serviceAccounts)(account));
  });
}

const namespace = { name: 'team-a', labels: { stage: 'test' }, annotations: {}, terminating: false };
const reasons: Array<[rules: object, because: string, fix: string]> = [
  [{ exclude: ['x', 'team-*'] }, 'namespaces.exclude has "team-*"', 'take "team-*" out of namespaces.exclude'],
  [{ include: ['a', 'b-*'] }, 'namespaces.include has only "a", "b-*"', 'add "team-a" to namespaces.include'],
  [
    { selector: { matchLabels: { stage: 'test', tier: 'web' } } },
    'namespaces.selector asks for the label tier=web, and the namespace has no such label',
    'label the namespace tier=web, or change namespaces.selector',
  ],
  [
    { selector: { matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['test', 'dev'] }] } },
    'namespaces.selector asks for stage NotIn (test, dev), and the namespace has stage=test',
    'change the label stage of the namespace, or namespaces.selector',
  ],
  [
    { selector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } },
    'namespaces.selector asks for tier Exists, and the namespace has no such label',
    'change the label tier of the namespace, or namespaces.selector',
  ],
];
for (const [rules, because, fix] of reasons) {
  test(`the glob, label or expression is named, with what would change it: ${because}`, () => {
    assert.deepEqual(whyNamespaceLeftOut(targetWith({ namespaces: rules }).namespaces, namespace), { because, fix });
  });
}

for (const [rules, because, fix] of [
  [
    { include: ['*'], exclude: ['x', 'ci-*'] },
    'serviceAccounts.exclude has "ci-*"',
    'take "ci-*" out of serviceAccounts.exclude',
  ],
  [
    { include: ['default', 'app-*'] },
    'serviceAccounts.include has only "default", "app-*"',
    'add "ci-1" to serviceAccounts.include',
  ],
] as const) {
  test(`the glob that decides on a ServiceAccount is named, with what would change it: ${because}`, () => {
    const { serviceAccounts } = targetWith({ serviceAccounts: rules });

    assert.deepEqual(whyServiceAccountLeftOut(serviceAccounts, { name: 'ci-1', annotations: {} }), { because, fix });
  });
}

test('system namespaces and both annotations are reasons of their own, each with what would change it', () => {
  const { namespaces } = targetWith({});
  const annotated = (key: string) => ({ ...namespace, annotations: { [key]: 'true' } });
  const why = (one: typeof namespace) => Object.values(whyNamespaceLeftOut(namespaces, one) ?? {}).join('; ');

  assert.match(why({ ...namespace, name: 'kube-system' }), /system namespace; set namespaces\.excludeSystem: false/);
  assert.match(
    why(annotated('pullsecret-sync.io/exclude')),
    /pullsecret-sync\.io\/exclude: "true"; kubectl annotate namespace team-a pullsecret-sync\.io\/exclude-$/,
  );
  assert.match(
    why(annotated('k8s.titansoft.com/imagepullsecret-patcher-exclude')),
    /imagepullsecret-patcher-exclude: "true"; kubectl annotate namespace team-a \S+-exclude-$/,
  );
});
