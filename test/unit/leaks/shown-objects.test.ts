import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideSecrets } from '../../support/leaks/shown-objects.ts';

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one' }, data: { key: 'hidden' } };
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'two' }, data: { key: 'shown' } };
const documents = `---
# Source: chart/templates/secret.yaml
apiVersion: v1
kind: Secret
data:
  key: hidden
---
# Source: chart/templates/config-map.yaml
apiVersion: v1
kind: ConfigMap
data:
  key: shown
`;

test('what commands print whose business is objects is free of their Secrets, and of nothing else', () => {
  for (const command of [
    ['helm', 'template', 'release', 'chart'],
    ['helm3', 'get', 'manifest', 'release'],
    ['helmfile', '--helm-binary', 'helm', 'template'],
    ['kubectl', '--kubeconfig', 'file', 'get', 'all', '-o', 'yaml'],
    ['kubectl', 'apply', '--dry-run=server', '-o', 'yaml', '-f', '-'],
  ]) {
    const rest = besideSecrets(command, documents);
    assert.match(rest, /shown/, command.join(' '));
    assert.doesNotMatch(rest, /hidden/, command.join(' '));
  }
});

test('of a list in JSON the Secrets go', () => {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [secret, configMap] });

  assert.deepEqual(JSON.parse(besideSecrets(['kubectl', 'get', '-f', '-', '-o', 'json'], list)), [configMap]);
});

test('kubectl may show of Secrets what it is asked for', () => {
  for (const what of ['secret', 'secrets', 'secret/one']) {
    assert.equal(besideSecrets(['kubectl', 'get', what, '-o', 'jsonpath={.data.key}'], 'hidden'), '');
  }
});

test('a Secret that another command shows stays', () => {
  for (const command of [
    ['helmfile', 'diff'],
    ['helm', 'upgrade', 'release', 'chart'],
    ['kubectl', 'apply', '-f', '-'],
    ['kubectl', 'get', 'configmap', 'secret-config', '-o', 'jsonpath={.data.key}'],
    ['bash', '-c', 'kubectl get secret one -o yaml'],
    ['node', 'pullsecret-sync.mjs', 'plan'],
  ]) {
    assert.match(besideSecrets(command, documents), /hidden/, command.join(' '));
  }
});
