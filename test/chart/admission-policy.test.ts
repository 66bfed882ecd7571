import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1MutatingAdmissionPolicySpec } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { configText, credentials, existing, type Helm, has, type Manifest, one, withEachHelm } from './support.ts';

const served = ['--api-versions', 'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy'];
const beta = ['--api-versions', 'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy'];

withEachHelm('admission policy', (helm) => {
  for (const [enabled, where, args, rendered] of [
    ['auto', 'the cluster serves it', served, true],
    ['auto', 'the cluster does not serve it', [], false],
    ['auto', 'the cluster serves a beta version', beta, false],
    [true, 'the cluster serves it', served, true],
    [true, 'the cluster does not serve it', [], true],
    [false, 'the cluster serves it', served, false],
    [false, 'the cluster does not serve it', [], false],
  ] as const) {
    test(`with ${enabled} is ${rendered ? '' : 'not '}there where ${where}, and all else is`, async () => {
      const manifests = await helm.template({
        values: { ...credentials, admissionPolicy: { enabled } },
        args: [...args],
      });

      assert.equal(has(manifests, 'MutatingAdmissionPolicy'), rendered);
      assert.equal(has(manifests, 'MutatingAdmissionPolicyBinding'), rendered);
      const off = await helm.template({ values: { ...credentials, admissionPolicy: { enabled: false } } });
      const aware = ({ kind }: Manifest) => /^(MutatingAdmissionPolicy|ConfigMap$|ClusterRole$)/.test(kind);
      assert.deepEqual(
        manifests.filter((each) => !aware(each)),
        off.filter((each) => !aware(each)),
      );
      assert.deepEqual(one(manifests, 'ClusterRole'), one(off, 'ClusterRole'));
      const { objects } = parse(configText(manifests));
      assert.equal(objects.admissionPolicyBinding, rendered ? 'registry-access-pullsecret-sync' : undefined);
    });
  }

  test('is auto by default', async () => {
    assert.equal(has(await helm.template({ args: served }), 'MutatingAdmissionPolicy'), true);
    assert.equal(has(await helm.template(), 'MutatingAdmissionPolicy'), false);
  });

  test('sees ServiceAccounts that are made or changed, never stops them, and comes again after webhooks', async () => {
    const { matchConstraints, failurePolicy, reinvocationPolicy } = await spec(helm);

    assert.deepEqual(matchConstraints?.resourceRules, [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['serviceaccounts'],
        scope: 'Namespaced',
      },
    ]);
    assert.equal(failurePolicy, 'Ignore');
    assert.equal(reinvocationPolicy, 'IfNeeded');
  });

  test('is bound to the whole cluster, since the selection is its own', async () => {
    const manifests = await helm.template({ args: served });

    assert.deepEqual(one(manifests, 'MutatingAdmissionPolicyBinding').spec, {
      policyName: one(manifests, 'MutatingAdmissionPolicy').metadata?.name,
    });
  });

  test('wants the reference under the same rules as the job, by default', async () => {
    const system = 'kube-system|kube-public|kube-node-lease|openshift|openshift-.*';

    assert.equal(
      await variable(helm, 'wanted'),
      [
        'variables.excluded ? [] :',
        '(',
        '  ([',
        `    {"selects": request.namespace.matches("^(.*)$") && !request.namespace.matches("^(${system})$"), "wants": variables.name.matches("^(default)$")}`,
        '  ].filter(target, target.selects).map(target, target.wants) + [false])[0] ? ["image-pull-secret"] : []',
        ')',
      ].join('\n'),
    );
    assert.equal(
      await variable(helm, 'excluded'),
      [
        'variables.name == "" ||',
        'variables.annotations[?"pullsecret-sync.io/exclude"] == optional.of("true") ||',
        'variables.namespaceAnnotations[?"pullsecret-sync.io/exclude"] == optional.of("true") ||',
        'variables.namespaceAnnotations[?"k8s.titansoft.com/imagepullsecret-patcher-exclude"] == optional.of("true")',
      ].join('\n'),
    );
  });

  test('names the copy', async () => {
    assert.match(await variable(helm, 'wanted', { secretName: 'regcred' }), /\? \["regcred"\] : \[\]/);
  });

  test('marks with the release', async () => {
    assert.match(await variable(helm, 'missingMarks'), /"infra\/creds:" \+ name/);
  });

  test('excludes nothing by name where nothing is excluded', async () => {
    const wanted = await variable(helm, 'wanted', { namespaces: { excludeSystem: false } });

    assert.doesNotMatch(wanted, /!request|!variables/);
  });

  test('takes every sign of a glob but * and ? for itself', async () => {
    const wanted = await variable(helm, 'wanted', {
      namespaces: { include: ['a.b', 'c?-*'], exclude: ['*.d'] },
      serviceAccounts: { exclude: ['e.?'] },
    });

    assert.ok(wanted.includes(String.raw`request.namespace.matches("^(a\\.b|c.-.*)$")`), wanted);
    assert.ok(wanted.includes(String.raw`!request.namespace.matches("^(.*\\.d|kube-system|`), wanted);
    assert.ok(wanted.includes(String.raw`!variables.name.matches("^(e\\..)$")`), wanted);
  });

  test('lets no value end a CEL string', async () => {
    const wanted = await variable(helm, 'wanted', {
      namespaces: {
        selector: {
          matchLabels: { 'a"b': 'c\\"d' },
          matchExpressions: [{ key: 'e"', operator: 'In', values: ["f'g", 'h\ni', '{{ fail "j" }}'] }],
        },
      },
    });

    assert.ok(wanted.includes(String.raw`variables.namespaceLabels[?"a\"b"] == optional.of("c\\\"d")`), wanted);
    assert.ok(
      wanted.includes(
        String.raw`("e\"" in variables.namespaceLabels && variables.namespaceLabels["e\""] in ["f'g","h\ni","{{ fail \"j\" }}"])`,
      ),
      wanted,
    );
  });
});

async function spec(helm: Helm, values: object = {}): Promise<V1MutatingAdmissionPolicySpec> {
  const options = { release: 'creds', namespace: 'infra', args: served, values: { ...existing, ...values } };
  const policy = one(await helm.template(options), 'MutatingAdmissionPolicy');
  assert.ok(policy.spec);
  return policy.spec;
}

/** The CEL of a variable. */
async function variable(helm: Helm, wanted: string, values: object = {}): Promise<string> {
  const found = (await spec(helm, values)).variables?.find(({ name }) => name === wanted);
  assert.ok(found);
  return found.expression;
}
