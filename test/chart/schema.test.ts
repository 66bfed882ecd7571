import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentials, password, withEachHelm } from './support.ts';
import { resolved, type Schema, schema } from './values-schema.ts';

const wrong: [values: object, error: RegExp][] = [
  [{ maxRemovePercent: 101 }, /'\/maxRemovePercent': maximum: got 101, want 100/],
  [{ concurrency: 0 }, /'\/concurrency': minimum: got 0, want 1/],
  [{ concurrency: 33 }, /'\/concurrency': maximum: got 33, want 32/],
  [{ concurrency: 1.5 }, /'\/concurrency': got number, want integer/],
  [{ recreateStuckPods: { maxPerRun: 0 } }, /'\/recreateStuckPods\/maxPerRun': minimum: got 0, want 1/],
  [{ recreateStuckPods: { enabled: 'yes' } }, /'\/recreateStuckPods\/enabled': got string, want boolean/],
  [{ events: { enabled: 1 } }, /'\/events\/enabled': got number, want boolean/],
  [{ startingDeadlineSeconds: 9 }, /'\/startingDeadlineSeconds': minimum: got 9, want 10/],
  [{ activeDeadlineSeconds: 0 }, /'\/activeDeadlineSeconds': minimum: got 0, want 1/],
  [{ activeDeadlineSeconds: null }, /missing property 'activeDeadlineSeconds'/],
  [{ backoffLimit: -1 }, /'\/backoffLimit': minimum: got -1, want 0/],
  [{ backoffLimit: '1' }, /'\/backoffLimit': got string, want integer/],
  [{ suspend: 'true' }, /'\/suspend': got string, want boolean/],
  [{ onConflict: 'overwrite' }, /'\/onConflict': value must be one of 'keep', 'adopt'/],
  [{ runOnInstall: { failOn: 'none' } }, /'\/runOnInstall\/failOn': value must be one of 'all', 'any'/],
  [{ admissionPolicy: { enabled: 'on' } }, /'\/admissionPolicy\/enabled': value must be one of 'auto', true, false/],
  [{ guardPolicy: { enabled: 'on' } }, /'\/guardPolicy\/enabled': value must be one of 'auto', true, false/],
  [{ admissionPolicy: { enabled: null } }, /'\/admissionPolicy': missing property 'enabled'/],
  [{ profiles: { a: { priority: 1.5 } } }, /'\/profiles\/a\/priority': got number, want integer/],
  [{ profiles: { a: { priority: '1' } } }, /'\/profiles\/a\/priority': got string, want integer/],
  [
    { profiles: { a: { namespaces: { exclude: null } } } },
    /'\/profiles\/a\/namespaces\/exclude': got null, want array/,
  ],
  [{ profiles: [] }, /'\/profiles': got array, want object/],
  [{ image: { tag: 1.1 } }, /'\/image\/tag': got number, want string/],
  [{ image: { digest: 'latest' } }, /'\/image\/digest': 'latest' does not match pattern/],
  [{ image: { pullPolicy: 'always' } }, /'\/image\/pullPolicy': value must be one of 'Always'/],
  [{ existingSecrets: 'team' }, /'\/existingSecrets': got string, want array/],
  [{ existingSecrets: ['a', 'a'] }, /'\/existingSecrets': items at 0 and 1 are equal/],
  [{ imagePullSecrets: [{ name: 'a' }] }, /'\/imagePullSecrets\/0': got object, want string/],
  [{ namespaces: { include: [1] } }, /'\/namespaces\/include\/0': got number, want string/],
  [
    { namespaces: { selector: { matchExpressions: [{ key: 'a', operator: 'Eq' }] } } },
    /matchExpressions\/0\/operator': value must be one of 'In'/,
  ],
  [
    { namespaces: { selector: { matchLabels: { a: true } } } },
    /'\/namespaces\/selector\/matchLabels\/a': got boolean, want string/,
  ],
  [{ serviceAccounts: { exclude: null } }, /'\/serviceAccounts': missing property 'exclude'/],
  [{ cleanupDeadlineSeconds: 0 }, /'\/cleanupDeadlineSeconds': minimum: got 0, want 1/],
  [{ cleanupOnUninstall: 'yes' }, /'\/cleanupOnUninstall': got string, want boolean/],
  [{ helmHooks: null }, /missing property 'helmHooks'/],
  [{ ttlSecondsAfterFinished: -1 }, /'\/ttlSecondsAfterFinished': minimum: got -1, want 0/],
  [{ terminationGracePeriodSeconds: '30' }, /'\/terminationGracePeriodSeconds': got string, want integer/],
  [{ dnsPolicy: 'Cluster' }, /'\/dnsPolicy': value must be one of '', 'ClusterFirst'/],
  [{ tolerations: { key: 'a' } }, /'\/tolerations': got object, want array/],
  [{ tolerations: [{ effect: 'Evict' }] }, /'\/tolerations\/0\/effect': value must be one of 'NoSchedule'/],
  [{ extraEnv: [{ value: 'a' }] }, /'\/extraEnv\/0': missing property 'name'/],
  [{ extraEnv: [{ name: 'A', value: 1 }] }, /'\/extraEnv\/0\/value': got number, want string/],
  [{ extraVolumeMounts: [{ name: 'a' }] }, /'\/extraVolumeMounts\/0': missing property 'mountPath'/],
  [{ extraVolumes: [{ emptyDir: {} }] }, /'\/extraVolumes\/0': missing property 'name'/],
  [{ extraObjects: [1] }, /'\/extraObjects\/0': got number, want object or string|string or object/],
  [{ commonLabels: { a: 'b c' } }, /'\/commonLabels\/a': 'b c' does not match pattern/],
  [{ podLabels: { a: 'b'.repeat(64) } }, /'\/podLabels\/a': maxLength: got 64, want 63/],
  [{ networkPolicy: { ports: ['443'] } }, /'\/networkPolicy\/ports\/0': got string, want integer/],
  [{ networkPolicy: { ports: [0] } }, /'\/networkPolicy\/ports\/0': minimum: got 0, want 1/],
  [{ prometheusRule: { noSuccessMinutes: 0 } }, /'\/prometheusRule\/noSuccessMinutes': minimum: got 0, want 1/],
  [
    { externalSecret: { secretStoreRef: { kind: 'Store' } } },
    /'\/externalSecret\/secretStoreRef\/kind': value must be/,
  ],
  [{ externalSecret: { remoteRef: {} } }, /'\/externalSecret\/remoteRef': missing property 'key'/],
  [{ proxy: { https: 3128 } }, /'\/proxy\/https': got number, want string/],
  [{ nodeSelector: { a: true } }, /'\/nodeSelector\/a': got boolean, want string/],
  [{ podAnnotations: { a: 1 } }, /'\/podAnnotations\/a': got number, want string/],
];

withEachHelm('schema', (helm) => {
  for (const path of closedObjects(schema)) {
    test(`refuses an unknown key in ${path.join('.') || 'the values'}`, async () => {
      const values = merge(credentials, path.reduceRight<unknown>(wrap, { misspelt: password }));

      const error = await helm.refusal({ values });

      assert.match(error, /additional properties 'misspelt' not allowed/);
      assert.ok(error.includes(`'${path.length > 0 ? '/' : ''}${path.join('/')}'`), error);
    });
  }

  for (const [values, expected] of wrong) {
    test(`refuses ${JSON.stringify(values)}`, async () => {
      assert.match(await helm.refusal({ values: { ...credentials, ...values } }), expected);
    });
  }

  test('lets Helm add global values', async () => {
    await helm.template({ values: { ...credentials, global: { region: 'eu' } } });
  });
});

/** The paths of all objects that take no other keys; `main` and `0` stand for any key and item. */
function closedObjects(reference: Schema, path: string[] = []): string[][] {
  const node = resolved(reference);
  const inner = [
    ...Object.entries(node.properties ?? {}).flatMap(([key, child]) => closedObjects(child, [...path, key])),
    ...(typeof node.additionalProperties === 'object'
      ? closedObjects(node.additionalProperties, [...path, 'main'])
      : []),
    ...(node.items ? closedObjects(node.items, [...path, '0']) : []),
  ];
  return node.additionalProperties === false ? [path, ...inner] : inner;
}

function wrap(value: unknown, key: string): unknown {
  return key === '0' ? [value] : { [key]: value };
}

function merge(base: unknown, over: unknown): object {
  const merged: Record<string, unknown> = { ...(base as object) };
  for (const [key, value] of Object.entries(over as object)) {
    merged[key] = typeof merged[key] === 'object' ? merge(merged[key], value) : value;
  }
  return merged;
}
