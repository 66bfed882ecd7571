import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock } from '../../job/src/clock.ts';
import type { SourceSecret } from '../../job/src/cluster/cluster.ts';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { parseConfig, type Source } from '../../job/src/config/config.ts';
import type { SourceReader } from '../../job/src/credentials/read-source.ts';
import { awaitSources, type LoadedTarget, loadTargets } from '../../job/src/credentials/sources.ts';
import { ProblemError } from '../../job/src/problem.ts';
import { testClock } from '../support/test-clock.ts';

const auth = (password: string) => Buffer.from(`robot:${password}`).toString('base64');
const entries = (count: number, entry: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}.example.com`, entry]));
const document = (auths: object) => JSON.stringify({ auths });
const good = document({ 'registry.example.com': { auth: auth('s3cr3t') } });

type Secrets = Record<string, string | Error>;

function secretOf(content: string, type = 'kubernetes.io/dockerconfigjson'): SourceSecret {
  const data = { '.dockerconfigjson': Buffer.from(content).toString('base64') };
  return { uid: 'uid', resourceVersion: '7', type, data };
}

/** Reads these Secrets and files, by their names; an error is thrown. What is not in them does not exist. */
function readerOf(secrets: Secrets, files: Secrets = {}, rest: Partial<SourceReader> = {}): SourceReader {
  const given = (content: string | Error | undefined): string | undefined => {
    if (content instanceof Error) throw content;
    return content;
  };
  return {
    cluster: {
      async readSecret(_, name) {
        const content = given(secrets[name]);
        return content === undefined ? undefined : secretOf(content);
      },
    },
    async readFile(path) {
      const content = given(files[path]);
      return content === undefined ? undefined : Buffer.from(content);
    },
    clock: testClock(),
    signal: new AbortController().signal,
    ...rest,
  };
}

function configOf(...targets: Source[][]) {
  const written = targets.map((sources, index) => ({ name: `target-${index}`, secretName: `pull-${index}`, sources }));
  return parseConfig(JSON.stringify({ release: 'registry-access/pullsecret-sync', targets: written }), 'a test');
}

async function load(sources: Source[], reader: SourceReader): Promise<LoadedTarget> {
  const [loaded] = await loadTargets(configOf(sources), reader);
  return loaded ?? assert.fail('there is one target');
}

describe('a source', () => {
  test('that is there gives its content, and tells its version and what must appear nowhere', async () => {
    const loaded = await load([{ secret: 'a' }, { file: '/x' }], readerOf({ a: good }, { '/x': good }));

    assert.deepEqual([loaded.problems, loaded.warnings, loaded.missing, loaded.mayRecover], [[], [], false, false]);
    assert.deepEqual(loaded.sources, [{ source: 'Secret a', version: 'uid/7' }, { source: 'file /x' }]);
    const hidden = loaded.confidential.map((one) => one.toString());
    assert.deepEqual(hidden, [Buffer.from(good).toString('base64'), 'robot:s3cr3t', 's3cr3t']);
  });

  test('that does not exist is waited for, beside one that does', async () => {
    const { problems, ...loaded } = await load([{ secret: 'a' }, { secret: 'b' }], readerOf({ a: good }));

    assert.deepEqual([loaded.content, loaded.missing, loaded.mayRecover], [undefined, true, true]);
    assert.deepEqual(problems, [
      {
        message: 'Secret registry-access/b does not exist',
        fix: 'create it, or take it out of the sources; a run waits for it as long as "sourceTimeout" says (60 s)',
      },
    ]);
  });

  test('of another type is a problem that shows no more of the type than a line holds', async () => {
    const cluster = { readSecret: async () => secretOf(good, 'x'.repeat(200)) };

    const loaded = await load([{ secret: 'a' }], readerOf({}, {}, { cluster }));

    assert.deepEqual([loaded.warnings, loaded.missing, loaded.mayRecover], [[], false, false]);
    assert.deepEqual(loaded.problems, [
      {
        message: `Secret registry-access/a has the type "${'x'.repeat(100)}"`,
        fix: 'create it anew with the type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg',
      },
    ]);
  });

  const forbidden = new ClusterError('forbidden', { verb: 'get', resource: 'secrets', name: 'a' }, 'says the test');
  const unread = new ProblemError({ message: 'file /x is a folder', fix: 'give a file' }, 78);
  for (const [what, source, error, message] of [
    ['a Secret', { secret: 'a' }, forbidden, /^cannot get .*: says the test$/],
    ['a file', { file: '/x' }, unread, /^file \/x is a folder$/],
  ] as const) {
    test(`that cannot be read is a problem of its target, and may be read later: ${what}`, async () => {
      const reader = readerOf({ a: error, b: good }, { '/x': error });

      const loaded = await load([source, { secret: 'b' }], reader);

      assert.deepEqual([loaded.missing, loaded.mayRecover, loaded.problems.length], [false, true, 1]);
      assert.match(loaded.problems[0]?.message ?? '', message);
    });

    test(`that fails by a fault of the program ends the run: ${what}`, async () => {
      const fault = new TypeError('says the test');

      await assert.rejects(load([source], readerOf({ a: fault }, { '/x': fault })), fault);
    });
  }

  test('that is not read since the run is told to stop ends the run', async () => {
    const stopped = new ClusterError('interrupted', { verb: 'get', resource: 'secrets' }, 'says the test');

    await assert.rejects(load([{ secret: 'a' }], readerOf({ a: stopped })), stopped);
  });

  test('with many faults names its target and how many more there are', async () => {
    const jobTokens = document(entries(23, { username: 'gitlab-ci-token', password: 's3cr3t' }));
    const cloudTokens = document(entries(24, { username: 'AWS', password: 's3cr3t' }));

    const { problems } = await load([{ secret: 'a' }], readerOf({ a: jobTokens }));
    const { warnings } = await load([{ secret: 'a' }], readerOf({ a: cloudTokens }));

    assert.equal(problems.at(-1)?.message, 'target target-0 has 3 further faults, which are not named');
    assert.match(warnings.at(-1) ?? '', /^target target-0 gives reason for 4 further warnings/);
  });

  test('may be as large as a Secret, to the byte', async () => {
    const ofSize = (size: number) => {
      // The path of a key has any length; base64 comes in fours.
      const key = (pad: number) => `r.example.com/${'p'.repeat(pad)}`;
      const empty = document({ [key(1)]: { auth: '' } }).length;
      const password = 'x'.repeat(Math.floor((size - empty) / 4) * 3 - 'robot:'.length);
      const pad = 1 + size - empty - auth(password).length;
      return document({ [key(pad)]: { auth: auth(password) } });
    };

    const fits = await load([{ file: '/x' }], readerOf({}, { '/x': ofSize(1_048_576) }));
    const isTooLarge = await load([{ file: '/x' }], readerOf({}, { '/x': ofSize(1_048_577) }));

    assert.deepEqual(fits.problems, []);
    assert.match(isTooLarge.problems[0]?.message ?? '', /have 1048577 bytes together/);
  });
});

describe('waiting for sources', () => {
  /** Two targets, of which one misses a Secret and the other two, and a clock by which time goes by in sleep. */
  async function wait(appears: (elapsed: number) => Secrets) {
    let now = 0;
    const secrets: Secrets = { there: good };
    const clock: Clock = {
      ...testClock(() => now),
      async sleep(milliseconds) {
        now += milliseconds;
      },
    };
    const cluster = {
      readSecret: async (_: string, name: string) => {
        const content = { ...secrets, ...appears(now) }[name];
        return typeof content === 'string' ? secretOf(content) : undefined;
      },
    };
    const reader = readerOf({}, {}, { clock, cluster });
    const config = configOf([{ secret: 'there' }], [{ secret: 'a' }], [{ secret: 'a' }, { secret: 'b' }]);
    const loaded = await awaitSources(config, await loadTargets(config, reader), 10_000, reader);
    return { missing: loaded?.map(({ missing }) => missing), now };
  }

  test('ends as soon as one target misses nothing any more', async () => {
    const { missing, now } = await wait((elapsed) => (elapsed >= 6000 ? { a: good } : {}));

    assert.deepEqual(missing, [false, false, true]);
    assert.equal(now, 6000);
  });

  test('ends in time where nothing comes, or not all that a target misses', async () => {
    for (const secrets of [{}, { b: good }] as Secrets[]) {
      const { missing, now } = await wait(() => secrets);

      assert.equal(missing, undefined);
      assert.equal(now, 10_000);
    }
  });
});
