import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { V1ClusterRole, V1ServiceAccount } from '@kubernetes/client-node';
import { until } from '../../scripts/until.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { checkMetrics } from '../support/promtool.ts';
import {
  loginIn,
  releaseNamespace,
  type StartedJob,
  secretName,
  sourceSecret,
  startTestCluster,
  type TestCluster,
} from './support.ts';

const port = 9180;
const standStill = 'pullsecret-sync.io/stand-still-until';
const goldLogin = `gold:${uniquePassword('gold-password')}`;
const values = {
  existingSecrets: ['external'],
  profiles: {
    gold: { existingSecrets: ['gold'], namespaces: { selector: { matchLabels: { tier: 'gold' } } } },
  },
  follow: { enabled: true },
};

let cluster: TestCluster;
let follower: StartedJob;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces(releaseNamespace, 'team-a', 'team-b');
  await rotate(uniqueLogin('first'));
  await cluster.applyObjects(sourceSecret('gold', goldLogin));
  await cluster.install(values);
  follower = cluster.startJob(['sync', '--follow', '--metrics-port', String(port)]);
  await untilReady();
});
after(async () => {
  follower?.stop();
  await cluster[Symbol.asyncDispose]();
});

const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

async function untilReady(): Promise<void> {
  await until('the follower is ready', () =>
    ask('/readyz').then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}

const rotate = (login: string) => cluster.applyObjects(sourceSecret('external', login));

async function hasLogin(namespace: string, login: string): Promise<boolean> {
  const copy = (await cluster.copies()).get(namespace);
  return copy !== undefined && loginIn(copy) === login;
}

async function untilInLine(namespace: string, login: string): Promise<void> {
  await until(`${namespace} has its copy and its reference`, async () => {
    return (await hasLogin(namespace, login)) && (await cluster.pullSecretsOf(namespace)).includes(secretName);
  });
}

suite('a follower acts at once on', () => {
  test('a new namespace', async () => {
    await cluster.createNamespaces('late');

    await untilInLine('late', uniqueLogin('first'));
  });

  test('a list of pull secrets that somebody overwrites', async () => {
    const list = JSON.stringify({ imagePullSecrets: [{ name: 'own' }] });
    await cluster.kubectl(['patch', 'serviceaccount', 'default', '-n', 'team-a', '--type=merge', '-p', list]);

    await untilInLine('team-a', uniqueLogin('first'));
    assert.deepEqual(await cluster.pullSecretsOf('team-a'), ['own', secretName]);
  });

  test('a ServiceAccount that is made anew', async () => {
    const uid = async () =>
      (await cluster.get<V1ServiceAccount>('serviceaccount', 'default', '-n', 'team-b')).metadata?.uid;
    const old = await uid();
    await cluster.kubectl(['delete', 'serviceaccount', 'default', '-n', 'team-b']);
    await until('there is a new one', async () => (await uid().catch(() => old)) !== old);

    await untilInLine('team-b', uniqueLogin('first'));
  });

  test('a copy that somebody edits', async () => {
    const data = JSON.stringify({ data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') } });
    await cluster.kubectl(['patch', 'secret', secretName, '-n', 'team-a', '--type=merge', '-p', data]);

    await until('it is as it was', async () => {
      const copy = (await cluster.copies()).get('team-a');
      return copy?.data?.['.dockerconfigjson'] !== JSON.parse(data).data['.dockerconfigjson'];
    });
    await untilInLine('team-a', uniqueLogin('first'));
  });

  test('a copy that somebody deletes', async () => {
    await cluster.kubectl(['delete', 'secret', secretName, '-n', 'team-a']);

    await untilInLine('team-a', uniqueLogin('first'));
  });

  test('a label that gives a namespace to another target, and one that takes it away', async () => {
    await cluster.kubectl(['label', 'namespace', 'late', 'tier=gold']);
    await untilInLine('late', goldLogin);

    await cluster.kubectl(['label', 'namespace', 'late', 'tier-']);
    await untilInLine('late', uniqueLogin('first'));
  });

  test('an annotation that takes a namespace out', async () => {
    await cluster.kubectl(['annotate', 'namespace', 'team-b', 'pullsecret-sync.io/exclude=true']);
    await until('copy and reference are gone', async () => {
      return !(await cluster.copies()).has('team-b') && (await cluster.pullSecretsOf('team-b')).length === 0;
    });

    await cluster.kubectl(['annotate', 'namespace', 'team-b', 'pullsecret-sync.io/exclude-']);
    await untilInLine('team-b', uniqueLogin('first'));
  });

  test('a rotated source, in every namespace', async () => {
    await rotate(uniqueLogin('second'));

    for (const namespace of ['late', 'team-a', 'team-b']) await untilInLine(namespace, uniqueLogin('second'));
  });

  test('another configuration, with names that were not watched before', async () => {
    await cluster.install({ ...values, secretName: 'regcred', previousSecretNames: [secretName], retireAfter: '0s' });
    await until('the new name is in use', async () => {
      return (await cluster.pullSecretsOf('team-a')).join() === 'own,regcred';
    });
    await cluster.kubectl(['delete', 'secret', 'regcred', '-n', 'team-a']);
    await until('its copies are watched', async () => {
      const found = await cluster.list('secrets', '-n', 'team-a', '--field-selector', 'metadata.name=regcred');
      return found.length === 1;
    });

    await cluster.install({ ...values, previousSecretNames: ['regcred'], retireAfter: '0s' });
    await untilInLine('team-a', uniqueLogin('second'));
  });
});

test('a source that comes late is waited for, and a source that breaks changes nothing until it is mended', async () => {
  await cluster.applyObjects({ ...sourceSecret('external', 'x:y'), data: { '.dockerconfigjson': 'e30=' } });
  await until('the follower says so', async () => (await status()).includes('has no'));
  assert.equal(await hasLogin('team-a', uniqueLogin('second')), true);

  await rotate(uniqueLogin('third'));
  await untilInLine('team-a', uniqueLogin('third'));
});

async function status(): Promise<string> {
  return cluster.kubectl(['get', 'configmap', 'pullsecret-sync-status', '-n', releaseNamespace, '-o', 'yaml']);
}

test('a burst of fifty namespaces is worked off together', async (context) => {
  const names = Array.from({ length: 50 }, (_, index) => `burst-${index}`);

  const requests = await cluster.requestsOfJob(async () => {
    await follower.holdWhile(() => cluster.createNamespaces(...names));
    for (const name of names) await untilInLine(name, uniqueLogin('third'));
  });

  const count = (verb: string, resource: string) =>
    requests.filter((one) => one.verb === verb && one.resource === resource).length;
  context.diagnostic(
    `${requests.length} requests, ${requests.filter(({ verb }) => verb !== 'patch').length} of them reads`,
  );
  assert.equal(count('patch', 'secrets'), 50);
  assert.equal(count('patch', 'serviceaccounts'), 50);
  // What came at once may still be heard in several parts; one look for each namespace would be fifty.
  for (const resource of ['namespaces', 'secrets', 'serviceaccounts'])
    assert.ok(count('list', resource) < 25, resource);
  for (const resource of ['configmaps', 'secrets']) assert.ok(count('get', resource) < 25, resource);
});

test('a follower asks for nothing where nothing changes that concerns it', async () => {
  await untilIdle();

  const requests = await cluster.requestsOfJob(async () => {
    await cluster.applyObjects(
      ...Array.from({ length: 20 }, (_, index) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `unrelated-${index}`, namespace: 'team-a' },
      })),
    );
    await cluster.kubectl(['create', 'serviceaccount', 'unrelated', '-n', 'team-a']);
    await cluster.kubectl(['wait', '--for=create', 'serviceaccount/unrelated', '-n', 'team-a']);
  });

  assert.deepEqual(
    requests.filter(({ verb }) => verb !== 'watch'),
    [],
  );
});

/** Resolves when it made no request for as long as a few looks at a namespace that nobody changes take. */
async function untilIdle(): Promise<void> {
  await until('the follower is idle', async () => {
    const requests = await cluster.requestsOfJob(async () => {
      for (let look = 0; look < 5; look++) await cluster.kubectl(['get', 'namespace', 'team-a']);
    });
    return requests.every(({ verb }) => verb === 'watch');
  });
}

test('the metrics are such as Prometheus takes them, and tell what is so', async () => {
  await cluster.kubectl(['create', 'namespace', 'foreign']);
  await cluster.kubectl(['create', 'secret', 'generic', 'regcred', '-n', 'foreign', '--from-literal=a=b']);
  await untilInLine('foreign', uniqueLogin('third'));
  await untilIdle();

  const response = await ask('/metrics');
  const text = await response.text();

  await checkMetrics(text);
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  const wanted = value('pullsecret_sync_namespaces{state="wanted"}');
  assert.ok(wanted > 50);
  assert.equal(value('pullsecret_sync_namespaces{state="in_line"}'), wanted);
  assert.equal(value('pullsecret_sync_namespaces{state="failed"}'), 0);
  assert.ok(Math.abs(value('pullsecret_sync_last_success_timestamp_seconds') - Date.now() / 1000) < 3600);
  assert.ok(value('pullsecret_sync_requests_total{verb="patch",code="201"}') >= 50);
  assert.ok(value('pullsecret_sync_reconcile_seconds_count') > 5);
  assert.ok(value('pullsecret_sync_source_since_timestamp_seconds{target="gold"}') > 0);
  assert.equal((await ask('/healthz')).status, 200);
  assert.equal((await ask('/secrets')).status, 404);
  assert.doesNotMatch(text, /robot|third|gold-password/);
});

test('a follower stands still for a cleanup, and goes on when its mark goes', async () => {
  const mark = (value: string) =>
    cluster.kubectl(['annotate', 'configmap', 'pullsecret-sync', '-n', releaseNamespace, `${standStill}${value}`]);
  const heard = cluster.untilJobAsks('get', 'configmaps', 'pullsecret-sync');
  await mark('=2100-01-01T00:00:00Z');
  await heard;
  const looked = cluster.untilJobAsks('get', 'configmaps', 'pullsecret-sync');
  await cluster.createNamespaces('resting');
  await looked;
  assert.equal((await cluster.copies()).has('resting'), false);

  await mark('-');

  await untilInLine('resting', uniqueLogin('third'));
});

test('an API server that is killed and starts again is followed on, and nothing that happened meanwhile is missed', async () => {
  await cluster.controlPlane.restartApiServer();
  await Promise.all([
    cluster.kubectl(['delete', 'secret', secretName, '-n', 'team-b']),
    cluster.createNamespaces('after-restart'),
  ]);

  await untilInLine('after-restart', uniqueLogin('third'));
  await untilInLine('team-b', uniqueLogin('third'));
});

test('a follower that is told to stop ends with exit code 0', async () => {
  follower.stop();

  const { code, output } = await follower.ended;

  assert.equal(code, 0, output);
  assert.doesNotMatch(output, /robot|third|gold-password/);
});

test('a token that expires is read anew', async () => {
  const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name: 'life' };
  await cluster.kubectl(['create', 'secret', 'generic', 'life', '-n', releaseNamespace]);
  await cluster.kubeconfigFor(releaseNamespace, 'pullsecret-sync', { boundObjectRef });
  follower = cluster.startJob(['sync', '--follow', '--metrics-port', String(port)]);
  await untilReady();
  await cluster.kubectl(['delete', 'secret', 'life', '-n', releaseNamespace]);
  await cluster.untilRefused(() => cluster.kubectlAsJob(['get', 'namespaces']));
  await cluster.kubeconfigFor(releaseNamespace, 'pullsecret-sync');

  await cluster.createNamespaces('after-expiry');

  await untilInLine('after-expiry', uniqueLogin('third'));
  follower.stop();
  assert.equal((await follower.ended).code, 0);
});

test('a configuration that cannot be used ends no follower: it is not ready, and goes on with a better one', async () => {
  const write = (text: string) =>
    cluster.kubectl([
      ...['patch', 'configmap', 'pullsecret-sync', '-n', releaseNamespace, '--type=merge', '-p'],
      JSON.stringify({ data: { 'config.yaml': text } }),
    ]);
  const { data } = await cluster.get<{ data: Record<string, string> }>('cm', 'pullsecret-sync', '-n', releaseNamespace);
  await write('{release: registry-access/pullsecret-sync, targets: 7}');
  follower = cluster.startJob(['sync', '--follow', '--metrics-port', String(port)]);
  await until('the follower says so', async () => (await status()).includes('is not valid'));
  assert.equal((await ask('/readyz')).status, 503);
  assert.equal((await ask('/healthz')).status, 200);

  await write(data['config.yaml'] ?? '');

  await untilReady();
  follower.stop();
  const { code, output } = await follower.ended;
  assert.equal(code, 0);
  assert.match(output, /the configuration in ConfigMap registry-access\/pullsecret-sync is not valid/);
});

test('a right to watch that is missing is named, and each look at everything is made all the same', async () => {
  const [role] = await cluster.list<V1ClusterRole>('clusterroles', '-l', 'app.kubernetes.io/instance=pullsecret-sync');
  const list = JSON.stringify([{ op: 'replace', path: '/rules/0/verbs', value: ['list'] }]);
  await cluster.kubectl(['patch', 'clusterrole', role?.metadata?.name ?? '', '--type=json', '-p', list]);
  await cluster.untilRefused(() => cluster.kubectlAsJob(['get', 'namespaces', '--watch-only', '--request-timeout=1s']));
  await cluster.createNamespaces('unwatched');
  follower = cluster.startJob(['sync', '--follow', '--metrics-port', String(port)]);

  await untilInLine('unwatched', uniqueLogin('third'));

  follower.stop();
  const { code, output } = await follower.ended;
  assert.equal(code, 0);
  assert.match(output, /resources: \[namespaces\], verbs: \[watch\]/);
});

for (const args of [
  ['--follow', '--tolerate-partial'],
  ['--metrics-port', '8080'],
  ['--follow', '--metrics-port', 'http'],
]) {
  test(`sync ${args.join(' ')} is a wrong command line`, async () => {
    assert.equal((await cluster.job(['sync', ...args])).code, 64);
  });
}
