import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  V1Affinity,
  V1EnvFromSource,
  V1EnvVar,
  V1HostAlias,
  V1PodDNSConfig,
  V1PodSecurityContext,
  V1SecurityContext,
  V1Toleration,
  V1TopologySpreadConstraint,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { parse } from 'yaml';
import { chart } from './support.ts';
import { resolved, type Schema, schema } from './values-schema.ts';

const valuesFile = await readFile(`${chart}/values.yaml`, 'utf8');
const defaults = parse(valuesFile);
/** Values that hold others of ours. */
const groups = [...valuesFile.matchAll(/^(\w+):\n {2}# --/gm)].map(([, key = '']) => key);

test('the schema knows each value, and each value of the schema has a default', () => {
  assert.deepEqual(Object.keys(schema.properties ?? {}).toSorted(), Object.keys(defaults).toSorted());
  for (const key of groups) {
    assert.deepEqual(Object.keys(resolved(schema.properties?.[key]).properties ?? {}), Object.keys(defaults[key]), key);
  }
});

test('each value is explained in a comment above it', () => {
  const lines = valuesFile.split('\n');
  for (const [index, line] of lines.entries()) {
    const [, inner, key = ''] = /^( {2})?(\w+):/.exec(line) ?? [];
    const ofGroup =
      inner === undefined ||
      groups.includes(
        lines
          .slice(0, index)
          .findLast((each) => /^\w/.test(each))
          ?.replace(':', '') ?? '',
      );
    if (key && ofGroup && !groups.includes(key)) assert.match(commentAbove(lines, index), /^# -- \S/, line);
  }
});

test('no rule of a credential makes Helm quote it', () => {
  const registry = resolved(schema.properties?.registries).additionalProperties as Schema;
  for (const field of ['server', 'username', 'password']) {
    assert.deepEqual(registry.properties?.[field], { $ref: '#/definitions/credential' });
  }

  assert.deepEqual(Object.keys(schema.definitions?.credential ?? {}), ['$comment']);
});

test("fields of Kubernetes' own types are those that its client knows", () => {
  for (const [name, type] of [
    ['affinity', V1Affinity],
    ['dnsConfig', V1PodDNSConfig],
    ['env', V1EnvVar],
    ['envFrom', V1EnvFromSource],
    ['hostAlias', V1HostAlias],
    ['podSecurityContext', V1PodSecurityContext],
    ['securityContext', V1SecurityContext],
    ['toleration', V1Toleration],
    ['topologySpreadConstraint', V1TopologySpreadConstraint],
    ['volumeMount', V1VolumeMount],
  ] as const) {
    const fields = type.getAttributeTypeMap().map(({ baseName }) => baseName);
    assert.deepEqual(Object.keys(schema.definitions?.[name]?.properties ?? {}).toSorted(), fields.toSorted(), name);
  }
});

function commentAbove(lines: string[], index: number): string {
  const start = lines.findLastIndex((line, above) => above < index && !/^ *# /.test(line));
  return lines
    .slice(start + 1, index)
    .join('\n')
    .trim();
}
