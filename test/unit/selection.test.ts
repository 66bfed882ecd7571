import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaceSelector, serviceAccountSelector } from '../../job/src/plan/selection.ts';
import { selectionCases, targetWith } from '../support/selection-cases.ts';

for (const { because, rules, namespace, serviceAccount = { name: 'default' }, selected } of selectionCases) {
  test(`${because}: ${selected ? 'in' : 'out'}`, () => {
    const { namespaces, serviceAccounts } = targetWith(rules);
    const { name, annotations = {} } = namespace;
    const labels = { 'kubernetes.io/metadata.name': name, ...namespace.labels };

    const selects = namespaceSelector(namespaces)({ name, labels, annotations });
    const wants = serviceAccountSelector(serviceAccounts)({ annotations: {}, ...serviceAccount });

    assert.equal(selects && wants, selected);
  });
}
