import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { createProgressBar } from '../../job/src/terminal/progress-bar.ts';
import { progressLine } from '../../job/src/terminal/progress-line.ts';

describe('the line of a progress', () => {
  const step = { what: 'namespaces', done: 250, all: 1000, elapsed: 5000 };

  test('has a bar, how many are done, the time left and the rate', () => {
    assert.equal(progressLine(step, 80), '[=======                       ] 250 of 1,000 namespaces, 15 s left, 50/s');
  });

  for (const columns of [80, 60, 40, 30, 20, 10]) {
    test(`is never as wide as the terminal: ${columns} columns`, () => {
      const line = progressLine({ ...step, done: 9_999, all: 10_000 }, columns);

      assert.ok(line.length < columns && line.includes('9,999'), line);
    });
  }

  test('has no bar and no end where nobody knows how many there are', () => {
    assert.equal(
      progressLine({ what: 'objects read', done: 12_500, elapsed: 5000 }, 80),
      '12,500 objects read, 2,500/s',
    );
  });

  test('tells long times in minutes and hours', () => {
    assert.match(progressLine({ ...step, elapsed: 100_000 }, 80), / 5 min left, 2\.5\/s$/);
    assert.match(progressLine({ ...step, elapsed: 3_600_000 }, 80), / 3\.0 h left, 0\.1\/s$/);
  });

  test('promises nothing before anything is done', () => {
    assert.match(progressLine({ ...step, done: 0 }, 80), /\] 0 of 1,000 namespaces$/);
  });
});

describe('the progress of a run', () => {
  let time: number;
  let shown: string[];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    time = 0;
    shown = [];
  });
  afterEach(() => mock.timers.reset());

  const bar = () =>
    createProgressBar(
      { setFooter: (line) => shown.push(line) },
      () => 80,
      () => time,
    );
  const pass = (milliseconds: number) => {
    time += milliseconds;
    mock.timers.tick(milliseconds);
  };

  test('is not shown for what takes a moment', () => {
    using progress = bar();

    progress.namespacesDone(1, 2);
    pass(900);

    assert.deepEqual(shown, []);
  });

  test('is shown while it lasts, and taken away in the end', () => {
    {
      using progress = bar();
      progress.namespacesDone(1, 4);
      pass(1000);
      progress.namespacesDone(2, 4);
      pass(200);
    }

    assert.match(shown[0] ?? '', /1 of 4 namespaces/);
    assert.match(shown.at(-2) ?? '', /2 of 4 namespaces/);
    assert.equal(shown.at(-1), '');
  });

  test('counts what is read until there is something to do, and not what is looked at again meanwhile', () => {
    using progress = bar();

    progress.read(500);
    progress.read(500);
    pass(1000);
    progress.namespacesDone(1, 4);
    progress.read(1);
    pass(200);

    assert.match(shown[0] ?? '', /^1,000 objects read/);
    assert.match(shown.at(-1) ?? '', /1 of 4 namespaces/);
  });
});
