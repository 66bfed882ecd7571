import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const module = (name: string) => JSON.stringify(new URL(`../../support/leaks/${name}.ts`, import.meta.url).href);
const start = `
  import { execFile, spawn } from 'node:child_process';
  import { once } from 'node:events';
  import { mayShowSecrets } from ${module('programs')};
  import { uniquePassword } from ${module('unique-password')};
  import { searchObject, searchOutput } from ${module('verdict')};
  const password = uniquePassword('password', ',p@ss"w\\\\ord');
  const show = (stream) => [process.execPath, ['-e', 'process.' + stream + '.write(process.env.SHOWN)'], { env: { SHOWN: password } }];
`;

/** A process with a password, in which this happens. */
async function ended(script: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', start + script], {
    env: { ...process.env, ...env },
  });
  const [code, said] = await Promise.all([once(child, 'close'), text(child.stderr)]);
  return { code: code[0], said };
}

const plants: Array<[where: string, script: string, place: RegExp]> = [
  ['the standard output of a program', `execFile(...show('stdout'), () => {});`, /plain, in stdout of node -e /],
  ['the standard error of a program', `execFile(...show('stderr'), () => {});`, /plain, in stderr of node -e /],
  ['an output that nobody reads', `spawn(...show('stdout'));`, /in stdout of node/],
  [
    'an output that is read late',
    `const child = spawn(...show('stdout')); await once(child, 'exit'); child.stdout.resume();`,
    /in stdout of node/,
  ],
  [
    'the output of a program that fails, by base64 in its arguments',
    `execFile('sh', ['-c', 'echo ' + btoa(password) + '; exit 3'], () => {});`,
    /base64, in stdout$/m,
  ],
  [
    'a program that still runs',
    `const child = spawn('sh', ['-c', 'echo "$0"; exec sleep 60', password]);
     await once(child.stdout, 'data'); process.on('exit', () => child.kill()); process.exit();`,
    /plain, in stdout$/m,
  ],
  ['a file', `searchOutput('report.yaml', 'a: ' + password);`, /plain, in report\.yaml/],
  ['its own output', `console.log(password);`, /plain, in what the test file itself printed/],
  [
    'an object of a cluster',
    `searchObject('/registry/configmaps/a/b', JSON.stringify({ password }));`,
    /configmaps\/a\/b/,
  ],
];

for (const [where, script, place] of plants) {
  test(`a process ends as a failure after a password was in ${where}, and does not repeat it`, async () => {
    const { code, said } = await ended(`${script}\nprocess.on('exit', () => process.stdout.write(password));`);

    assert.equal(code, 1, said);
    assert.match(said, /^A secret is shown: password, /);
    assert.match(said, place);
    assert.doesNotMatch(said, /password-\w|w\\ord/);
  });
}

test('a process ends as a failure after a program showed a token of a ServiceAccount', async () => {
  const header = Buffer.from('{"alg":"RS256","kid":"x"}').toString('base64url');

  const { code, said } = await ended(`execFile('echo', ['Authorization: Bearer ${header}.e30.x'], () => {});`);

  assert.match(said, /^A secret is shown: a token, plain, in stdout$/m);
  assert.equal(code, 1);
});

test('a test with a password in its name fails its file, whatever other characters the name has', async () => {
  const script = `const { test } = await import('node:test'); test('“' + password + '” is taken', () => {});`;

  const { code, said } = await ended(script, { NODE_TEST_CONTEXT: 'child-v8' });

  assert.match(said, /^A secret is shown: password, plain, in what the test file itself printed/);
  assert.equal(code, 1);
});

test('what a program shows that may show secrets is no failure', async () => {
  const { code, said } = await ended(`mayShowSecrets('it is made to', () => execFile(...show('stdout'), () => {}));`);

  assert.equal(said, '');
  assert.equal(code, 0);
});

test('nor is what programs show that show none', async () => {
  const { code, said } = await ended(`execFile('echo', ['nothing'], () => {});`);

  assert.equal(said, '');
  assert.equal(code, 0);
});
