import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type DockerConfigFormat,
  formatDockerConfig,
  mergeDockerConfigs,
  parseDockerConfig,
} from '../../job/src/credentials/docker-config.ts';
import type { Problem } from '../../job/src/problem.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import { passwords } from '../support/passwords.ts';

const auth = (username: string, password: string) => Buffer.from(`${username}:${password}`).toString('base64');
const host = 'registry.example.com';

function parse(document: unknown, format: DockerConfigFormat = 'dockerconfigjson') {
  const isContent = typeof document === 'string' || document instanceof Uint8Array;
  const content = isContent ? document : JSON.stringify(document);
  const { config, warnings, problems } = parseDockerConfig(content, format, 'Secret a/b');
  return { canonical: formatDockerConfig(config), warnings, problems };
}

describe('a docker config', () => {
  const canonical = JSON.stringify({ auths: { [host]: { auth: auth('robot', 'x') } } });
  const accepted: Array<[because: string, document: unknown, format?: DockerConfigFormat]> = [
    ['with auth', { auths: { [host]: { auth: auth('robot', 'x') } } }],
    ['with username and password', { auths: { [host]: { username: 'robot', password: 'x' } } }],
    ['with both, in agreement', { auths: { [host]: { username: 'robot', password: 'x', auth: auth('robot', 'x') } } }],
    [
      'with unpadded base64, which the kubelet takes too',
      { auths: { [host]: { auth: auth('robot', 'x').replaceAll('=', '') } } },
    ],
    [
      'with base64 that was wrapped, which the kubelet takes too',
      { auths: { [host]: { auth: `${auth('robot', 'x').replace(/.{4}/g, '$&\r\n')}\n` } } },
    ],
    ['in the legacy format', { [host]: { auth: auth('robot', 'x') } }, 'dockercfg'],
    ['with keys as other languages write them', { Auths: { [host]: { Username: 'robot', PASSWORD: 'x' } } }],
    ['in a legacy file with such keys', { [host]: { Auth: auth('robot', 'x') } }, 'file'],
    ['with a password beside a token', { auths: { [host]: { auth: auth('robot', 'x'), identitytoken: 'y' } } }],
    ['in a file', { auths: { [host]: { auth: auth('robot', 'x') } }, HttpHeaders: {} }, 'file'],
    [
      'in a file that begins with a byte order mark',
      `\ufeff{"auths":{"${host}":{"auth":"${auth('robot', 'x')}"}}}`,
      'file',
    ],
    ['with blanks around auth', { auths: { [host]: { auth: ` ${auth('robot', 'x')}\n` } } }],
    ['with null for what it does not use', { auths: { [host]: { username: 'robot', password: 'x', auth: null } } }],
    ['with an empty auth beside a pair', { auths: { [host]: { username: 'robot', password: 'x', auth: '' } } }],
    ['with an empty pair beside auth', { auths: { [host]: { username: '', password: '', auth: auth('robot', 'x') } } }],
    ['with an e-mail address that is empty', { auths: { [host]: { auth: auth('robot', 'x'), email: '' } } }],
    [
      'with a helper for other registries',
      { auths: { [host]: { auth: auth('robot', 'x') } }, credHelpers: { x: 'ecr' } },
    ],
    ['in a legacy file with username and password', { [host]: { username: 'robot', password: 'x' } }, 'file'],
    ['in a legacy file', { [host]: { auth: auth('robot', 'x') } }, 'file'],
    [
      'with what docker login leaves at Docker Hub',
      { auths: { [host]: { auth: auth('robot', 'x') }, 'https://index.docker.io/v1/access-token': {} } },
    ],
  ];
  for (const [because, document, format] of accepted) {
    test(`${because} becomes the canonical one, without a warning`, () => {
      assert.deepEqual(parse(document, format), { canonical, warnings: [], problems: [] });
    });
  }

  const refused: Array<[because: string, document: unknown, problem: RegExp]> = [
    ['that is not JSON', '{"auths": s3cr3t', /is not a JSON object/],
    ['that is a list', [], /is not a JSON object/],
    ['without auths', {}, /has no "auths"/],
    ['with empty auths', { auths: {} }, /has no "auths"/],
    ['with auths of another type', { auths: 'x' }, /has no "auths"/],
    [
      'with a credential store only',
      { credsStore: 'desktop', auths: {} },
      /keeps its credentials in a helper \("credsStore"\)/,
    ],
    [
      'with credential helpers only',
      { credHelpers: { [host]: 'ecr-login' } },
      /keeps its credentials in a helper \("credHelpers"\)/,
    ],
    ['with a helper as other languages write it', { CredsStore: 'desktop' }, /in a helper \("credsStore"\)/],
    [
      'with a credential store, and the empty entries that docker login then leaves',
      { credsStore: 'desktop', auths: { [host]: {}, 'https://index.docker.io/v1/': { email: 'a@example.com' } } },
      /keeps its credentials in a helper \("credsStore"\)/,
    ],
    [
      'with what docker login leaves at Docker Hub and nothing else',
      { auths: { 'https://index.docker.io/v1/access-token': { auth: auth('robot', 's3cr3t') } } },
      /has no "auths"/,
    ],
    ['that is empty', '', /is empty/],
    ['that is blank', ' \n', /is empty/],
    [
      'that was encoded twice',
      Buffer.from(JSON.stringify({ auths: { [host]: { auth: auth('robot', 's3cr3t') } } })).toString('base64'),
      /is base64 of a JSON object and not the object itself/,
    ],
    [
      'in Latin-1',
      Buffer.from(JSON.stringify({ auths: { [host]: { username: 'robot', password: 's3cr3t\u00e4' } } }), 'latin1'),
      /is not UTF-8 text/,
    ],
    [
      'in UTF-16',
      Buffer.from(`\ufeff${JSON.stringify({ auths: { [host]: { auth: auth('robot', 's3cr3t') } } })}`, 'utf16le'),
      /is not UTF-8 text/,
    ],
    ['that is null', 'null', /is not a JSON object/],
    ['that is a string', '"s3cr3t"', /is not a JSON object/],
    ['that is YAML', 'auths: {registry.example.com: {password: s3cr3t}}', /is not a JSON object/],
    ['with auths that are a list', { auths: [{ auth: auth('robot', 's3cr3t') }] }, /has no "auths"/],
    ['with auths that are null', { auths: null }, /has no "auths"/],
    ['with an entry that is null', { auths: { [host]: null } }, /is not an object/],
    ['with an entry that is a list', { auths: { [host]: ['s3cr3t'] } }, /is not an object/],
    [
      'with auth that is no string',
      { auths: { [host]: { auth: { s3cr3t: 1 } } } },
      /has a "auth" that is not a string/,
    ],
    [
      'with a username that is no string',
      { auths: { [host]: { username: true, password: 's3cr3t' } } },
      /has a "username"/,
    ],
    [
      'with auth that holds no username',
      { auths: { [host]: { auth: auth('', 's3cr3t') } } },
      /"auth" that is not base64/,
    ],
    [
      'with auth in the base64 of URLs',
      { auths: { [host]: { auth: Buffer.from('robot:s3cr3t\u00ff\u00fe??>').toString('base64url') } } },
      /"auth" that is not base64/,
    ],
    [
      'with auth that is cut, and padded all the same',
      { auths: { [host]: { auth: `${auth('robot', 's3cr3t')}A==` } } },
      /"auth" that is not base64/,
    ],
    [
      'with auth that is cut',
      { auths: { [host]: { auth: `${auth('robot', 's3cr3t')}A` } } },
      /"auth" that is not base64/,
    ],
    [
      'with auth that was encoded twice',
      { auths: { [host]: { auth: Buffer.from(auth('robot', 's3cr3t')).toString('base64') } } },
      /"auth" that is not base64/,
    ],
    ['with an empty host', { auths: { '': { auth: auth('robot', 's3cr3t') } } }, /the key of entry 1 is not the name/],
    ['with an empty entry', { auths: { [host]: {} } }, /registry\.example\.com holds no credential/],
    ['with an entry that is no object', { auths: { [host]: 's3cr3t' } }, /is not an object/],
    [
      'with an identity token only',
      { auths: { [host]: { identitytoken: 's3cr3t' } } },
      /only an identity or registry token/,
    ],
    [
      'with a registry token only',
      { auths: { [host]: { registrytoken: 's3cr3t' } } },
      /only an identity or registry token/,
    ],
    [
      'with an identity token beside a username, as docker login stores it',
      { auths: { [host]: { auth: auth('robot', ''), identitytoken: 's3cr3t' } } },
      /only an identity or registry token and no password/,
    ],
    [
      'with an identity token beside a username of its own, as az acr login stores it',
      { auths: { [host]: { username: '00000000-0000-0000-0000-000000000000', identitytoken: 's3cr3t' } } },
      /only an identity or registry token and no password/,
    ],
    [
      'with a number for a password',
      { auths: { [host]: { username: 'robot', password: 12345678 } } },
      /has a "password" that is not a string/,
    ],
    ['with a password and no username', { auths: { [host]: { password: 's3cr3t' } } }, /a password without a username/],
    ['with a username and no password', { auths: { [host]: { username: 'robot' } } }, /a username without a password/],
    ...['username', 'password'].map((field): [string, unknown, RegExp] => [
      `with half of a character in the ${field}`,
      { auths: { [host]: { username: 'robot', password: 's3cr3t', [field]: 's3cr3t\ud83d' } } },
      new RegExp(`has half of a character in its ${field}`),
    ]),
    [
      'with a colon in the username',
      { auths: { [host]: { username: 'a:b', password: 's3cr3t' } } },
      /":" in its username/,
    ],
    ['with auth that is not base64', { auths: { [host]: { auth: 's3cr3t!' } } }, /"auth" that is not base64/],
    [
      'with auth that holds no colon',
      { auths: { [host]: { auth: Buffer.from('s3cr3t').toString('base64') } } },
      /"auth" that is not base64/,
    ],
    [
      'with auth that holds no password',
      { auths: { [host]: { auth: auth('robot', '') } } },
      /"auth" that is not base64/,
    ],
    [
      'with a login in the host',
      { auths: { 'u:s3cr3t@example.com': { auth: auth('robot', 'x') } } },
      /the key of entry 1 is not the name of a registry/,
    ],
  ];
  for (const [because, document, problem] of refused) {
    test(`${because} is refused, with the source's name and no value`, () => {
      const { problems, warnings } = parse(document);
      assert.equal(problems.length, 1);
      const [{ message, fix }] = problems as [Problem];
      assert.match(message, /^Secret a\/b/);
      assert.match(message, problem);
      for (const text of [message, fix, ...warnings]) assertNoTrace(text);
    });
  }

  test('keeps an e-mail address', () => {
    const { canonical } = parse({ auths: { [host]: { auth: auth('robot', 'x'), email: 'a@example.com' } } });
    assert.equal(JSON.parse(canonical).auths[host].email, 'a@example.com');
  });

  test('in the legacy format, with nothing in it, is refused', () => {
    assert.match(parse({}, 'dockercfg').problems[0]?.message ?? '', /^Secret a\/b has no "auths"/);
  });

  test('with one good and one bad entry is refused, and the bad one is named', () => {
    const { problems } = parse({ auths: { [host]: { auth: auth('robot', 'x') }, 'b.example.com': {} } });
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['Secret a/b: the entry for b.example.com holds no credential'],
    );
  });

  test('names all of its faults at once', () => {
    const { problems } = parse({ auths: { 'a.example.com': {}, 'b.example.com': { password: 'x' } } });
    assert.equal(problems.length, 2);
  });

  test('names some of very many faults and warnings, and counts the others', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `r${index}.example.com`);
    const both = { username: 'robot', password: 's3cr3t', auth: auth('robot', 'x') };

    const { problems } = parse({ auths: Object.fromEntries(names.map((name) => [name, {}])) });
    const { warnings } = parse({ auths: Object.fromEntries(names.map((name) => [name, both])) });

    assert.equal(problems.length, 21);
    assert.equal(problems.at(-1)?.message, 'Secret a/b has 980 further faults, which are not named');
    assert.equal(warnings.length, 21);
    assert.equal(warnings.at(-1), 'Secret a/b gives reason for 980 further warnings, which are not shown');
  });

  test('whose auth and pair disagree keeps auth, with a warning', () => {
    const result = parse({ auths: { [host]: { username: 'robot', password: 's3cr3t', auth: auth('robot', 'x') } } });
    assert.equal(result.canonical, canonical);
    assert.match(result.warnings[0] as string, /^Secret a\/b: the entry for registry\.example\.com .*disagrees/);
    assertNoTrace(result.warnings[0] as string);
    assertNoTrace(result.warnings[0] as string, 'robot');
  });

  test('that names a host twice in two spellings keeps the later, with a warning', () => {
    const result = parse({
      auths: { [host]: { auth: auth('robot', 's3cr3t') }, [`https://${host}/`]: { auth: auth('robot', 'x') } },
    });
    assert.equal(result.canonical, canonical);
    assert.match(result.warnings[0] as string, /^Secret a\/b names registry\.example\.com twice/);
    assertNoTrace(result.warnings[0] as string);
  });
});

describe('a docker config with a key that JSON knows twice', () => {
  const entry = (password: string) => JSON.stringify({ auth: auth('robot', password) });
  const cases: Array<[because: string, text: string, format: DockerConfigFormat, warning: RegExp]> = [
    [
      'a host',
      `{"auths": {"${host}": ${entry('s3cr3t')}, "${host}": ${entry('x')}}}`,
      'dockerconfigjson',
      /^Secret a\/b names registry\.example\.com twice: the later entry counts$/,
    ],
    [
      'a host of the legacy format',
      `{"${host}": ${entry('s3cr3t')}, "${host}": ${entry('x')}}`,
      'dockercfg',
      /^Secret a\/b names registry\.example\.com twice/,
    ],
  ];
  for (const [because, text, format, warning] of cases) {
    test(`${because} keeps the later, with a warning that names the source and the host and no value`, () => {
      const { canonical, warnings, problems } = parse(text, format);

      assert.deepEqual(problems, []);
      assert.equal(canonical, JSON.stringify({ auths: { [host]: { auth: auth('robot', 'x') } } }));
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] as string, warning);
      assertNoTrace(warnings[0] as string);
    });
  }

  for (const [because, text] of [
    ['"auths"', `{"auths": {"lost.example.com": ${entry('s3cr3t')}}, "auths": {"${host}": ${entry('x')}}}`],
    ['"auths" in two spellings', `{"auths": {"${host}": ${entry('s3cr3t')}}, "Auths": {"${host}": ${entry('x')}}}`],
  ] as const) {
    test(`${because} is refused, since the kubelet would take both`, () => {
      const { problems, warnings } = parse(text);

      assert.deepEqual(warnings, []);
      assert.deepEqual(
        problems.map(({ message }) => message),
        ['Secret a/b has "auths" twice, and not every reader takes both'],
      );
    });
  }

  for (const [because, fields, field] of [
    ['"auth"', `"auth": "${auth('robot', 's3cr3t')}", "auth": "${auth('robot', 'x')}"`, 'auth'],
    ['"auth" and null', `"auth": "${auth('robot', 's3cr3t')}", "auth": null`, 'auth'],
    ['"password" in two spellings', '"username": "robot", "password": "s3cr3t", "Password": "x"', 'password'],
  ] as const) {
    test(`${because} in one login is refused`, () => {
      const { problems } = parse(`{"auths": {"${host}": {${fields}}}}`);

      assert.deepEqual(
        problems.map(({ message }) => message),
        [`Secret a/b: the entry for ${host} has "${field}" twice`],
      );
    });
  }

  test('one field in each of two logins is no repetition', () => {
    const twoLogins = `"a.example.com": ${entry('x')}, "${host}": ${entry('x')}, "${host}": ${entry('x')}`;

    assert.deepEqual(parse(`{"auths": {${twoLogins}}}`).problems, []);
  });

  test('a key that is no host is not shown', () => {
    const { warnings } = parse(`{"auths": {"u:s3cr3t@x": {}, "u:s3cr3t@x": {}}}`);

    assert.deepEqual(warnings, []);
  });
});

describe('a password', () => {
  test('arrives byte for byte, whatever it is made of', () => {
    for (const password of passwords) {
      const { canonical } = parse({ auths: { [host]: { username: 'robot', password } } });
      const { auths } = JSON.parse(canonical);
      assert.ok(Buffer.from(auths[host].auth, 'base64').equals(Buffer.from(`robot:${password}`)));
    }
  });

  test('that is no UTF-8 arrives byte for byte', () => {
    const bytes = Buffer.concat([Buffer.from('robot:'), Buffer.from([0xff, 0xfe, 0x00])]);
    const { canonical } = parse({ auths: { [host]: { auth: bytes.toString('base64') } } });
    assert.equal(JSON.parse(canonical).auths[host].auth, bytes.toString('base64'));
  });
});

describe('merging', () => {
  const config = (password: string, origin = 'Secret a/b', name = host) => {
    const text = JSON.stringify({ auths: { [name]: { auth: auth('robot', password) } } });
    return parseDockerConfig(text, 'dockerconfigjson', origin).config;
  };

  test('keeps the later source of one host, and names both and the host', () => {
    const later = config('s3cr3t', 'file /x');

    const { config: merged, warnings } = mergeDockerConfigs([config('old'), later]);

    assert.equal(formatDockerConfig(merged), formatDockerConfig(later));
    assert.deepEqual(warnings, [
      'Secret a/b and file /x differ in the login for registry.example.com: the latter counts',
    ]);
  });

  test('of two equal logins says nothing', () => {
    assert.deepEqual(mergeDockerConfigs([config('x'), config('x', 'file /x')]).warnings, []);
  });

  test('gives the same text whatever the order of hosts', () => {
    const [a, b] = [config('x', 'x', 'a.example.com'), config('x', 'x', 'b.example.com')];

    const [there, back] = [mergeDockerConfigs([a, b]), mergeDockerConfigs([b, a])];

    assert.equal(formatDockerConfig(there.config), formatDockerConfig(back.config));
  });
});
