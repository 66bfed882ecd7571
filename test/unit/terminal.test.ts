import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { bundleFile } from '../../scripts/build.ts';
import { openScreen } from '../support/screen.ts';

const run = promisify(execFile);
const program = `${process.execPath} ${bundleFile}`;
const commands = ['sync', 'plan', 'status', 'verify', 'cleanup', 'import', 'completion'];
/** Of a command line that fails at once, since there is no cluster. */
const failing = 'plan --config none.yaml --kubeconfig none';

/** What a program prints on a terminal, and its exit code. */
async function onTerminal(args: string, { env = {}, columns }: { env?: NodeJS.ProcessEnv; columns?: number } = {}) {
  await using screen = openScreen(`${program} ${args}`, env, columns);
  const code = await screen.ended;
  return { code, text: screen.text(), sent: screen.sent(), isRed: screen.isColoured('error:') };
}

/** What it prints to a shell's pipes. */
async function inShell(commands: string, env: NodeJS.ProcessEnv = {}) {
  return run('sh', ['-c', commands], { env: { PATH: process.env.PATH, ...env } });
}

test('the help of each command has examples, and at 40 columns only what is to be copied is longer', async () => {
  const all = ['', ...commands].map((command) => `${program} ${command} --help`).join('; ');
  await using screen = openScreen(all, { NO_COLOR: '1' }, 40);
  await screen.ended;

  const lines = screen.sent().split('\r\n');
  for (const command of commands)
    assert.ok(
      lines.some((line) => line.startsWith(`  pullsecret-sync ${command}`)),
      command,
    );
  const long = lines.filter((line) => line.length > 40);
  assert.deepEqual(
    long.filter((line) => !/^(Usage:| {2}pullsecret-sync| {2}source) /.test(line)),
    [],
  );
});

test('on a terminal an error is coloured, and its lines end between words', async () => {
  const { text, isRed } = await onTerminal(failing, { columns: 40 });

  assert.ok(isRed);
  assert.equal(
    text,
    `error: there is no kubeconfig none
  fix: name another one with
    --kubeconfig or $KUBECONFIG`,
  );
});

for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
  test(`there are no colours with ${JSON.stringify(env)}`, async () => {
    for (const args of [failing, 'snyc', 'plan --help']) {
      const { sent } = await onTerminal(args, { env });

      assert.ok(!sent.includes('\x1b'), sent);
    }
  });
}

test('a pipe gets colours only where they are forced, and JSON never', async () => {
  const json = await inShell(`${program} ${failing} || true`, { FORCE_COLOR: '1' });
  const text = { PULLSECRET_SYNC_LOG_FORMAT: 'text' };
  const plain = await inShell(`${program} ${failing} || true`, text);
  const forced = await inShell(`${program} ${failing} || true`, { ...text, FORCE_COLOR: '1' });

  assert.ok(!json.stdout.includes('\x1b') && JSON.parse(json.stdout));
  assert.ok(!plain.stdout.includes('\x1b'));
  assert.equal(forced.stdout, plain.stdout.replace('error:', '\x1b[31merror:\x1b[39m'));
});

for (const args of ['--help', 'plan --help', 'completion bash', 'plan']) {
  test(`a pipe that closes early is no error to tell of: ${args}`, async () => {
    const { stderr } = await inShell(`${program} ${args} | true; ${program} ${args} | head -n 1`);

    assert.equal(stderr, '');
  });
}

test('help and completion are there although the environment makes no sense', async () => {
  const env = { PULLSECRET_SYNC_LOG_FORMAT: 'jsno' };

  assert.match((await inShell(`${program} --help`, env)).stdout, /^Usage:/);
  assert.equal((await inShell(`${program} complete -- ver`, env)).stdout.split('\t')[0], 'verify');
  const { text, code } = await onTerminal('plan', { env });
  assert.equal(code, 64);
  assert.match(
    text,
    /PULLSECRET_SYNC_LOG_FORMAT has no\s+usable value.*set\s+PULLSECRET_SYNC_LOG_FORMAT to auto, json or text/s,
  );
});

const wrong: Array<[args: string, suggestion: RegExp]> = [
  ['snyc', /Did you mean sync\?/],
  ['plan --contxt x', /Did you mean --context\?/],
  ['completion bsh', /Allowed choices are bash, zsh, fish\.\n\(Did you mean bash\?\)/],
  ['plan --config-map x', /must be <namespace>\/<name>/],
  ['plan --config a --config-map b/c', /cannot be used with option '--config <file>'/],
  ['plan x', /Expected 0 arguments/],
];
for (const [args, suggestion] of wrong) {
  test(`a wrong command line says what to do next: ${args}`, async () => {
    const { code, text } = await onTerminal(args, { columns: 120 });

    assert.equal(code, 64);
    assert.match(text, suggestion);
    assert.match(text, /\(see: pullsecret-sync .*--help\)$/);
  });
}
