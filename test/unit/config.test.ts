import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../job/src/config/config.ts';
import { ProblemError } from '../../job/src/problem.ts';

const smallest = `
release: registry-access/pullsecret-sync
targets:
  - name: default
    secretName: image-pull-secret
    sources:
      - secret: pullsecret-sync-source
`;

test('the smallest configuration gets every default', () => {
  assert.deepEqual(parseConfig(smallest, 'test'), {
    release: { namespace: 'registry-access', name: 'pullsecret-sync' },
    targets: [
      {
        name: 'default',
        secretName: 'image-pull-secret',
        sources: [{ secret: 'pullsecret-sync-source' }],
        namespaces: { include: ['*'], exclude: [], excludeSystem: true, selector: {} },
        serviceAccounts: { include: ['default'], exclude: [], skipApplied: true },
        onConflict: 'keep',
        expires: {},
      },
    ],
    previousSecretNames: [],
    previousServiceAccounts: [],
    previousReleases: [],
    retireAfter: 604_800_000,
    maxRemovePercent: 50,
    sourceTimeout: 60_000,
    concurrency: 16,
    verifyCredentials: 'enforce',
    recreateStuckPods: { enabled: false, maxPerRun: 10 },
    events: { enabled: true },
    objects: {},
  });
});

const faults: Array<[because: string, text: string, message: RegExp]> = [
  ['text that is not YAML', 'release: [', /is not YAML/],
  [
    'a glob that YAML takes for an alias',
    `${smallest}    namespaces: { exclude: [*-system] }\n`,
    /is not YAML .*; quote globs that start with "\*", e\.g\. "\*-system"$/,
  ],
  [
    'a glob that is nothing but the sign of an alias',
    `${smallest}    namespaces: { include: [*] }\n`,
    /is not YAML .*; quote globs that start with "\*"/,
  ],
  [
    'aliases that stand for far too much',
    `${smallest}a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nb: &b [${Array(20).fill('*a')}]\nc: [${Array(20).fill('*b')}]\n`,
    /is not YAML/,
  ],
  ['an empty document', '', /must be an object with release, targets/],
  ['a missing release', smallest.replace(/^release.*$/m, ''), /release must be "<namespace>\/<name>"/],
  ['a release without a namespace', smallest.replace('registry-access/', ''), /release must be "<namespace>\/<name>"/],
  [
    'an unknown key close to a known one',
    `${smallest}concurency: 3\n`,
    /unknown key "concurency" \(did you mean "concurrency"\?\)/,
  ],
  ['an unknown key close to none', `${smallest}colour: blue\n`, /unknown key "colour" \(known: release, targets/],
  [
    'an unknown key deep inside',
    smallest.replace('secretName:', 'secretNam:'),
    /targets\.0 has the unknown key "secretNam" \(did you mean "secretName"\?\)/,
  ],
  [
    'two targets of one name',
    smallest.replace('targets:', 'targets:\n  - { name: default, secretName: x, sources: [{ secret: y }] }'),
    /targets must have a name of its own for each target/,
  ],
  [
    'a target without sources',
    smallest.replace(/sources:[\s\S]*$/, 'sources: []\n'),
    /targets\.0\.sources must have at least one source/,
  ],
  [
    'a source that is neither Secret nor file',
    smallest.replace('- secret: pullsecret-sync-source', '- vault: x'),
    /must be either "secret: <name>" or "file: <absolute path>"/,
  ],
  [
    'a relative file',
    smallest.replace('- secret: pullsecret-sync-source', '- file: config.json'),
    /sources\.0\.file must be an absolute path/,
  ],
  [
    'a glob with signs that no name has',
    `${smallest}    namespaces: { include: ["team[a]"] }\n`,
    /targets\.0\.namespaces\.include\.0 must be a glob/,
  ],
  ['an empty include', `${smallest}    namespaces: { include: [] }\n`, /include must have at least one glob/],
  [
    'a selector with an unknown operator',
    `${smallest}    namespaces: { selector: { matchExpressions: [{ key: a, operator: Is }] } }\n`,
    /operator must be one of In, NotIn, Exists, DoesNotExist/,
  ],
  [
    'a selector with In and no values',
    `${smallest}    namespaces: { selector: { matchExpressions: [{ key: a, operator: In }] } }\n`,
    /must have values with In and NotIn/,
  ],
  [
    'a label that YAML reads as a boolean',
    `${smallest}    namespaces: { selector: { matchLabels: { a: true } } }\n`,
    /matchLabels\.a must be a string/,
  ],
  ...['Stage!', 'a/b/c', '-a', 'a'.repeat(64), `${'p'.repeat(254)}/a`, 'Example.com/a', 'a.b!/a', '/a', 'a/', ''].map(
    (key): [string, string, RegExp] => [
      `a selector with the label ${key.slice(0, 20) || 'without a name'}, which Kubernetes does not take,`,
      `${smallest}    namespaces: { selector: { matchLabels: { "${key}": x } } }\n`,
      /selector\.matchLabels\.\S* must be a label's key: at most 63/,
    ],
  ),
  [
    'a selector whose expression has such a label',
    `${smallest}    namespaces: { selector: { matchExpressions: [{ key: "a b", operator: Exists }] } }\n`,
    /matchExpressions\.0\.key must be a label's key/,
  ],
  [
    'a selector with a value that no label has',
    `${smallest}    namespaces: { selector: { matchLabels: { a: "to be" } } }\n`,
    /matchLabels\.a must be a label's value: nothing, or at most 63/,
  ],
  [
    'a selector whose expression has such a value',
    `${smallest}    namespaces: { selector: { matchExpressions: [{ key: a, operator: In, values: [ok, "${'x'.repeat(64)}"] }] } }\n`,
    /matchExpressions\.0\.values\.1 must be a label's value/,
  ],
  [
    'a selector that is a list',
    `${smallest}    namespaces: { selector: { matchLabels: [a] } }\n`,
    /matchLabels must be an object of labels/,
  ],
  ['a list that is none', `${smallest}previousSecretNames: x\n`, /^previousSecretNames must be a list$/],
  [
    'a switch that is none',
    `${smallest}    namespaces: { excludeSystem: "no" }\n`,
    /namespaces\.excludeSystem must be true or false$/,
  ],
  ['a number that is too small', `${smallest}concurrency: 0\n`, /^concurrency must be at least 1$/],
  ['a number that is too large', `${smallest}maxRemovePercent: 101\n`, /^maxRemovePercent must be at most 100$/],
  ['half a number', `${smallest}concurrency: 1.5\n`, /^concurrency must be a whole number$/],
  ['a name that is a number', smallest.replace('image-pull-secret', '5'), /secretName must be a string \(quote it\)$/],
  ['a duration without a unit', `${smallest}sourceTimeout: 60\n`, /sourceTimeout must be a duration/],
];

for (const [because, text, message] of faults) {
  test(`${because} is refused with exit code 78 and a sentence`, () => {
    assert.throws(
      () => parseConfig(text, 'test'),
      (error) => {
        assert.ok(error instanceof ProblemError);
        assert.equal(error.exitCode, 78);
        assert.match(error.problem.fix, message);
        return true;
      },
    );
  });
}

test('labels as Kubernetes takes them are taken', () => {
  const matchLabels = {
    stage: '',
    'a/b': 'x',
    'a.b.c/d': 'y',
    'labels.example.com/Region_1': 'eu_west-1.A',
    [`${'p'.repeat(253)}/${'k'.repeat(63)}`]: 'v'.repeat(63),
  };
  const text = `${smallest}    namespaces: { selector: { matchLabels: ${JSON.stringify(matchLabels)} } }\n`;

  assert.deepEqual(parseConfig(text, 'test').targets[0]?.namespaces.selector, { matchLabels });
});

test('all faults are named at once', () => {
  const text = `${smallest.replace('secretName: image-pull-secret', 'secretName: Image_Pull')}concurrency: 0\n`;
  assert.throws(() => parseConfig(text, 'test'), /secretName.*; concurrency/);
});

test('whatever has the wrong type, its place and a sentence of its own are told', () => {
  const whole = {
    release: 'a/b',
    targets: [
      {
        name: 'default',
        secretName: 'x',
        sources: [{ secret: 'y' }, { file: '/z' }],
        namespaces: {
          include: ['*'],
          exclude: ['x'],
          excludeSystem: true,
          selector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
        },
        serviceAccounts: { include: ['default'], exclude: ['x'], skipApplied: true },
        onConflict: 'keep',
        expires: { 'registry.example.com': '2027-01-31' },
      },
    ],
    previousSecretNames: ['a'],
    previousServiceAccounts: ['a'],
    previousReleases: ['a/b'],
    retireAfter: '1h',
    maxRemovePercent: 50,
    sourceTimeout: '1s',
    concurrency: 16,
    verifyCredentials: 'warn',
  };
  parseConfig(JSON.stringify(whole), 'test');

  for (const wrong of ['true', '"x"', '-1', '1.5', '1e300', 'null', '[]', '[1]', '[[]]', '{}', '{"": 1}', '.nan']) {
    for (const place of placesOf(whole)) {
      const faults = faultsOf(JSON.stringify(withPlace(whole, place, '@@')).replace('"@@"', wrong));
      for (const fault of faults) assert.match(fault, /^[a-zA-Z0-9.]+ (must|has the unknown key|is an empty key)/);
    }
  }
});

/** The path of everything in a value. */
function placesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, one]) => placesOf(one, [...path, key]));
  return path.length === 0 ? inside : [path, ...inside];
}

function withPlace(value: object, path: string[], replacement: string): object {
  const copy = structuredClone(value);
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((inside, key) => inside[key] as never, copy as never);
  parent[path.at(-1) as string] = replacement;
  return copy;
}

function faultsOf(text: string): string[] {
  try {
    parseConfig(text, 'test');
    return [];
  } catch (error) {
    assert.ok(error instanceof ProblemError);
    return error.problem.fix.split('; ');
  }
}
