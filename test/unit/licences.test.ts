import assert from 'node:assert/strict';
import { test } from 'node:test';
import { licenceFaults, mayBeBundled } from '../../scripts/supply-chain/licences.ts';

function faultsOf(license: string | undefined): string[] {
  const locked = license === undefined ? {} : { license };
  return licenceFaults({ packages: { '': { license: 'x' }, 'node_modules/a/node_modules/@b/c': locked } });
}

const cases: Array<[licence: string | undefined, use: boolean, bundle: boolean]> = [
  ['MIT', true, true],
  ['MIT OR GPL-3.0-only', true, true],
  ['(MIT AND CC-BY-3.0)', true, false],
  ['PSF-2.0', true, false],
  ['GPL-2.0-or-later', false, false],
  ['AGPL-3.0-only', false, false],
  ['MIT AND SSPL-1.0', false, false],
  ['Apache', false, false],
  ['UNLICENSED', false, false],
  ['SEE LICENSE IN LICENSE.md', false, false],
  [undefined, false, false],
];
for (const [licence, use, bundle] of cases)
  test(`the licence ${licence} ${use ? 'lets' : 'does not let'} us use a package, and ${bundle ? 'hand' : 'not hand'} it on`, () => {
    const faults = faultsOf(licence);

    assert.deepEqual(faults, use ? [] : [`@b/c has the licence ${licence ?? '(none)'}: do without it, or allow that`]);
    assert.equal(mayBeBundled(licence), bundle);
  });
