import assert from 'node:assert/strict';
import { deliver, type Outcome, originOf, type Source } from './deliver.ts';
import { type GoJson, readGoJson } from './go-json.ts';
import { type KubeletLogin, readAsKubelet } from './kubelet.ts';
import { reasons } from './reasons.ts';
import { traceOf } from './traces.ts';

/**
 * What holds of any source, whatever is in it. It is delivered as the kubelet would read it, and what is delivered is
 * delivered the same again; or it is refused. What is said begins with the source, is a known sentence, and shows nothing.
 *
 * @param secrets what nobody may read in what is said
 */
export async function judge(source: Source, secrets: readonly Buffer[]): Promise<Outcome> {
  const outcome = await deliver([source]);
  const content = 'file' in source ? source.file : (Object.values(source.data)[0] ?? Buffer.alloc(0));
  const document = readGoJson(withoutMark(content));
  // A change may have made the name of a registry of a secret, and names are shown.
  const names = document === undefined ? [] : keysWithin(document);
  const known = names.flatMap((name) => [name, name.toLowerCase()]).join(' ');
  for (const message of [...outcome.warnings, ...outcome.problems.map((problem) => problem.message)]) {
    const origin = originOf(source, 0);
    assert.ok(message.startsWith(origin), message);
    const rest = message.slice(origin.length).trimStart();
    assert.ok(
      Object.values(reasons).some((reason) => reason.test(rest)),
      message,
    );
  }
  assert.equal(traceOf(secrets, outcome.said, known), undefined);
  if (outcome.copy === undefined) {
    assert.ok(outcome.problems.length > 0);
    return outcome;
  }
  assert.deepEqual(outcome.problems, []);
  assert.ok(document, 'what Go takes for no JSON is delivered');
  assert.ok((await deliver([copyOf(outcome)])).copy?.equals(outcome.copy), 'a copy of the copy is another');
  assertSameLogins(source, content, document, outcome);
  return outcome;
}

function assertSameLogins(source: Source, content: Buffer, document: GoJson, { copy, warnings }: Outcome): void {
  const arrived = loginsOf(readAsKubelet(copy as Buffer, 'kubernetes.io/dockerconfigjson'));
  const readable = new Set(loginsWithin(document));
  for (const login of arrived) assert.ok(readable.has(login), 'a login arrives that is not in the source');
  // What the kubelet cannot read at all may be read by the job; a file may be of either kind.
  const type = 'file' in source ? 'kubernetes.io/dockerconfigjson' : source.type;
  const taken = loginsOf(readAsKubelet(content, type as Parameters<typeof readAsKubelet>[1]));
  if (taken.length === 0) return;
  for (const login of arrived) assert.ok(taken.includes(login), 'a login arrives that the kubelet does not take');
  const isOverruled = warnings.some((warning) => warning.endsWith('the later entry counts'));
  for (const login of taken) assert.ok(isOverruled || arrived.includes(login), 'a login is lost without a word');
}

function copyOf({ copy }: Outcome): Source {
  return { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': copy as Buffer } };
}

/** The logins that can be used, each as hexadecimal of `username:password`. */
function loginsOf(logins: Map<string, KubeletLogin> | undefined): string[] {
  const usable = [...(logins ?? new Map<string, KubeletLogin>()).values()].filter(
    ({ username, password }) => username.length > 0 && password.length > 0,
  );
  return usable.map(({ username, password }) => Buffer.concat([username, Buffer.from(':'), password]).toString('hex'));
}

/** What might be the login of any object in a document, wherever that is: hexadecimal. */
function loginsWithin(value: GoJson): string[] {
  if (value.kind !== 'object') return [];
  const field = (name: string): Buffer => {
    const found = value.members.find(([key, text]) => key.toLowerCase() === name && text.kind === 'string')?.[1];
    return found?.kind === 'string' ? found.bytes : Buffer.alloc(0);
  };
  const own = [
    Buffer.from(field('auth').toString('utf8'), 'base64'),
    Buffer.concat([field('username'), Buffer.from(':'), field('password')]),
  ];
  return [...own.map((login) => login.toString('hex')), ...value.members.flatMap(([, inside]) => loginsWithin(inside))];
}

function keysWithin(value: GoJson): string[] {
  return value.kind === 'object' ? value.members.flatMap(([key, inside]) => [key, ...keysWithin(inside)]) : [];
}

/** Without the byte order mark with which a source may begin. */
function withoutMark(content: Buffer): Buffer {
  return content.subarray(0, 3).toString('hex') === 'efbbbf' ? content.subarray(3) : content;
}
