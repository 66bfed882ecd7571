import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { valuesText } from '../support/values.ts';
import { serverForSuite, succeed } from './server.ts';
import { assertNoPassword, chart, credentials, type Manifest, podSpec, withEachHelm } from './support.ts';

type Right = [verb: string, resource: string, namespace?: string];

suite('API server after an installation', () => {
  const server = serverForSuite();

  async function mayDo(account: string, [verb, resource, namespace]: Right): Promise<boolean> {
    const where = namespace === undefined ? ['--all-namespaces'] : ['--namespace', namespace];
    const as = `--as=system:serviceaccount:${account}`;
    const { stdout } = await server.kubectl(['auth', 'can-i', verb, resource, ...where, as]);
    assert.match(stdout, /^(yes|no)\n$/);
    return stdout === 'yes\n';
  }

  withEachHelm('by', (helm) => {
    const namespace = `installed-by-${helm.name.toLowerCase().replace(' ', '-')}`;
    const options = ['--namespace', namespace, '--no-hooks', '--values', '-'];
    const values = { ...credentials, suspend: true };
    before(async () => {
      await server.createNamespace(namespace);
      const args = ['install', 'pullsecret-sync', chart, '--kubeconfig', server.kubeconfig(), ...options];
      const { stdout, stderr } = await succeed(helm.run(args, valuesText(values)));
      assertNoPassword(stdout + stderr);
    });

    test('takes the pod of the schedule in a Restricted namespace', async () => {
      const pod = barePod(await helm.template({ namespace }), namespace);

      const args = ['create', '--dry-run=server', '--validate=strict', '-f', '-'];
      await succeed(server.kubectl(args, JSON.stringify(pod)));
    });

    test('refuses that pod without its security context', async () => {
      const pod = barePod(await helm.template({ namespace }), namespace);
      delete pod.spec.securityContext;

      const { status, stderr } = await server.kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod));

      assert.notEqual(status, 0);
      assert.match(stderr, /violates PodSecurity "restricted:latest": runAsNonRoot/);
    });

    for (const [who, name, allowed, forbidden] of [
      ['job', 'pullsecret-sync', jobMay(namespace), jobMayNot(namespace)],
      ['cleanup', 'pullsecret-sync-cleanup', cleanupMay(namespace), cleanupMayNot(namespace)],
    ] as const) {
      for (const right of allowed) {
        test(`lets the ${who} ${right.join(' ')}`, async () => {
          assert.equal(await mayDo(`${namespace}:${name}`, right), true);
        });
      }
      for (const right of forbidden) {
        test(`does not let the ${who} ${right.join(' ')}`, async () => {
          assert.equal(await mayDo(`${namespace}:${name}`, right), false);
        });
      }
    }

    // Nothing here runs a pod, so neither the first run nor the cleanup could.
    test('takes an upgrade, and keeps nothing after an uninstallation', async () => {
      const helmArgs = ['--kubeconfig', server.kubeconfig()];
      const kinds =
        'secrets,configmaps,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,cronjobs,jobs,mutatingadmissionpolicies,mutatingadmissionpolicybindings';
      const get = ['get', kinds, '--namespace', namespace, '--output', 'name'];
      const ours = async () =>
        (await succeed(server.kubectl([...get, '--selector', 'app.kubernetes.io/name=pullsecret-sync']))).stdout;
      const upgrade = ['upgrade', 'pullsecret-sync', chart, ...helmArgs, ...options];

      await succeed(helm.run(upgrade, valuesText({ ...values, serviceAccounts: { include: ['*'] } })));
      assert.equal(await mayDo(`${namespace}:pullsecret-sync`, ['patch', 'serviceaccounts/builder', 'default']), true);
      assert.match(await ours(), /^cronjob\.batch\/pullsecret-sync$/m);
      assert.match(await ours(), new RegExp(`^mutatingadmissionpolicy\\..*/${namespace}-pullsecret-sync$`, 'm'));
      await succeed(helm.run(['uninstall', 'pullsecret-sync', ...helmArgs, '--namespace', namespace, '--no-hooks']));

      assert.equal(await ours(), '');
    });
  });
});

function each(verbs: string[], resource: string, namespace: string): Right[] {
  return verbs.map((verb) => [verb, resource, namespace]);
}

function jobMay(namespace: string): Right[] {
  return [
    ['list', 'namespaces'],
    ...each(['create', 'patch', 'list', 'delete'], 'secrets/image-pull-secret', 'default'),
    ...each(['patch', 'list'], 'serviceaccounts/default', 'default'),
    ...each(
      ['get', 'create', 'patch', 'delete'],
      `events.events.k8s.io/failed.${namespace}.pullsecret-sync.image-pull-secret`,
      'default',
    ),
    ['get', 'secrets/pullsecret-sync-source', namespace],
    ['get', 'configmaps/pullsecret-sync', namespace],
    ...each(['create', 'patch', 'get'], 'configmaps/pullsecret-sync-status', namespace),
  ];
}

function jobMayNot(namespace: string): Right[] {
  return [
    ['patch', 'namespaces'],
    ['watch', 'namespaces'],
    ['list', 'secrets'],
    ...each(['get', 'watch'], 'secrets/image-pull-secret', 'default'),
    ['get', 'secrets/pullsecret-sync-source', 'default'],
    ...each(['create', 'patch', 'list', 'watch', 'delete'], 'secrets/other', 'default'),
    ['patch', 'secrets/pullsecret-sync-source', namespace],
    ['list', 'serviceaccounts'],
    ['patch', 'serviceaccounts/builder', 'default'],
    ['create', 'serviceaccounts/default', 'default'],
    ['patch', 'configmaps/pullsecret-sync', namespace],
    ['get', 'configmaps/pullsecret-sync-status', 'default'],
    ['create', 'pods', namespace],
    ['list', 'pods'],
    ['create', 'events.events.k8s.io', 'default'],
    ['patch', 'events.events.k8s.io/other', 'default'],
    ['list', 'events.events.k8s.io'],
    ['create', 'pods/eviction', 'default'],
    ['patch', 'cronjobs', namespace],
    ['delete', `mutatingadmissionpolicybindings/${namespace}-pullsecret-sync`],
  ];
}

function cleanupMay(namespace: string): Right[] {
  const binding = `mutatingadmissionpolicybindings/${namespace}-pullsecret-sync`;
  return [
    ['list', 'namespaces'],
    ...each(['patch', 'list', 'delete'], 'secrets/image-pull-secret', 'default'),
    ...each(['patch', 'list'], 'serviceaccounts/default', 'default'),
    ...each(['get', 'patch'], 'configmaps/pullsecret-sync', namespace),
    ...each(['get', 'delete'], 'configmaps/pullsecret-sync-status', namespace),
    ...each(['get', 'patch'], 'cronjobs/pullsecret-sync', namespace),
    ...each(['list', 'delete'], 'jobs', namespace),
    ...['get', 'delete', 'patch', 'create'].map((verb): Right => [verb, binding]),
  ];
}

function cleanupMayNot(namespace: string): Right[] {
  return [
    ['create', 'secrets/image-pull-secret', 'default'],
    ['get', 'secrets/pullsecret-sync-source', namespace],
    ['delete', 'secrets/other', 'default'],
    ['patch', 'serviceaccounts/builder', 'default'],
    ['delete', 'configmaps/pullsecret-sync', namespace],
    ['patch', 'cronjobs/other', namespace],
    ['delete', 'cronjobs/pullsecret-sync', namespace],
    ['delete', 'jobs', 'default'],
    ['create', 'jobs', namespace],
    ['delete', 'mutatingadmissionpolicybindings/other'],
    ['delete', `mutatingadmissionpolicies/${namespace}-pullsecret-sync`],
  ];
}

function barePod(manifests: Manifest[], namespace: string) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare', namespace }, spec: podSpec(manifests) };
}
