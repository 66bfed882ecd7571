import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseLogin, parseChallenges } from '../../job/src/registry/registry-challenge.ts';

function read(...headers: string[]) {
  return parseChallenges(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

function choose(...headers: string[]) {
  return chooseLogin(parseChallenges(headers));
}

describe('a WWW-Authenticate header', () => {
  const cases: Array<[what: string, header: string, expected: unknown[]]> = [
    [
      "Docker Hub's",
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
      [['bearer', { realm: 'https://auth.docker.io/token', service: 'registry.docker.io' }]],
    ],
    ['a scheme in lower case', 'basic realm="x"', [['basic', { realm: 'x' }]]],
    ['names of parameters in upper case', 'BEARER REALM="x"', [['bearer', { realm: 'x' }]]],
    [
      'a comma in quotes',
      'Bearer realm="https://a/?x=1,2",service="a, b"',
      [['bearer', { realm: 'https://a/?x=1,2', service: 'a, b' }]],
    ],
    ['escaped quotes', 'Basic realm="the \\"best\\" one"', [['basic', { realm: 'the "best" one' }]]],
    [
      'a value without quotes',
      'Bearer realm=https://a.example.com/token,service=a',
      [['bearer', { realm: 'https://a.example.com/token', service: 'a' }]],
    ],
    [
      'spaces around everything',
      ' ,, Bearer   realm = "x" ,  service= "y" , ',
      [['bearer', { realm: 'x', service: 'y' }]],
    ],
    [
      'several challenges',
      'Basic realm="a", Bearer realm="b",service="c"',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b', service: 'c' }],
      ],
    ],
    [
      'a scheme without parameters',
      'Negotiate, Basic realm="a"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    [
      'a scheme with a token',
      'Negotiate YIIJvw==, Basic realm="a"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    ['a parameter that comes twice', 'Bearer realm="a",realm="b"', [['bearer', { realm: 'a' }]]],
    [
      'a parameter with a name of every object',
      'Bearer __proto__="x",constructor="y",realm="z"',
      [
        [
          'bearer',
          Object.fromEntries([
            ['__proto__', 'x'],
            ['constructor', 'y'],
            ['realm', 'z'],
          ]),
        ],
      ],
    ],
    [
      'a quote that nobody closes',
      'Bearer realm="https://a',
      [
        ['bearer', {}],
        ['realm', {}],
      ],
    ],
    ['a parameter before any scheme', 'realm="x", Basic realm="y"', [['basic', { realm: 'y' }]]],
    ['nothing', '', []],
    ['no such thing at all', '"""(((', []],
  ];
  for (const [what, header, expected] of cases) {
    test(`is read: ${what}`, () => {
      assert.deepEqual(read(header), expected);
    });
  }

  test('may come several times', () => {
    assert.deepEqual(read('Basic realm="a"', 'Bearer realm="b"'), [
      ['basic', { realm: 'a' }],
      ['bearer', { realm: 'b' }],
    ]);
  });

  test('of any length is read in a moment', () => {
    assert.doesNotThrow(() => read(`Bearer ${'a="'.repeat(50_000)}`, `Bearer realm="${'\\'.repeat(100_000)}`));
  });
});

describe('the login that is chosen', () => {
  test('is a token, where one is offered', () => {
    assert.deepEqual(choose('Basic realm="a", Bearer realm="https://b/token"'), {
      scheme: 'bearer',
      realm: 'https://b/token',
      service: undefined,
    });
  });

  test('is Basic where the token has no server', () => {
    assert.deepEqual(choose('Bearer service="x"', 'Basic'), { scheme: 'basic' });
  });

  test('is none where a registry knows only others', () => {
    assert.equal(choose('Negotiate, Digest realm="x", Bearer service="y"'), undefined);
  });
});
