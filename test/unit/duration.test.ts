import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../job/src/config/duration.ts';

const cases: Array<[text: string, milliseconds: number | undefined]> = [
  ['60s', 60_000],
  ['168h', 604_800_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['0s', 0],
  ['', undefined],
  ['60', undefined],
  ['1d', undefined],
  ['-1s', undefined],
  ['1h 30m', undefined],
];

for (const [text, milliseconds] of cases) {
  test(`duration "${text}" is ${milliseconds === undefined ? 'refused' : `${milliseconds} ms`}`, () => {
    assert.equal(parseDuration(text), milliseconds);
  });
}
