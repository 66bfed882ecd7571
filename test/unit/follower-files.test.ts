import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followerTest } from './follower-support.ts';

const minute = 60_000;

/** A follower whose source is a file, and a registry that knows the passwords that begin with `right`. */
async function fileTest(password: string, teams = 1) {
  let text: string | undefined = configText(password);
  const asked: string[] = [];
  const follower = await followerTest(teams, {
    sources: [{ file: '/etc/credentials/config.json' }],
    readFile: async () => (text === undefined ? undefined : Buffer.from(text)),
    async tryLogin(_host, { auth }) {
      const password = auth.toString().slice('robot:'.length);
      asked.push(password);
      return password.startsWith('right') ? { kind: 'accepted' } : { kind: 'refused', answer: '401 locked' };
    },
  });
  return {
    ...follower,
    asked,
    write: (now: string | undefined) => {
      text = now;
    },
    /** The password in the copy. */
    password() {
      const content = follower.contentOf('team-0');
      if (content === undefined) return undefined;
      const { auths } = JSON.parse(Buffer.from(content, 'base64').toString());
      return Buffer.from(auths['registry.example.com'].auth, 'base64').toString().slice('robot:'.length);
    },
  };
}

function configText(password: string): string {
  return JSON.stringify({ auths: { 'registry.example.com': { username: 'robot', password } } });
}

test('a file that a registry refused is tried again as soon as its content changes', async () => {
  const { asked, password, write, goOn, end } = await fileTest('wrong');
  await goOn(minute);

  write(configText('wrong too'));
  await goOn(minute);
  write(configText('right'));
  await goOn(minute);
  await end();

  assert.deepEqual(asked, ['wrong', 'wrong too', 'right']);
  assert.equal(password(), 'right');
});

test('a content that was refused is not tried at each look, and not by a follower that starts anew', async () => {
  const { asked, people, goOn, restart, end } = await fileTest('wrong');
  await goOn(minute);

  await people.createNamespace('team-1');
  await people.createServiceAccount('kube-controller-manager', 'team-1', 'default');
  await people.patchNamespace('team-1', { labels: { tier: 'gold' } });
  await goOn(minute);
  await restart();
  await goOn(minute);
  await end();

  assert.deepEqual(asked, ['wrong']);
});

test('a content that is refused as the first namespace comes is not tried by a follower that starts anew', async () => {
  const { asked, people, goOn, restart, end } = await fileTest('wrong', 0);
  await goOn(minute);

  await people.createNamespace('first');
  await people.createServiceAccount('kube-controller-manager', 'first', 'default');
  await people.patchNamespace('first', { labels: { tier: 'gold' } });
  await goOn(minute);
  await restart();
  await goOn(minute);
  await end();

  assert.deepEqual(asked, ['wrong']);
});

test('a content that was refused is tried again after five minutes, and then after ten', async () => {
  const { asked, goOn, end } = await fileTest('wrong');

  await goOn(4 * minute);
  const first = asked.length;
  await goOn(2 * minute);
  const second = asked.length;
  await goOn(8 * minute);
  const third = asked.length;
  await goOn(2 * minute);
  await end();

  assert.deepEqual([first, second, third, asked.length], [1, 2, 2, 3]);
});

test('a follower that starts anew knows a changed file from the one that it found', async () => {
  const { asked, password, write, goOn, restart, end } = await fileTest('wrong');
  await goOn(minute);
  await restart();
  await goOn(minute);

  write(configText('right'));
  await goOn(minute);
  await end();

  assert.deepEqual(asked, ['wrong', 'right']);
  assert.equal(password(), 'right');
});

test('what is half-written or gone for a moment is no login, and what comes then is tried at once', async () => {
  const { asked, password, write, goOn, end } = await fileTest('right');
  await goOn(minute);
  const rotated = configText('right, and rotated');

  for (const moment of [rotated.slice(0, 30), '', undefined]) {
    write(moment);
    await goOn(minute);
    assert.equal(password(), 'right');
  }
  write(rotated);
  await goOn(minute);
  await end();

  assert.deepEqual(asked, ['right', 'right, and rotated']);
  assert.equal(password(), 'right, and rotated');
});

test('a content that comes and goes between two looks at the file is in no copy for long', async () => {
  const { people, password, write, goOn, end } = await fileTest('right');
  // A look at the file is a moment ago then, and the next one is in nearly two seconds.
  await goOn(minute + 100);

  write(configText('right, for a second'));
  await people.deleteSecret('team-0', 'pull');
  await goOn(500);
  const meanwhile = password();
  write(configText('right'));
  await goOn(minute);
  await end();

  assert.equal(meanwhile, 'right, for a second');
  assert.equal(password(), 'right');
});
