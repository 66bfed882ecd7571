import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ago } from '../../job/src/chain/ago.ts';
import type { Chain } from '../../job/src/chain/chain.ts';
import { type ChainFormat, renderAs } from '../../job/src/chain/render-chain.ts';
import { plainStyle } from '../../job/src/terminal/text-style.ts';

const chain: Chain = {
  namespace: 'team-a',
  pod: 'app',
  found: true,
  pulled: false,
  links: [
    { link: 'namespace', state: 'ok', says: 'team-a is there' },
    {
      link: 'copy',
      about: 'pull',
      state: 'unknown',
      says: 'not seen: you cannot get secrets',
      fix: 'ask for the right',
    },
    {
      link: 'pullSecrets',
      about: 'app',
      state: 'broken',
      says: 'it names none, since it came too early',
      fix: 'kubectl rollout restart deployment/app',
    },
    { link: 'registry', about: 'a|b', state: 'notReached', says: 'not reached' },
    { link: 'kubelet', about: 'app', state: 'broken', says: 'no login', fix: 'not this' },
  ],
};
const render = (format: ChainFormat, of = chain, columns = 100) => renderAs(format, of, { ...plainStyle, columns });

test('the first broken link stands below the chain, with its cure, and what could not be looked at', () => {
  assert.equal(
    render('text'),
    `Pod team-a/app

  ok       namespace       team-a is there
  unknown  copy            pull: not seen: you cannot get secrets
  BROKEN   pull secrets    app: it names none, since it came too early
  -        registry        a|b: not reached
  BROKEN   kubelet         app: no login

First broken link: pull secrets
  app: it names none, since it came too early
  Fix: kubectl rollout restart deployment/app

Could not be looked at:
  copy: pull: not seen: you cannot get secrets
    ask for the right
`,
  );
});

test('on a narrow terminal sentences are broken between words, and commands are not', () => {
  const lines = render('text', chain, 40).split('\n');

  const found = lines.findIndex((line) => line.includes('pull secrets'));
  assert.deepEqual(lines.slice(found, found + 2), ['  BROKEN   pull secrets', '    app: it names none, since it came']);
  assert.equal(lines[found + 2], '    too early');
  assert.ok(lines.every((line) => line.length <= 40 || line.includes('kubectl')));
  assert.ok(lines.includes('  Fix: kubectl rollout restart deployment/app'));
});

test('a link has the colour of its state, and the first that is broken is red', () => {
  const text = renderAs('text', chain, { columns: 100, paint: (colour, part) => `<${colour}>${part}</>` });

  assert.match(text, /^ {2}<green>ok {7}<\/>namespace {7}team-a is there$/m);
  assert.match(text, /^ {2}<yellow>unknown {2}<\/>copy /m);
  assert.match(text, /^ {2}<red>BROKEN {3}<\/>pull secrets /m);
  assert.match(text, /^<red>First broken link: pull secrets<\/>$/m);
});

test('JSON and YAML hold the chain, and the link to begin with', () => {
  const expected = { chainVersion: 1, ...chain, firstBroken: chain.links[2] };

  assert.deepEqual(JSON.parse(render('json')), expected);
  assert.deepEqual(parse(render('yaml')), expected);
});

test('Markdown is a table that no name breaks', () => {
  const text = render('markdown');

  assert.match(text, /^\*\*First broken link: pull secrets\*\*$/m);
  assert.match(text, /^\| - \| registry \| a\\\|b: not reached \|$/m);
});

const verdicts: Array<[what: string, change: Partial<Chain>, verdict: RegExp]> = [
  [
    'all holds',
    { pulled: true, links: chain.links.slice(0, 1) },
    /^Every image of the pod is on its node, and nothing is broken\.$/m,
  ],
  ['all holds in a namespace', { links: chain.links.slice(0, 1) }, /^Nothing is broken\.$/m],
  [
    'something could not be looked at',
    { links: chain.links.slice(0, 2) },
    /^Nothing that could be looked at is broken\.$/m,
  ],
  [
    'the pod has pulled all the same',
    { pulled: true },
    /^Every image of the pod is on its node\. For its next pull, the first broken link: pull secrets$/m,
  ],
];
for (const [what, change, verdict] of verdicts) {
  test(`it is said in one sentence that ${what}`, () => {
    assert.match(render('text', { ...chain, ...change }), verdict);
  });
}

test('times are told in the largest unit of which there are two', () => {
  const seconds = 1000;
  const told = [0.4, 119, 120, 7199, 7200, 172_799, 172_800].map((time) => ago(time * seconds));

  assert.deepEqual(told, [
    '0 seconds ago',
    '119 seconds ago',
    '2 minutes ago',
    '119 minutes ago',
    '2 hours ago',
    '47 hours ago',
    '2 days ago',
  ]);
});
