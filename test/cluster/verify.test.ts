import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bundleFile } from '../../scripts/build.ts';
import { type Certificate, makeCertificate } from '../../scripts/cluster/certificate.ts';
import { type Registry, startRegistry } from '../../scripts/cluster/registry.ts';
import { searchFiles } from '../support/leaks/search-cluster.ts';
import { uniqueLogin, uniquePassword } from '../support/leaks/unique-password.ts';
import { documented } from '../support/page.ts';
import { startShell } from '../support/shell.ts';
import { startFakeServer, startProxy } from './fake-registry.ts';
import { runJob } from './support.ts';
import { startTokenServer, type TokenAnswer } from './token-server.ts';

/** One of the loopback network that no other test file has. */
const address = `127.200.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
const tls = await makeCertificate([address]);
const outdated = await makeCertificate([address], [new Date('2020-01-01'), new Date('2021-01-01')]);
const otherName = await makeCertificate(['registry.example.com']);
const password = uniquePassword('the right one', ': ,"\\$');
const started = new AsyncDisposableStack();
const locked = { status: 403, body: { errors: [{ code: 'DENIED', message: 'the account is locked' }] } };
const expired = { status: 401, body: { errors: [{ code: 'UNAUTHORIZED', message: 'the token is expired' }] } };
const wrong = { status: 401, body: { details: 'incorrect username or password' } };
const tokenAnswers = new Map<string, TokenAnswer>([
  [`robot:${password}`, 'token'],
  [uniqueLogin('expired-password'), expired],
  [uniqueLogin('locked-password'), locked],
]);

let directory: string;
let caFile: string;
let basic: Registry;
let withTokens: Registry;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'verify-'));
  started.defer(() => rm(directory, { recursive: true }));
  started.defer(() => searchFiles(directory, '*.log'));
  caFile = join(directory, 'ca.crt');
  await writeFile(caFile, [tls, outdated, otherName].map(({ certificate }) => certificate).join(''));
  const tokens = started.use(await startTokenServer(address, tls, (login) => tokenAnswers.get(login) ?? wrong));
  const login = { username: 'robot', password, directory, listen: address, tls };
  basic = started.use(await startRegistry({ host: 'basic', port: 5003, ...login }));
  withTokens = started.use(await startRegistry({ host: 'tokens', port: 5004, ...login, tokens: tokens.options }));
});
after(() => started.disposeAsync());

/** `verify` of these hosts, each with a password, on a machine without any kubeconfig; what it says of each host. */
async function verify(passwords: Record<string, string>, env: NodeJS.ProcessEnv = { NODE_EXTRA_CA_CERTS: caFile }) {
  const login = (secret: string) => ({ auth: Buffer.from(`robot:${secret}`).toString('base64') });
  const auths = Object.fromEntries(Object.entries(passwords).map(([host, secret]) => [host, login(secret)]));
  const file = join(directory, 'config.json');
  await writeFile(file, JSON.stringify({ auths }));
  const config = join(directory, 'config.yaml');
  const targets = [{ name: 'default', secretName: 'pull', sources: [{ file }] }];
  await writeFile(config, JSON.stringify({ release: 'a/b', targets }));

  const { code, events, output } = await runJob(['verify', '--config', config], { HOME: directory, ...env });
  for (const secret of Object.values(passwords)) assert.ok(!output.includes(secret), 'a password is in the output');
  return { code, said: new Map(events.map(({ host, message }) => [host, String(message)])) };
}

describe('a real registry that takes logins itself', () => {
  test('accepts the right one', async () => {
    const { code, said } = await verify({ [basic.address]: password });

    assert.equal(code, 0);
    assert.equal(said.get(basic.address), 'the registry accepts the login');
  });

  test('is asked by the command of the page, by a person without a cluster', async () => {
    const options = { programs: { 'pullsecret-sync': bundleFile }, env: { NODE_EXTRA_CA_CERTS: caFile } };
    const shell = await startShell(undefined, directory, options);
    await verify({ [basic.address]: password });
    await copyFile(join(directory, 'config.yaml'), join(shell.folder, 'config.yaml'));

    const printed = await shell(documented('chart/pages/operating.md', 'A wrong password changes nothing'));

    assert.match(printed, /the registry accepts the login/);
  });

  test('refuses a wrong one', async () => {
    const { code, said } = await verify({ [basic.address]: uniquePassword('not the right one') });

    assert.equal(code, 1);
    assert.match(
      said.get(basic.address) ?? '',
      /refuses the login in file \S+: 401 UNAUTHORIZED: authentication required$/,
    );
  });

  test('refuses one that was rotated away', async () => {
    await basic.setPassword(uniquePassword('the next one'));

    const { code } = await verify({ [basic.address]: password });

    await basic.setPassword(password);
    assert.equal(code, 1);
  });

  test('is not trusted without its certificate authority, and is sent nothing', async () => {
    const { code, said } = await verify({ [basic.address]: password }, {});

    assert.equal(code, 1);
    assert.match(said.get(basic.address) ?? '', /its certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
  });

  test('is reached through a proxy, and around it where NO_PROXY says so', async () => {
    await using proxy = await startProxy(address);
    const env = { NODE_EXTRA_CA_CERTS: caFile, HTTPS_PROXY: `http://user:pass@${proxy.host}` };

    const around = await verify({ [basic.address]: password }, { ...env, NO_PROXY: address });
    const seenAround = proxy.connections.length;
    const through = await verify({ [basic.address]: password }, env);

    assert.deepEqual([around.code, seenAround], [0, 0]);
    assert.equal(through.code, 0);
    assert.deepEqual([...new Set(proxy.connections)], [basic.address]);
    assert.equal(proxy.authorizations[0], `Basic ${Buffer.from('user:pass').toString('base64')}`);
  });

  test('is out of reach where the proxy is no address, which is not quoted', async () => {
    const env = { HTTPS_PROXY: 'http://user:proxy-password@[x' };

    const { code, said } = await verify({ [basic.address]: password }, env);

    assert.equal(code, 1);
    assert.match(said.get(basic.address) ?? '', /the environment names a proxy that is no address$/);
  });
});

describe('a real registry with a token server', () => {
  test('accepts the right login', async () => {
    const { code, said } = await verify({ [withTokens.address]: password });

    assert.equal(said.get(withTokens.address), 'the registry accepts the login');
    assert.equal(code, 0);
  });

  const refused: Array<[what: string, secret: string, answer: RegExp]> = [
    ['a wrong one', uniquePassword('not the right one'), /401 incorrect username or password$/],
    ['an expired one', uniquePassword('expired-password'), /401 UNAUTHORIZED: the token is expired$/],
    ['that of a locked account', uniquePassword('locked-password'), /403 DENIED: the account is locked$/],
  ];
  for (const [what, secret, answer] of refused) {
    test(`refuses ${what}, in the server's words`, async () => {
      const { code, said } = await verify({ [withTokens.address]: secret });

      assert.equal(code, 1);
      assert.match(said.get(withTokens.address) ?? '', answer);
    });
  }
});

describe('servers that are slow or broken', () => {
  const servers = new AsyncDisposableStack();
  after(() => servers.disposeAsync());

  const start = async (answer: RequestListener, certificate: Certificate | undefined = tls) =>
    servers.use(await startFakeServer(address, answer, certificate));
  const challenge = (scheme: string): RequestListener => {
    return (_, response) => response.writeHead(401, { 'www-authenticate': scheme }).end();
  };
  const bearer = (realm: string) => challenge(`Bearer realm="${realm}",service="x"`);
  const status = (code: number, headers = {}): RequestListener => {
    return (_, response) => response.writeHead(code, headers).end('<html>');
  };
  /** Asks for a login first. */
  const then = (answer: RequestListener): RequestListener => {
    return (request, response) =>
      (request.headers.authorization ? answer : challenge('basic realm=x'))(request, response);
  };

  test('are out of reach, each with its reason', async () => {
    const gone = await startFakeServer(address, () => {});
    await gone[Symbol.asyncDispose]();
    const plain = servers.use(await startFakeServer(address, challenge('Basic')));
    const slowBody = await start((_, response) => {
      const drip = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(drip));
    });
    const noToken = await start((_, response) => response.end('{"expires_in":300}'));
    const cases: Array<[host: string, reason: RegExp]> = [
      ['registry.invalid', /its name is not found/],
      [gone.host, /it refuses the connection \(ECONNREFUSED\)$/],
      [plain.host, /it does not speak TLS as we do; over plain http no login is ever sent \(/],
      [(await start(() => {})).host, /it does not answer within 10 s$/],
      [(await start(bearer(`https://${slowBody.host}/`))).host, /it does not answer within 10 s$/],
      [(await start(bearer(`https://${noToken.host}/`))).host, /or that one gives no token/],
      [(await start(challenge('Bearer service="x"'))).host, /offers neither of the logins/],
      [(await start(({ socket }) => socket.destroy())).host, /it closes the connection/],
      [(await start(status(429))).host, /it answers 429: too many requests$/],
      [(await start(then(status(429)))).host, /it answers 429: too many requests$/],
      [(await start(status(503))).host, /it answers 503, a fault of its own$/],
      [(await start(status(404))).host, /it answers 404, as no registry does$/],
      [(await start(then(status(403)))).host, /it answers 403, as no registry does$/],
      [(await start(challenge('Basic'), outdated)).host, /its certificate is not trusted \(CERT_HAS_EXPIRED\)$/],
      [(await start(challenge('Basic'), otherName)).host, /its certificate is not trusted \(ERR_TLS_CERT_ALTNAME/],
    ];

    const { code, said } = await verify(Object.fromEntries(cases.map(([host]) => [host, password])));

    assert.equal(code, 1);
    for (const [host, reason] of cases) assert.match(said.get(host) ?? '', reason);
    assert.deepEqual(plain.authorizations, []);
  });

  test('never get a login by plain http or by a redirect', async () => {
    const elsewhere = await start((_, response) => response.end('{"token":"x"}'));
    const plain = servers.use(await startFakeServer(address, (_, response) => response.end('{"token":"x"}')));
    const moved = status(307, { location: `https://${elsewhere.host}/v2/` });
    const movedTokens = await start(moved);
    const hosts = await Promise.all([
      start(moved),
      start(then(moved)),
      start(bearer(`https://${movedTokens.host}/`)),
      start(bearer(`http://${plain.host}/`)),
      start(bearer('token')),
    ]);

    const { code, said } = await verify(Object.fromEntries(hosts.map(({ host }) => [host, password])));

    assert.equal(code, 1);
    for (const { host } of hosts) assert.match(said.get(host) ?? '', /could not be tried/);
    assert.deepEqual([...elsewhere.authorizations, ...plain.authorizations], []);
  });

  test('that refuse without an end are cut off', async () => {
    const endless = await start(
      then((_, response) => {
        response.writeHead(401);
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(16_384)));
        };
        response.on('drain', more);
        more();
      }),
    );

    const { code, said } = await verify({ [endless.host]: password });

    assert.equal(code, 1);
    assert.match(said.get(endless.host) ?? '', /refuses the login in file \S+: 401$/);
  });

  test('are not judged where they ask for no login', async () => {
    const open = await start((_, response) => response.end('{}'));

    const { code, said } = await verify({ [open.host]: password, '*.example.com': password });

    assert.equal(code, 0);
    assert.deepEqual([said.get(open.host), said.get('*.example.com')], Array(2).fill('the login was not tried'));
    assert.deepEqual(open.authorizations, []);
  });
});
