import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineTest, targetOf } from './engine-support.ts';

/** A config with one registry, whose password makes it that long; base64 adds a third. */
function configOf(host: string, bytes: number): Buffer {
  const auth = Buffer.from(`robot:${'p'.repeat(bytes)}`).toString('base64');
  return Buffer.from(JSON.stringify({ auths: { [host]: { auth } } }));
}

for (const [what, bytes, fits] of [
  ['just fit in a Secret', 390_000, true],
  ['are larger together than a Secret', 400_000, false],
] as const) {
  test(`two sources that ${what} are ${fits ? 'used' : 'a problem of the target, which says by how much'}`, async () => {
    const world = await engineTest({
      targets: [{ ...targetOf('default', 'a'), sources: [{ secret: 'a' }, { secret: 'b' }] }],
    });
    for (const name of ['a', 'b']) {
      const data = { '.dockerconfigjson': configOf(`${name}.example.com`, bytes).toString('base64') };
      await world.people.createSecret('kubectl', {
        namespace: 'registry-access',
        name,
        type: 'kubernetes.io/dockerconfigjson',
        data,
      });
    }

    const { targets } = await world.run();

    const messages = targets.flatMap(({ problems }) => problems.map(({ message }) => message));
    if (fits) assert.deepEqual(messages, []);
    else
      assert.match(
        messages[0] ?? '',
        /^the credentials of target default \(Secret registry-access\/a, Secret registry-access\/b\) have 1066755 bytes together, and a Secret holds 1048576 at most$/,
      );
  });
}
