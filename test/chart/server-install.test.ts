import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { valuesText } from '../support/values.ts';
import { serverForSuite, succeed } from './server.ts';
import { assertNoPassword, chart, credentials, type Manifest, podSpec, withEachHelm } from './support.ts';

suite('API server after an installation', () => {
  const server = serverForSuite();

  async function mayPatch(account: string, serviceAccount: string): Promise<boolean> {
    const right = ['patch', `serviceaccounts/${serviceAccount}`, '--namespace', 'default'];
    const { stdout } = await server.kubectl(['auth', 'can-i', ...right, `--as=system:serviceaccount:${account}`]);
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

    // Nothing here runs a pod, so neither the first run nor the cleanup could.
    test('takes an upgrade, and keeps nothing after an uninstallation', async () => {
      const helmArgs = ['--kubeconfig', server.kubeconfig()];
      const kinds =
        'secrets,configmaps,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,cronjobs,jobs,mutatingadmissionpolicies,mutatingadmissionpolicybindings,validatingadmissionpolicies,validatingadmissionpolicybindings';
      const get = ['get', kinds, '--namespace', namespace, '--output', 'name'];
      const ours = async () =>
        (await succeed(server.kubectl([...get, '--selector', 'app.kubernetes.io/name=pullsecret-sync']))).stdout;
      const upgrade = ['upgrade', 'pullsecret-sync', chart, ...helmArgs, ...options];

      assert.equal(await mayPatch(`${namespace}:pullsecret-sync`, 'builder'), false);
      await succeed(helm.run(upgrade, valuesText({ ...values, serviceAccounts: { include: ['*'] } })));
      assert.equal(await mayPatch(`${namespace}:pullsecret-sync`, 'builder'), true);
      assert.match(await ours(), /^cronjob\.batch\/pullsecret-sync$/m);
      assert.match(await ours(), new RegExp(`^mutatingadmissionpolicy\\..*/${namespace}-pullsecret-sync$`, 'm'));
      assert.match(
        await ours(),
        new RegExp(`^validatingadmissionpolicy\\..*/${namespace}-pullsecret-sync-copies$`, 'm'),
      );
      await succeed(helm.run(['uninstall', 'pullsecret-sync', ...helmArgs, '--namespace', namespace, '--no-hooks']));

      assert.equal(await ours(), '');
    });
  });
});

function barePod(manifests: Manifest[], namespace: string) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare', namespace }, spec: podSpec(manifests) };
}
