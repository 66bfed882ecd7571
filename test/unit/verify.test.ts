import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../job/src/config/config.ts';
import { createMask } from '../../job/src/credentials/masking.ts';
import { exitCode } from '../../job/src/exit-code.ts';
import { createLog } from '../../job/src/log.ts';
import type { LoginOutcome } from '../../job/src/registry/registry-login.ts';
import { verify } from '../../job/src/registry/verify.ts';
import { testClock } from '../support/test-clock.ts';

const refused: LoginOutcome = { kind: 'refused', answer: '401 no' };
const unreachable: LoginOutcome = { kind: 'unreachable', reason: 'it is down', fix: 'mend it' };

/** The sources' files by name: the registries in each. */
type Files = Record<string, string[]>;

/** Verifies a target for each file; registries say what their name begins with. */
async function verified(files: Files, { tolerateUnreachable = false, missing = [] as string[] } = {}) {
  const outcomes: Record<string, LoginOutcome> = {
    good: { kind: 'accepted' },
    bad: refused,
    down: unreachable,
    open: { kind: 'untried', reason: 'it is open' },
  };
  const asked: string[] = [];
  const lines: string[] = [];
  const noCluster = () => assert.fail('the cluster was asked');
  const mask = createMask();
  const clock = testClock(Date.now);
  const targets = [...Object.keys(files), ...missing].map((name) => ({
    name,
    secretName: name,
    sources: [{ file: `/${name}` }],
  }));
  const config = parseConfig(JSON.stringify({ release: 'a/b', sourceTimeout: '0s', targets }), 'the test');

  const code = await verify(
    {
      cluster: { readSecret: noCluster },
      registries: {
        async tryLogin(host) {
          asked.push(host);
          return outcomes[host.split('.')[0] ?? ''] ?? refused;
        },
      },
      clock,
      readConfig: async () => config,
      async readFile(path) {
        const hosts = files[path.slice(1)];
        if (!hosts) return undefined;
        const login = { username: 'robot', password: 'a secret password' };
        return Buffer.from(JSON.stringify({ auths: Object.fromEntries(hosts.map((host) => [host, login])) }));
      },
      log: createLog({ format: 'text', clock, mask, write: (line) => lines.push(line.trim()) }),
      mask,
      signal: new AbortController().signal,
    },
    { tolerateUnreachable },
  );
  return { code, asked, lines };
}

test('each login is tried once, told with the targets that have it, and needs no cluster', async () => {
  const { code, asked, lines } = await verified({
    a: ['good.example.com'],
    b: ['good.example.com', 'open.example.com'],
  });

  assert.equal(code, exitCode.ok);
  assert.deepEqual(asked, ['good.example.com', 'open.example.com']);
  assert.deepEqual(lines, [
    'the registry accepts the login  host=good.example.com  targets=a,b',
    'the login was not tried  host=open.example.com  targets=b  reason=it is open',
  ]);
});

test('a refused login is exit code 1, with what the registry said', async () => {
  const { code, lines } = await verified({ a: ['bad.example.com', 'good.example.com'] });

  assert.equal(code, exitCode.incomplete);
  assert.match(lines[0] ?? '', /^error: the registry bad.example.com refuses the login in file \/a: 401 no {2}host=/);
  assert.match(lines[1] ?? '', /accepts/);
});

test('a registry that cannot be reached is exit code 1, or a warning where that is wanted', async () => {
  const strict = await verified({ a: ['down.example.com'] });
  const tolerant = await verified({ a: ['down.example.com'] }, { tolerateUnreachable: true });

  assert.equal(strict.code, exitCode.incomplete);
  assert.match(
    strict.lines[0] ?? '',
    /^error: the login could not be tried at the registry down.example.com: it is down/,
  );
  assert.equal(tolerant.code, exitCode.ok);
  assert.match(tolerant.lines[0] ?? '', /^warn: /);
});

test('a source that is wrong hides no other', async () => {
  const { code, asked, lines } = await verified({ a: ['good.example.com'], b: [] });

  assert.equal(code, exitCode.incomplete);
  assert.deepEqual(asked, ['good.example.com']);
  assert.match(lines[0] ?? '', /^error: file \/b has no "auths"/);
});

test('where every source is wrong nobody is asked: exit code 78, or 1 where one may still come', async () => {
  assert.equal((await verified({ a: [], b: [] })).code, exitCode.config);
  assert.equal((await verified({ a: [] }, { missing: ['late'] })).code, exitCode.incomplete);
});
