import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, suite, test } from 'node:test';
import type { Cluster, WatchEvent } from '../../job/src/cluster/cluster.ts';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { createKubernetesCluster } from '../../job/src/cluster/kubernetes.ts';
import { secretRecord } from '../../job/src/cluster/kubernetes-records.ts';
import { type LineOptions, readLines } from '../../job/src/cluster/lines.ts';
import { createSend } from '../../job/src/cluster/transport.ts';
import { until } from '../../scripts/until.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let answers: Answer[];
let requests: IncomingMessage[];
let stop: AbortController;
let cluster: Cluster;
let agent: Agent;
let slept: number[];
/** What the token is when it is read anew. */
let renewed: string;

const server = createServer((request, response) => {
  requests.push(request);
  const answer = answers.shift() ?? json(200, { items: [] });
  answer(request, response);
});

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  answers = [];
  requests = [];
  slept = [];
  renewed = 'x';
  stop = new AbortController();
  agent?.destroy();
  agent = new Agent({ keepAlive: true });
  cluster = connectedCluster();
});
after(() => agent.destroy());

function origin(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connectedCluster(limits: { answerLimit?: number } = {}): Cluster {
  const clock = {
    async sleep(milliseconds: number, signal?: AbortSignal) {
      slept.push(milliseconds);
      signal?.throwIfAborted();
    },
  };
  const headers = async (refused?: object) => ({ authorization: refused ? `Bearer ${renewed}` : 'Bearer x' });
  const { signal } = stop;
  const { protocol, hostname, port } = new URL(origin());
  const parts = { protocol, hostname, port };
  const transport = { agent, origin: parts, headers, signal, clock, firstPause: 1, ...limits };
  const lines = (path: string, options: LineOptions) => readLines(transport, path, options);
  return createKubernetesCluster({ send: createSend(transport), lines }, signal);
}

function json(status: number, body: object, headers: Record<string, string> = {}): Answer {
  return (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

const reset: Answer = (request) => request.socket.destroy();
const secret = { namespace: 'a', name: 'b', labels: {}, annotations: {}, content: 'e30=' };

function kindOf(error: unknown): string {
  assert.ok(error instanceof ClusterError);
  return error.kind;
}

test('a read is repeated after a fault of the server and after a reset connection', async () => {
  answers = [json(500, {}), reset, json(503, {})];

  assert.deepEqual(await cluster.listNamespaces(), []);
  assert.equal(requests.length, 4);
});

test('a write is repeated after 429, which the server sends before it acts', async () => {
  answers = [json(429, {}), json(201, { kind: 'Secret' })];

  await cluster.createSecret(secret);

  assert.equal(requests.length, 2);
});

test('a write is not repeated after a fault, since it may have taken effect', async () => {
  for (const answer of [json(500, {}), json(503, {}), reset]) {
    answers = [answer];
    requests = [];
    await assert.rejects(cluster.createSecret(secret), (error: ClusterError) => error.ambiguous);
    assert.equal(requests.length, 1);
  }
});

test('what Retry-After says is waited for before a request is repeated, half a minute at most', async () => {
  answers = [json(429, {}, { 'retry-after': '7' }), json(503, {}, { 'retry-after': '3600' })];

  await cluster.listNamespaces();

  assert.deepEqual(slept, [7000, 30_000]);
});

test('what Retry-After says is not waited for where the request is not repeated', async () => {
  answers = [json(503, {}, { 'retry-after': '7' })];
  await assert.rejects(cluster.createSecret(secret));
  answers = Array.from({ length: 5 }, () => json(429, {}, { 'retry-after': '7' }));
  await assert.rejects(cluster.createSecret(secret), (error) => kindOf(error) === 'throttled');

  assert.deepEqual(slept, [7000, 7000, 7000, 7000]);
});

test('a run that is told to stop does not wait for a retry', async () => {
  answers = [
    (request, response) => {
      json(429, {}, { 'retry-after': '3600' })(request, response);
      stop.abort();
    },
  ];

  await assert.rejects(cluster.listNamespaces(), (error) => kindOf(error) === 'interrupted');
});

const silence: Answer = () => {};
/** An answer that never ends, and never rests as long as any idle time that could be set. */
const trickle =
  (status: number): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };

for (const [because, answer] of [
  ['that does not begin', silence],
  ['that trickles for ever', trickle(200)],
] as const) {
  test(`a read is repeated after an answer ${because}, a write is not`, { timeout: 30_000 }, async () => {
    cluster = connectedCluster({ answerLimit: 500 });
    answers = [answer];
    assert.deepEqual(await cluster.listNamespaces(), []);
    answers = [answer];
    await assert.rejects(cluster.createSecret(secret), (error: ClusterError) => error.ambiguous);

    assert.equal(requests.length, 3);
  });
}

test('a continue token that expired starts the LIST anew', async () => {
  const first = json(200, { items: [{ metadata: { name: 'old' } }], metadata: { continue: 'token' } });
  const second = json(200, { items: [{ metadata: { name: 'new' } }], metadata: {} });
  answers = [first, json(410, { reason: 'Expired' }), second];

  assert.deepEqual(
    (await cluster.listNamespaces()).map(({ name }) => name),
    ['new'],
  );
});

test('every page of a LIST is read', async () => {
  answers = [
    json(200, { items: [{ metadata: { name: 'a' } }], metadata: { continue: 'token' } }),
    json(200, { items: [{ metadata: { name: 'b' } }], metadata: {} }),
  ];

  assert.deepEqual(
    (await cluster.listNamespaces()).map(({ name }) => name),
    ['a', 'b'],
  );
  assert.match(requests[1]?.url ?? '', /continue=token/);
});

/** What a load balancer or a portal answers in place of an API server. */
const page =
  (status: number): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html><title>s3cr3t</title>');

for (const status of [200, 302, 403, 404]) {
  test(`a page with status ${status} is no answer: a read is repeated, and a write may have taken effect`, async () => {
    answers = [page(status), json(200, { items: [] })];
    assert.deepEqual(await cluster.listNamespaces(), []);
    answers = Array.from({ length: 5 }, () => page(status));
    await assert.rejects(cluster.readSecret('a', 'b'), (error) => kindOf(error) === 'unreachable');
    answers = [page(status)];
    await assert.rejects(cluster.createSecret(secret), (error: ClusterError) => {
      assert.match(error.message, /something else answers in its place/);
      assert.doesNotMatch(error.message, /s3cr3t/);
      return error.ambiguous;
    });
  });
}

test('a list without items, and an answer that is a bare word, are no answers of an API server', async () => {
  answers = [json(200, { message: 'welcome' })];
  await assert.rejects(cluster.listNamespaces(), (error) => kindOf(error) === 'unreachable');
  answers = [(_, response) => response.end('"welcome"')];
  await assert.rejects(cluster.createSecret(secret), (error) => kindOf(error) === 'unreachable');
});

test('an answer that is no JSON does not leak into the error', async () => {
  answers = Array.from(
    { length: 5 },
    () => (_: IncomingMessage, response: ServerResponse) => response.writeHead(502).end('<html>s3cr3t'),
  );

  await assert.rejects(cluster.listNamespaces(), (error: ClusterError) => {
    assert.doesNotMatch(error.message, /s3cr3t/);
    return kindOf(error) === 'server';
  });
});

test('a token that is refused is read anew, and the request made once more with another one', async () => {
  renewed = 'y';
  answers = [json(401, {}), json(201, { kind: 'Secret' })];

  await cluster.createSecret(secret);

  assert.deepEqual(
    requests.map(({ headers }) => headers.authorization),
    ['Bearer x', 'Bearer y'],
  );
});

test('a token that is refused and has not changed is an error', async () => {
  answers = [json(401, {})];

  await assert.rejects(cluster.createSecret(secret), (error) => kindOf(error) === 'unauthorized');
  assert.equal(requests.length, 1);
});

suite('a watch', () => {
  const event = (type: string, name: string, version: string, metadata: object = {}) =>
    `${JSON.stringify({ type, object: { metadata: { name, namespace: 'a', resourceVersion: version, ...metadata } } })}\n`;
  const lines =
    (...chunks: string[]): Answer =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      for (const chunk of chunks) response.write(chunk);
      response.end();
    };
  const watch = async (resource: 'secrets' | 'namespaces' = 'secrets') => {
    const told: WatchEvent[] = [];
    const query = resource === 'secrets' ? { resource, name: 'b' } : { resource };
    await cluster.watch(query, { from: '7', tell: (one) => told.push(one), signal: stop.signal });
    return told;
  };

  test('is by name and from a version on, and tells what changed and how far it has come', async () => {
    const [first, second] = [event('MODIFIED', 'b', '8'), event('DELETED', 'b', '9')];
    answers = [lines(first.slice(0, 20), first.slice(20) + second, event('BOOKMARK', '', '12'))];

    const place = { namespace: 'a', name: 'b' };
    const secret = secretRecord({ metadata: { ...place, resourceVersion: '8' } });
    assert.deepEqual(await watch(), [
      { version: '8', change: { ...place, gone: false, isNew: false, object: { secret } } },
      { version: '9', change: { ...place, gone: true, isNew: false } },
      { version: '12' },
    ]);
    const { pathname, searchParams } = new URL(requests[0]?.url ?? '', origin());
    assert.equal(pathname, '/api/v1/secrets');
    assert.equal(searchParams.get('fieldSelector'), 'metadata.name=b');
    assert.equal(searchParams.get('resourceVersion'), '7');
    assert.ok(Number(searchParams.get('timeoutSeconds')) >= 240);
  });

  test('tells of a namespace that is being deleted as of one that is gone', async () => {
    answers = [lines(event('MODIFIED', 'team', '8', { deletionTimestamp: '2026-01-01T00:00:00Z' }))];

    assert.deepEqual(await watch('namespaces'), [
      { version: '8', change: { namespace: 'team', name: 'team', gone: true, isNew: false } },
    ]);
  });

  test('tells of a namespace that is new, and what it is', async () => {
    answers = [lines(event('ADDED', 'team', '8', { labels: { tier: 'gold' } }))];

    const namespace = { name: 'team', labels: { tier: 'gold' }, annotations: {}, terminating: false };
    assert.deepEqual(await watch('namespaces'), [
      { version: '8', change: { namespace: 'team', name: 'team', gone: false, isNew: true, object: { namespace } } },
    ]);
  });

  const status = (code: number) => ({ kind: 'Status', code, message: 'too old resource version', reason: 'Expired' });
  for (const [what, answer, kind] of [
    ['410 as an event', lines(`${JSON.stringify({ type: 'ERROR', object: status(410) })}\n`), 'expired'],
    ['410 as the status', json(410, status(410)), 'expired'],
    ['another error as an event', lines(`${JSON.stringify({ type: 'ERROR', object: status(500) })}\n`), 'server'],
    ['a refusal', json(403, { message: 'secrets is forbidden: User "x" cannot watch' }), 'forbidden'],
    ['a connection that breaks', reset, 'unreachable'],
    ['a line that is cut', lines('{"type":"MOD', '\n'), 'unreachable'],
  ] as const) {
    test(`ends with an error of the kind ${kind} after ${what}`, async () => {
      answers = [answer];

      await assert.rejects(watch(), (error) => kindOf(error) === kind);
    });
  }

  test('ends with an error where the refusal never ends', { timeout: 30_000 }, async () => {
    cluster = connectedCluster({ answerLimit: 500 });
    answers = [trickle(500)];

    await assert.rejects(watch(), (error) => kindOf(error) === 'unreachable');
  });

  test('is not repeated by itself, and ends with its signal', async () => {
    answers = [(_, response) => response.writeHead(200).flushHeaders()];

    const watching = watch();
    await until('the server has the request', async () => requests.length === 1);
    stop.abort();

    await assert.rejects(watching, (error) => kindOf(error) === 'interrupted');
  });
});
