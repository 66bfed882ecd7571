import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverClock } from '../../job/src/cluster/server-clock.ts';
import { testClock } from '../support/test-clock.ts';

const right = Date.parse('2026-01-01T12:00:00Z');
const hour = 3_600_000;

/** A clock that is ahead of the API server's by so many milliseconds, and what it says of that. */
function clockAhead(by: number) {
  const told: string[] = [];
  let here = right + by;
  const clock = serverClock(
    testClock(() => here),
    (...times) => told.push(times.map((one) => one.toISOString()).join()),
  );
  return {
    clock,
    told,
    hear: () => clock.hear(new Date(right).toUTCString()),
    set: (milliseconds: number) => {
      here = right + milliseconds;
    },
  };
}

for (const hours of [-5, 5]) {
  test(`a clock that is ${hours} hours ahead is not believed once the API server told its own time`, () => {
    const { clock, told, hear } = clockAhead(hours * hour);
    const before = clock.now().getTime();

    hear();
    hear();

    assert.equal(before, right + hours * hour);
    assert.equal(clock.now().getTime(), right);
    assert.deepEqual(told, [`${new Date(right + hours * hour).toISOString()},2026-01-01T12:00:00.000Z`]);
  });
}

test('a difference that an answer under way makes is none', () => {
  const { clock, told, hear } = clockAhead(-40_000);

  hear();

  assert.equal(clock.now().getTime(), right - 40_000);
  assert.deepEqual(told, []);
});

test('a clock that is set right in between is believed again', () => {
  const { clock, hear, set } = clockAhead(5 * hour);
  hear();

  set(0);
  hear();

  assert.equal(clock.now().getTime(), right);
});

test('an answer without a date, or with none that can be read, says nothing', () => {
  const { clock, told } = clockAhead(5 * hour);

  for (const date of [undefined, '', 'soon']) clock.hear(date);

  assert.equal(clock.now().getTime(), right + 5 * hour);
  assert.deepEqual(told, []);
});
