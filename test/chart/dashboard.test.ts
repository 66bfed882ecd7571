import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRules } from './promtool.ts';
import { credentials, one, withEachHelm } from './support.ts';

interface Dashboard {
  panels: { title: string; gridPos: object; targets: { expr: string }[] }[];
  templating: { list: { name: string }[] };
}

withEachHelm('dashboard', (helm) => {
  async function dashboard(): Promise<Dashboard> {
    const values = { ...credentials, dashboard: { enabled: true } };
    return JSON.parse(
      one(await helm.template({ values }), 'ConfigMap', 'dashboard').data?.['pullsecret-sync.json'] ?? '',
    );
  }

  test('asks what Prometheus can parse', async () => {
    const { panels } = await dashboard();

    const rules = panels.flatMap(({ targets }) => targets).map(({ expr }) => ({ record: 'panel', expr }));
    assert.ok(rules.length >= panels.length, 'a panel asks nothing');
    const distinct = rules.map((rule, index) => ({ ...rule, record: `panel:${index}` }));
    await checkRules([{ name: 'dashboard', rules: distinct }]);
  });

  test('uses the variables that it has, and no other', async () => {
    const { panels, templating } = await dashboard();

    const defined = templating.list.map(({ name }) => name);
    const used = new Set(
      [...JSON.stringify({ panels, templating }).matchAll(/\$\{?(\w+)\}?/g)].map(([, name = '']) => name),
    );
    assert.deepEqual([...used].toSorted(), defined.toSorted());
  });

  test('is the same for each release, and has the labels and annotations of its values', async () => {
    const values = { ...credentials, dashboard: { enabled: true, annotations: { grafana_folder: 'ops' } } };
    const other = one(await helm.template({ values, release: 'creds' }), 'ConfigMap', 'dashboard');

    assert.deepEqual(JSON.parse(other.data?.['pullsecret-sync.json'] ?? ''), await dashboard());
    assert.equal(other.metadata?.labels?.grafana_dashboard, '1');
    assert.deepEqual(other.metadata?.annotations, { grafana_folder: 'ops' });
  });
});
