import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Placement } from '../../job/src/plan/placement.ts';
import { keyOf, onlyCounted } from '../../job/src/plan/removals.ts';
import { targetWith } from '../support/selection-cases.ts';
import { serviceAccount, version } from './plan-support.ts';

const rules = { previousServiceAccounts: [] };
const reference = { namespace: 'team-a', secretName: 'pull', serviceAccount: 'builder' };
const desired = { target: targetWith(), content: 'wanted' };
const takesOut = (...names: string[]) =>
  names.map((name) => ({
    kind: 'removeReference' as const,
    serviceAccount: serviceAccount('team-a', { name, imagePullSecrets: ['pull'] }),
  }));

function placement(rest: Partial<Placement>): Placement {
  return { namespace: 'team-a', secretName: 'pull', desired, actions: [], conflicts: [], ...rest };
}

test('each copy and each reference has a text of its own', () => {
  const { serviceAccount: _, ...copy } = reference;
  const all = [
    reference,
    copy,
    { ...reference, serviceAccount: 'default' },
    { ...copy, namespace: 'team-b' },
    { ...copy, secretName: 'pullbuilder' },
  ];

  assert.equal(new Set(all.map(keyOf)).size, all.length);
  assert.equal(keyOf({ ...reference }), keyOf(reference));
});

describe('of the removals in a plan only those that were counted are left', () => {
  test('references one by one, and all else that is to be done', () => {
    const actions = [{ kind: 'createCopy' as const }, ...takesOut('builder', 'default')];

    const [left, ...others] = onlyCounted([placement({ actions })], new Set([keyOf(reference)]), rules);

    assert.deepEqual(others, []);
    assert.deepEqual(left?.actions, actions.slice(0, 2));
  });

  test('a copy with its references', () => {
    const gone = placement({
      desired: undefined,
      actions: [...takesOut('builder'), { kind: 'deleteCopy', observed: version }],
    });

    assert.deepEqual(onlyCounted([gone], new Set(), rules), []);
    assert.deepEqual(onlyCounted([gone], new Set([keyOf(gone)]), rules), [gone]);
  });
});
