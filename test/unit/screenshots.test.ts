import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { statusPicture, terminalFile } from '../../scripts/screenshots.ts';

test('the picture of a terminal in the docs is what status prints now (npm run screenshots)', async () => {
  assert.equal(await readFile(terminalFile, 'utf8'), statusPicture());
});
