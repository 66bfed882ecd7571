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
const reasons: Array<[rules: object, because: string]> = [
  [{ exclude: ['x', 'team-*'] }, 'namespaces.exclude has "team-*"'],
  [{ include: ['a', 'b-*'] }, 'namespaces.include has only "a", "b-*"'],
  [
    { selector: { matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['test', 'dev'] }] } },
    'namespaces.selector asks for stage NotIn (test, dev), and the namespace has stage=test',
  ],
  [
    { selector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } },
    'namespaces.selector asks for tier Exists, and the namespace has no such label',
  ],
];
for (const [rules, because] of reasons) {
  test(`the glob, label or expression is named: ${because}`, () => {
    assert.equal(whyNamespaceLeftOut(targetWith({ namespaces: rules }).namespaces, namespace)?.because, because);
  });
}

test('system namespaces and both annotations are reasons of their own', () => {
  const { namespaces } = targetWith({});
  const annotated = (key: string) => ({ ...namespace, annotations: { [key]: 'true' } });
  const why = (one: typeof namespace) => whyNamespaceLeftOut(namespaces, one)?.because ?? '';

  assert.match(why({ ...namespace, name: 'kube-system' }), /system namespace/);
  assert.match(why(annotated('pullsecret-sync.io/exclude')), /pullsecret-sync\.io\/exclude/);
  assert.match(why(annotated('k8s.titansoft.com/imagepullsecret-patcher-exclude')), /imagepullsecret-patcher-exclude/);
});
