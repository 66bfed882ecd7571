import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byLength } from '../../support/test-length.ts';
import {
  anyDocument,
  byteLogins,
  configFor,
  entryOf,
  goodConfigs,
  hosts,
  kinds,
  type Login,
  sourceOf,
  textLogins,
  ways,
} from './arbitraries.ts';
import type { Outcome, Source } from './deliver.ts';
import { judge } from './judge.ts';
import { readAsKubelet } from './kubelet.ts';
import { mutations } from './mutations.ts';

/** How often each property is tried, and from which seed on. A failure tells the seed and the path that lead to it. */
const numRuns = Number(process.env.HOSTILE_RUNS ?? byLength({ short: 500, long: 20_000 }));
const seed = Number(process.env.HOSTILE_SEED ?? 1);

property(
  'any login of text arrives byte for byte, however it is written',
  'delivered',
  fc.tuple(textLogins, hosts, ways, kinds),
  ([login, host, way, kind]) => {
    const config = JSON.stringify(configFor(kind, { [host]: entryOf(login, way) }));
    return arrives(login, host, sourceOf(kind, config));
  },
);

property(
  'any login of bytes arrives byte for byte in "auth"',
  'delivered',
  fc.tuple(byteLogins, hosts, kinds),
  ([login, host, kind]) => {
    const config = JSON.stringify(configFor(kind, { [host]: entryOf(login, 'auth') }));
    return arrives(login, host, sourceOf(kind, config));
  },
);

property(
  'a good docker config with random changes is delivered as the kubelet reads it, or refused, and not shown',
  'either',
  fc.tuple(goodConfigs, mutations),
  ([{ kind, content, secrets }, mutate]) => judge(sourceOf(kind, mutate(content)), secrets),
);

property(
  'a docker config of any shape is delivered as the kubelet reads it, or refused, and not shown',
  'either',
  fc.tuple(anyDocument, kinds),
  ([{ content, secrets }, kind]) => judge(sourceOf(kind, content), secrets),
);

property(
  'any bytes are refused and not shown',
  'refused',
  fc.tuple(fc.uint8Array({ maxLength: 200, size: 'max' }), kinds),
  ([array, kind]) => {
    const bytes = Buffer.from(array);
    return judge(sourceOf(kind, bytes), [bytes]);
  },
);

/** Tries it on many values, and tells how many of them were delivered. */
function property<Value>(
  what: string,
  expected: 'delivered' | 'refused' | 'either',
  values: fc.Arbitrary<Value>,
  holds: (value: Value) => Promise<Outcome>,
): void {
  test(what, async (context) => {
    let delivered = 0;
    const check = fc.asyncProperty(values, async (value) => {
      if ((await holds(value)).copy !== undefined) delivered += 1;
    });

    await fc.assert(check, { numRuns, seed });

    // One that only ever sees one side proves nothing of the other.
    if (expected === 'either') assert.ok(delivered > 0 && delivered < numRuns);
    else assert.equal(delivered, expected === 'delivered' ? numRuns : 0);
    context.diagnostic(
      `tried ${numRuns} times from seed ${seed}: ${delivered} delivered, ${numRuns - delivered} refused`,
    );
  });
}

async function arrives({ username, password }: Login, host: string, source: Source): Promise<Outcome> {
  const outcome = await judge(source, [username, password]);
  const logins = readAsKubelet(outcome.copy ?? assert.fail('it is refused'), 'kubernetes.io/dockerconfigjson');
  assert.deepEqual([...(logins ?? [])], [[host, { username, password }]]);
  return outcome;
}
