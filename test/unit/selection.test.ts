import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../job/src/config/config.ts';
import { namespaceSelector, serviceAccountSelector } from '../../job/src/plan/selection.ts';
import { type Rules, selectionCases } from '../support/selection-cases.ts';

function target(rules: Rules) {
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

for (const { because, rules, namespace, serviceAccount = { name: 'default' }, selected } of selectionCases) {
  test(`${because}: ${selected ? 'in' : 'out'}`, () => {
    const { namespaces, serviceAccounts } = target(rules);
    const { name, annotations = {} } = namespace;
    const labels = { 'kubernetes.io/metadata.name': name, ...namespace.labels };

    const selects = namespaceSelector(namespaces)({ name, labels, annotations });
    const wants = serviceAccountSelector(serviceAccounts)({ annotations: {}, ...serviceAccount });

    assert.equal(selects && wants, selected);
  });
}
