import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Problem, ProblemError } from '../../../job/src/problem.ts';
import { importOf, secret as secretRecord } from '../import-support.ts';
import { hostileCases } from './cases/index.ts';
import { deliver, type Outcome, originOf, type SecretSource, type Source } from './deliver.ts';
import { auth, configOf, type Delivery, type HostileCase, secret } from './hostile-case.ts';
import { readAsKubelet } from './kubelet.ts';
import { assertSaid } from './said.ts';
import { traceOf } from './traces.ts';

describe('a hostile source', () => {
  for (const hostile of hostileCases) {
    const { what, sources, expected } = hostile;
    if ('logins' in expected) {
      test(`${what}: is delivered byte for byte`, async () => {
        const outcome = await deliver(sources);

        assertDelivered(outcome, sources, expected);
        assertNoSecret(outcome.said, hostile);
      });
    } else {
      test(`${what}: is refused, with source and reason and no value`, async () => {
        const outcome = await deliver(sources);

        assert.equal(outcome.copy, undefined);
        assertSaid(messagesOf(outcome.problems), expected.refused, sources.map(originOf));
        assertNoSecret(outcome.said, hostile);
      });
    }
  }

  test('is one of many, each of which is another', (context) => {
    const delivered = hostileCases.filter(({ expected }) => 'logins' in expected).length;
    const refused = hostileCases.length - delivered;
    context.diagnostic(`hostile sources: ${hostileCases.length} (${delivered} delivered, ${refused} refused)`);

    assert.equal(new Set(hostileCases.map(({ what }) => what)).size, hostileCases.length);
    assert.equal(new Set(hostileCases.map(({ sources }) => JSON.stringify(sources))).size, hostileCases.length);
    // The README has these numbers.
    assert.ok(delivered >= 392 && refused >= 480);
  });
});

test('an import of hostile Secrets tells no value of them either', async () => {
  const harmless = await toldByImport(secret(configOf({ auth })) as SecretSource);
  for (const hostile of hostileCases) {
    for (const source of hostile.sources) {
      if ('file' in source) continue;
      assertNoSecret(await toldByImport(source), hostile, harmless);
    }
  }
});

/** The copy holds what is expected and nothing else, and no other login than the kubelet would take from the source. */
function assertDelivered(outcome: Outcome, sources: readonly Source[], { logins, warnings }: Delivery): void {
  assert.deepEqual(messagesOf(outcome.problems), []);
  assertSaid(outcome.warnings, warnings, sources.map(originOf));
  assert.deepEqual(loginsIn(outcome.copy as Buffer, 'kubernetes.io/dockerconfigjson'), hexOf(logins));
  const taken = sources.map((source) => ('file' in source ? undefined : takenByKubelet(source)));
  if (taken.includes(undefined)) return;
  const known = new Set(taken.flatMap((one) => Object.values(one ?? {})));
  for (const login of Object.values(hexOf(logins))) assert.ok(known.has(login), 'the kubelet takes another login');
}

/** @param known what is said of a harmless source too */
function assertNoSecret(text: string, { secrets, expected }: HostileCase, known = ''): void {
  const hosts = 'logins' in expected ? Object.keys(expected.logins).join(' ') : '';
  assert.equal(traceOf(secrets, text, `${known} ${hosts}`), undefined);
}

function messagesOf(problems: readonly Problem[]): string[] {
  for (const { fix } of problems) assert.match(fix, /^[^.].{10,}[^.]$/);
  return problems.map(({ message }) => message);
}

function takenByKubelet({ type, data }: SecretSource): Record<string, string> | undefined {
  if (type !== 'kubernetes.io/dockerconfigjson' && type !== 'kubernetes.io/dockercfg') return undefined;
  const content = data[type.replace('kubernetes.io/', '.')] ?? Buffer.alloc(0);
  return loginsIn(content, type);
}

function loginsIn(content: Buffer, type: Parameters<typeof readAsKubelet>[1]): Record<string, string> | undefined {
  const logins = readAsKubelet(content, type);
  if (logins === undefined) return undefined;
  const bytes = [...logins].map(([host, { username, password }]) => [host, Buffer.concat([username, colon, password])]);
  return hexOf(Object.fromEntries(bytes));
}

const colon = Buffer.from(':');

function hexOf(logins: Record<string, Buffer>): Record<string, string> {
  return Object.fromEntries(Object.entries(logins).map(([host, login]) => [host, login.toString('hex')]));
}

async function toldByImport({ type, data }: SecretSource): Promise<string> {
  const content = (data['.dockerconfigjson'] ?? data['.dockercfg'] ?? Buffer.alloc(0)).toString('base64');
  try {
    const { text, told } = await importOf({ namespaces: ['a'], secrets: [secretRecord('a', { type, content })] });
    return [text, ...told].join('\n');
  } catch (error) {
    if (error instanceof ProblemError && 'told' in error) return `${error.told}\n${error.message}`;
    throw error;
  }
}
