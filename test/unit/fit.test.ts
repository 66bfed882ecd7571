import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit } from '../../job/src/terminal/fit.ts';

test('a line that fits stays as it is', () => {
  assert.equal(fit('team-a\n  create copy  secret=x\n', 40), 'team-a\n  create copy  secret=x\n');
});

test('a longer line ends between words, and goes on further in than it began', () => {
  assert.equal(
    fit('  add reference  secret=image-pull-secret  serviceAccount=default', 40),
    '  add reference\n    secret=image-pull-secret\n    serviceAccount=default',
  );
});

test('a word that is longer than the terminal is wide is not broken', () => {
  const name = `secret=${'x'.repeat(60)}`;

  assert.equal(fit(`create copy  ${name}  now`, 40), `create copy\n  ${name}\n  now`);
});

const copied = [
  'kubectl delete pod a --namespace b --cascade=orphan',
  '{apiGroups: [""], resources: [secrets], resourceNames: [x], verbs: [create]}',
  '"kubectl config view --minify --flatten --raw"',
];
for (const command of copied) {
  test(`what people copy is never broken: ${command}`, () => {
    assert.ok(fit(`to mend it: ${command}, and then look again`, 20).includes(command));
  });
}

test('a character of two columns counts for two', () => {
  assert.equal(fit('所有 所有 所有 所有 所有', 10), '所有 所有\n  所有\n  所有\n  所有');
});
