import assert from 'node:assert/strict';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startControlPlane } from '../../scripts/cluster/control-plane.ts';
import { tool } from '../../scripts/tools.ts';
import { valuesText } from '../support/values.ts';
import {
  assertNoPassword,
  chart,
  credentials,
  existing,
  type Manifest,
  type Outcome,
  podSpec,
  run,
  withEachHelm,
} from './support.ts';

const everything = {
  secretName: 'registry.credentials',
  ...credentials,
  existingSecrets: ['team', 'common'],
  serviceAccounts: { include: ['*'] },
  timeZone: 'Europe/Berlin',
  schedule: '@hourly',
  suspend: true,
  backoffLimit: 0,
  successfulJobsHistoryLimit: 0,
  failedJobsHistoryLimit: 0,
  image: { digest: `sha256:${'0a'.repeat(32)}` },
  admissionPolicy: { enabled: true },
  profiles: {
    shop: { ...credentials, secretName: 'shop', namespaces: { include: ['shop-*'] }, priority: 1 },
    lab: { dockerConfigJson: '{"auths":{}}', namespaces: { selector: { matchLabels: { stage: 'lab' } } } },
  },
  imagePullSecrets: ['mirror'],
  resources: { limits: { memory: 268435456, cpu: 1 } },
  tolerations: [{ key: 'pool', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2_000_000 }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'In', values: ['system'] }] }],
      },
    },
  },
  podAnnotations: { 'example.com/a': 'true' },
  podLabels: { team: 'ops' },
};

suite('API server', () => {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'discovery-'));
  let program: string;
  let plane: Awaited<ReturnType<typeof startControlPlane>>;
  before(async () => {
    process.env.KUBECACHEDIR = folder.path; // the user's cache may describe another cluster at the same address
    program = await tool('kubectl');
    plane = await startControlPlane();
  });
  after(async () => {
    await plane.stop();
    folder.remove();
  });

  async function kubectl(args: string[], input?: string): Promise<Outcome> {
    return run(program, ['--kubeconfig', plane.kubeconfig, ...args], input);
  }

  /** A namespace that takes nothing but Restricted pods. */
  async function createNamespace(name: string): Promise<void> {
    const labels = Object.fromEntries(
      ['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
    );
    await succeed(
      kubectl(
        ['create', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }),
      ),
    );
  }

  async function mayDo(account: string, [verb, resource, namespace]: Right): Promise<boolean> {
    const where = namespace === undefined ? ['--all-namespaces'] : ['--namespace', namespace];
    const { stdout } = await kubectl([
      'auth',
      'can-i',
      verb,
      resource,
      ...where,
      `--as=system:serviceaccount:${account}`,
    ]);
    assert.match(stdout, /^(yes|no)\n$/);
    return stdout === 'yes\n';
  }

  withEachHelm('takes', (helm) => {
    const namespace = helm.name.toLowerCase().replace(' ', '-');
    before(() => createNamespace(namespace));

    for (const [what, values, release] of [
      ['the defaults', credentials, 'pullsecret-sync'],
      ['existing Secrets', existing, 'pullsecret-sync'],
      ['every value', everything, 'pullsecret-sync'],
      ['the longest names', credentials, `release-${'x'.repeat(45)}`],
      ['names with dots', credentials, 'a.b-c.d'],
    ] as const) {
      test(`${what}, with no warning`, async () => {
        const manifests = await helm.template({ values, release, namespace });

        const { stdout, stderr } = await succeed(
          kubectl(['apply', '--dry-run=server', '--validate=strict', '--server-side', '-f', '-'], list(manifests)),
        );

        assert.equal(stdout.trim().split('\n').length, manifests.length);
        assert.equal(stderr, '');
      });
    }

    test('no object with a field that it does not know', async () => {
      const [first, ...others] = await helm.template({ namespace });

      const { status, stderr } = await kubectl(
        ['apply', '--dry-run=server', '--validate=strict', '--server-side', '-f', '-'],
        list([{ ...first, misspelt: true } as unknown as Manifest, ...others]),
      );

      assert.notEqual(status, 0);
      assert.match(stderr, /misspelt/);
    });
  });

  withEachHelm('after an installation', (helm) => {
    const namespace = `installed-by-${helm.name.toLowerCase().replace(' ', '-')}`;
    const account = `${namespace}:pullsecret-sync`;
    const options = ['--namespace', namespace, '--no-hooks', '--values', '-'];
    const values = { ...credentials, suspend: true };
    before(async () => {
      await createNamespace(namespace);
      const args = ['install', 'pullsecret-sync', chart, '--kubeconfig', plane.kubeconfig, ...options];
      const { stdout, stderr } = await succeed(helm.run(args, valuesText(values)));
      assertNoPassword(stdout + stderr);
    });

    test('takes the pod of the schedule in a Restricted namespace', async () => {
      const pod = barePod(await helm.template({ namespace }), namespace);

      await succeed(kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], JSON.stringify(pod)));
    });

    test('refuses that pod without its security context', async () => {
      const pod = barePod(await helm.template({ namespace }), namespace);
      delete pod.spec.securityContext;

      const { status, stderr } = await kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod));

      assert.notEqual(status, 0);
      assert.match(stderr, /violates PodSecurity "restricted:latest": runAsNonRoot/);
    });

    for (const right of allowed(namespace)) {
      test(`lets the job ${right.join(' ')}`, async () => {
        assert.equal(await mayDo(account, right), true);
      });
    }

    for (const right of forbidden(namespace)) {
      test(`does not let the job ${right.join(' ')}`, async () => {
        assert.equal(await mayDo(account, right), false);
      });
    }

    test('takes an upgrade, and keeps nothing after an uninstallation', async () => {
      const helmArgs = ['--kubeconfig', plane.kubeconfig];
      const kinds =
        'secrets,configmaps,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,cronjobs,jobs,mutatingadmissionpolicies,mutatingadmissionpolicybindings';
      const selector = 'app.kubernetes.io/name=pullsecret-sync';
      const ours = async () =>
        (await succeed(kubectl(['get', kinds, '--namespace', namespace, '--selector', selector, '--output', 'name'])))
          .stdout;
      const upgrade = ['upgrade', 'pullsecret-sync', chart, ...helmArgs, ...options];

      await succeed(helm.run(upgrade, valuesText({ ...values, serviceAccounts: { include: ['*'] } })));
      assert.equal(await mayDo(account, ['patch', 'serviceaccounts/builder', 'default']), true);
      assert.match(await ours(), /^cronjob\.batch\/pullsecret-sync$/m);
      assert.match(await ours(), new RegExp(`^mutatingadmissionpolicy\\..*/${namespace}-pullsecret-sync$`, 'm'));
      await succeed(helm.run(['uninstall', 'pullsecret-sync', ...helmArgs, '--namespace', namespace, '--no-hooks']));

      assert.equal(await ours(), '');
    });
  });
});

type Right = [verb: string, resource: string, namespace?: string];

function allowed(namespace: string): Right[] {
  return [
    ['list', 'namespaces'],
    ...['create', 'patch', 'list', 'delete'].map((verb): Right => [verb, 'secrets/image-pull-secret', 'default']),
    ...['patch', 'list'].map((verb): Right => [verb, 'serviceaccounts/default', 'default']),
    ['get', 'secrets/pullsecret-sync-source', namespace],
    ['get', 'configmaps/pullsecret-sync', namespace],
    ...['create', 'patch', 'get'].map((verb): Right => [verb, 'configmaps/pullsecret-sync-status', namespace]),
  ];
}

function forbidden(namespace: string): Right[] {
  return [
    ['patch', 'namespaces'],
    ['watch', 'namespaces'],
    ['list', 'secrets'],
    ['get', 'secrets/image-pull-secret', 'default'],
    ['get', 'secrets/pullsecret-sync-source', 'default'],
    ...['create', 'patch', 'list', 'watch', 'delete'].map((verb): Right => [verb, 'secrets/other', 'default']),
    ['patch', 'secrets/pullsecret-sync-source', namespace],
    ['list', 'serviceaccounts'],
    ['patch', 'serviceaccounts/builder', 'default'],
    ['create', 'serviceaccounts/default', 'default'],
    ['patch', 'configmaps/pullsecret-sync', namespace],
    ['get', 'configmaps/pullsecret-sync-status', 'default'],
    ['create', 'pods', namespace],
    ['patch', 'cronjobs', namespace],
  ];
}

function barePod(manifests: Manifest[], namespace: string) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare', namespace }, spec: podSpec(manifests) };
}

function list(items: Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

async function succeed(outcome: Promise<Outcome>): Promise<Outcome> {
  const { status, stdout, stderr } = await outcome;
  assert.equal(status, 0, stdout + stderr);
  return { status, stdout, stderr };
}
