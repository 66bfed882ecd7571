import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { V1Secret, V1ValidatingAdmissionPolicy } from '@kubernetes/client-node';
import { until } from '../../scripts/until.ts';
import { uniqueLogin } from '../support/leaks/unique-password.ts';
import { type ApiAnswer, type ApiRequest, type Caller, callerOf } from './api-requests.ts';
import { attemptsOfCleanup } from './guard/cleanup.ts';
import { attemptsOnCopies, attemptsWhereAdopted } from './guard/copies.ts';
import { attemptsOnReferences } from './guard/references.ts';
import {
  accountWith,
  adopted,
  allMarks,
  allReferences,
  applySecret,
  deleteSecret,
  handedBack,
  managedBy,
  ours,
  owner,
  patchAccount,
  patchSecret,
  tokenOf,
} from './guard/requests.ts';
import {
  registryValues,
  releaseNamespace,
  secretName,
  sourceSecret,
  startTestCluster,
  type TestCluster,
} from './support.ts';

const values = { ...registryValues(), existingSecrets: [secretName] };
const selected = { namespaces: { include: ['team-a', 'had-it', 'adopted'] } };
const off = { guardPolicy: { enabled: false } };
const marks = (namespace: string, release?: string) => ({
  labels: { [managedBy]: 'pullsecret-sync' },
  annotations: { 'pullsecret-sync.io/owner': owner(namespace, release) },
});

let cluster: TestCluster;
let admin: Caller;
/** With tokens that somebody stole. */
let callers: Record<'job' | 'cleanup', Caller>;

before(async () => {
  cluster = await startTestCluster();
  await cluster.createNamespaces('team-a', 'had-it', 'empty', ...Object.keys(secrets), releaseNamespace);
  await cluster.applyObjects(
    ...Object.entries(secrets).map(([namespace, secret]) => secretIn(namespace, secret)),
    sourceSecret(secretName, uniqueLogin('stolen')),
    account('team-a', accountWith(['theirs', 'more'], 'other/release:more')),
    account('had-it', { imagePullSecrets: [{ name: secretName }] }),
    job('theirs'),
  );
  await cluster.install({ ...values, ...off, ...selected });
  const { code, output } = await cluster.job(['sync']);
  assert.equal(code, 0, output);
  admin = await callerOf(cluster.controlPlane.kubeconfig);
  callers = {
    job: await callerOf(cluster.jobKubeconfig),
    cleanup: await callerOf(await cluster.kubeconfigFor(releaseNamespace, 'pullsecret-sync-cleanup')),
  };
});
after(async () => {
  for (const caller of [admin, ...Object.values(callers)]) await caller[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const attempts = [
  ...[...attemptsOnReferences, ...attemptsOnCopies].map((attempt) => ({ who: 'job' as const, ...attempt })),
  ...attemptsOfCleanup.map((attempt) => ({ who: 'cleanup' as const, ...attempt })),
];

suite('without the guard', () => {
  for (const { who, what, request } of attempts) {
    test(`whoever has the token of the ${who} ${what}`, async () => {
      assertDone(await callers[who].ask(dryRun(request)));
    });
  }

  test('whoever has the token of the job becomes any ServiceAccount', async () => {
    assertDone(await callers.job.ask(tokenOf('default', 'empty')));

    const path = `/api/v1/secrets?fieldSelector=metadata.name=${secretName}`;
    await until('the list of copies holds a token', async () => {
      const { items } = (await callers.job.ask({ path })).body;
      return items.some(({ data }: V1Secret) => data?.token !== undefined);
    });
    assertDone(await admin.ask(deleteSecret('empty')));
  });
});

suite('with the guard', () => {
  before(() => cluster.install({ ...values, ...selected }));

  for (const { who, what, request, refusal } of attempts) {
    test(`nobody who has the token of the ${who} ${what}`, async () => {
      const { status, body } = await callers[who].ask(request);

      assert.equal(status, 403, body.message);
      assert.match(body.message, /^[^:]*is forbidden: ValidatingAdmissionPolicy 'registry-access-pullsecret-sync-/);
      assert.match(body.message, /pullsecret-sync never does this \(guardPolicy\): /);
      assert.match(body.message, refusal);
    });
  }

  test('nobody else is asked anything', async () => {
    for (const { what, request } of attempts) assertDone(await admin.ask(dryRun(request)), what);
  });

  for (const [what, request] of allowed()) {
    test(`the job ${what}`, async () => assertDone(await callers.job.ask(dryRun(request))));
  }

  for (const [what, request] of [
    ['hands an adopted Secret back', patchSecret(handedBack(), 'adopted')],
    ['deletes a copy', deleteSecret('team-a')],
    ['takes its reference out', patchAccount(accountWith(['theirs', 'more'], 'other/release:more'))],
  ] as const) {
    test(`the cleanup ${what}`, async () => assertDone(await callers.cleanup.ask(dryRun(request))));
  }

  test('the API server finds its rules well typed', async () => {
    const policies = () => cluster.list<V1ValidatingAdmissionPolicy>('validatingadmissionpolicies');
    await until('they are checked', async () =>
      (await policies()).every(({ metadata, status }) => status?.observedGeneration === metadata?.generation),
    );

    const warnings = (await policies()).flatMap(({ status }) => status?.typeChecking?.expressionWarnings ?? []);
    assert.deepEqual(warnings, []);
  });

  test('lists of hundreds, and a copy of half a megabyte, cost less than the API server takes', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `theirs-${index}`);
    const theirMarks = names.map((name) => `other/release:${name}`).join();
    const large = Buffer.from(JSON.stringify({ auths: { 'a.example.com': { auth: 'x'.repeat(500_000) } } }));
    assertDone(await admin.ask(patchAccount(accountWith(names, theirMarks), 'empty')));
    assertDone(
      await callers.job.ask(applySecret('empty', { data: { '.dockerconfigjson': large.toString('base64') } })),
    );

    const marked = accountWith([...names, secretName], `${theirMarks},${ours}:${secretName}`);
    assertDone(await callers.job.ask(patchAccount(marked, 'empty')));
    assertDone(await callers.job.ask(applySecret('empty')));
    assertDone(await callers.job.ask(deleteSecret('empty')));
  });
});

suite('with the guard, where Secrets are adopted', () => {
  before(() => cluster.install({ ...values, ...selected, onConflict: 'adopt' }));

  for (const { what, request, refusal } of attemptsWhereAdopted) {
    test(`nobody who has the token of the job ${what}`, async () => {
      const { status, body } = await callers.job.ask(request);

      assert.equal(status, 403, body.message);
      assert.match(body.message, refusal);
    });
  }

  for (const [what, request] of [
    ["takes another's Secret over, and says that it was there before", applySecret('foreign', adopted('foreign'))],
    ["takes another's Secret of another type out of the way", deleteSecret('opaque')],
    ['makes a Secret in place of one that was adopted', applySecret('empty', adopted('empty'))],
    ['hands an adopted Secret back', patchSecret(handedBack(), 'adopted')],
  ] as const) {
    test(`the job ${what}`, async () => assertDone(await callers.job.ask(dryRun(request))));
  }
});

/** What the job does, or a webhook to what it does. */
function allowed(): Array<[what: string, request: ApiRequest]> {
  const without = accountWith(['theirs', 'more'], 'other/release:more');
  const labelled = { metadata: { ...marks('empty'), labels: { ...marks('empty').labels, team: 'a' } } };
  return [
    ['takes its reference out', patchAccount(without)],
    ['keeps its reference and writes nothing new', patchAccount(accountWith(allReferences, allMarks))],
    [
      "adds another name, and another release's admission policy one in the same request",
      patchAccount(
        accountWith(
          [...allReferences, 'renamed', 'other-copy'],
          `${allMarks},${ours}:renamed,other/release:other-copy`,
        ),
      ),
    ],
    [
      "takes its reference out, and another release's admission policy adds it for itself in the same request",
      patchAccount(accountWith(allReferences, `other/release:more,other/release:${secretName}`)),
    ],
    ['makes a copy', applySecret('empty')],
    ['makes a copy that a webhook labels', applySecret('empty', labelled)],
    ['writes other credentials into a copy', applySecret('team-a')],
    [
      'notes on a copy since when its name is no longer used',
      applySecret('team-a', {
        metadata: {
          ...marks('team-a'),
          annotations: { ...marks('team-a').annotations, 'pullsecret-sync.io/retired-at': 'a' },
        },
      }),
    ],
    ['deletes a copy', deleteSecret('team-a')],
    ['hands an adopted Secret back', patchSecret(handedBack(), 'adopted')],
  ];
}

/** Secrets with a copy's name, by their namespaces. */
const secrets: Record<string, object> = {
  foreign: {},
  opaque: { type: 'Opaque' },
  helms: { metadata: { labels: { [managedBy]: 'Helm' } } },
  'other-release': { metadata: marks('other-release', 'other/release') },
  exported: { metadata: marks('team-a') },
  adopted: {
    metadata: {
      labels: { ...marks('adopted').labels, team: 'theirs' },
      annotations: {
        ...marks('adopted').annotations,
        'pullsecret-sync.io/adopted': 'true',
        'example.com/theirs': 'a',
      },
    },
  },
};

function secretIn(namespace: string, { metadata = {}, ...rest }: { metadata?: object }): object {
  const data = { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') };
  const type = 'kubernetes.io/dockerconfigjson';
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    data,
    ...rest,
    metadata: { name: secretName, namespace, ...metadata },
  };
}

interface AccountChange {
  metadata?: { annotations?: object };
  imagePullSecrets?: object[];
}

function account(namespace: string, { metadata = {}, ...rest }: AccountChange): object {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    ...rest,
    metadata: {
      name: 'default',
      namespace,
      labels: { 'example.com/theirs': 'a' },
      annotations: { 'example.com/theirs': 'a', ...metadata.annotations },
    },
  };
}

function job(name: string): object {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'none' }] } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: releaseNamespace },
    spec: { suspend: true, template },
  };
}

function dryRun(request: ApiRequest): ApiRequest {
  return { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}dryRun=All` };
}

function assertDone({ status, body }: ApiAnswer, what?: string): void {
  assert.ok(status === 200 || status === 201, `${what ?? ''} ${status} ${body.message}`);
}
