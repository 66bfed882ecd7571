import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LinkName, LinkState } from '../../job/src/chain/chain.ts';
import { walk } from '../../job/src/chain/walk.ts';
import {
  brokenOf,
  type Change,
  forbidden,
  image,
  linksOf,
  noLogin,
  now,
  observed,
  podWith,
  refused,
  secretWith,
  waitingFor,
} from './chain-support.ts';

const early: Change = { pod: { imagePullSecrets: [] }, containers: [waitingFor(image, noLogin)] };
const failing: Change = { containers: [waitingFor(image, refused)] };
const ago = (milliseconds: number) => now.getTime() - milliseconds;
const docker = waitingFor('team/app:1', noLogin);

test('a pod that pulls has no broken link, and every link is told in order', () => {
  const chain = walk(observed());

  assert.deepEqual(
    chain.links.map(({ link, state }) => `${link} ${state}`),
    [
      'release',
      'lastRun',
      'namespace',
      'selection',
      'sources',
      'copy',
      'serviceAccount',
      'pod',
      'pullSecrets',
      'registry',
      'kubelet',
    ].map((link) => `${link} ok`),
  );
  assert.equal(chain.pulled, true);
});

/** What is wrong, the link that is named, and what is said and advised. */
const cases: Array<[what: string, change: Change, link: LinkName, says: RegExp, fix: RegExp]> = [
  [
    'a schedule that is suspended while a copy is missing',
    { ...failing, copy: null, runs: { cronJob: { is: { suspended: true, startedAt: undefined } } } },
    'release',
    /registry-access\/pullsecret-sync is suspended/,
    /kubectl patch cronjob pullsecret-sync --namespace registry-access/,
  ],
  [
    'a release that is not there while a copy is missing',
    { ...failing, copy: null, runs: { cronJob: { is: undefined } } },
    'release',
    /there is no CronJob/,
    /install the release/,
  ],
  [
    'a cleanup that is under way while a copy is missing',
    { ...failing, copy: null, runs: { standStillUntil: '2026-01-01T12:05:00Z' } },
    'release',
    /stand still until 2026-01-01T12:05:00Z/,
    /wait until then/,
  ],
  [
    'a run that failed in this namespace',
    {
      ...failing,
      copy: null,
      runs: {
        lastRun: {
          is: {
            finished: '2026-01-01T11:59:00Z',
            exitCode: 1,
            editedCopies: [],
            failures: [
              { namespace: 'team-b', message: 'elsewhere', fix: 'not this' },
              { namespace: 'team-a', message: 'exceeded quota', fix: 'raise it' },
            ],
          },
        },
      },
    },
    'lastRun',
    /60 seconds ago with exit code 1: exceeded quota/,
    /^raise it$/,
  ],
  [
    'runs that start and leave no status',
    {
      ...failing,
      copy: null,
      runs: { lastRun: { is: { finished: '2026-01-01T10:00:00Z', exitCode: 0, editedCopies: [], failures: [] } } },
    },
    'lastRun',
    /2 hours ago with exit code 0, and the one that started 20 seconds ago has left no status/,
    /kubectl get jobs,pods --namespace registry-access/,
  ],
  [
    'no run at all',
    { ...failing, copy: null, runs: { lastRun: { is: undefined } } },
    'lastRun',
    /no run has left a status/,
    /kubectl get jobs,pods/,
  ],
  [
    'a namespace that is not there',
    { namespace: { is: undefined }, similar: ['team-b'] },
    'namespace',
    /there is no namespace team-a \(did you mean team-b\?\)/,
    /kubectl get namespaces/,
  ],
  [
    'a namespace that is being deleted',
    { namespace: { is: { name: 'team-a', labels: {}, annotations: {}, terminating: true } } },
    'namespace',
    /being deleted/,
    /kubectl get namespace team-a -o yaml/,
  ],
  [
    'a namespace that no target includes',
    { ...failing, targets: [{ name: 'default', namespaces: { include: ['shop-*'] } }] },
    'selection',
    /default: namespaces.include has only "shop-\*"/,
    /add "team-a" to namespaces.include/,
  ],
  [
    'a namespace with the annotation that takes it out',
    { ...failing, annotations: { 'pullsecret-sync.io/exclude': 'true' } },
    'selection',
    /annotation pullsecret-sync.io\/exclude/,
    /^kubectl annotate namespace team-a pullsecret-sync.io\/exclude-$/,
  ],
  [
    'a namespace without the label that a selector asks for',
    {
      ...failing,
      labels: { stage: 'test' },
      targets: [{ name: 'default', namespaces: { selector: { matchLabels: { stage: 'prod' } } } }],
    },
    'selection',
    /asks for the label stage=prod, and the namespace has stage=test/,
    /label the namespace stage=prod/,
  ],
  [
    'a source that is not there',
    {
      ...failing,
      target: { content: undefined, problems: [{ message: 'Secret source does not exist', fix: 'create it' }] },
    },
    'sources',
    /Secret source does not exist/,
    /^create it$/,
  ],
  [
    'a login that the registry refused before it was copied',
    {
      ...failing,
      runs: {
        refusedLogins: [
          {
            target: 'default',
            host: 'registry.example.com',
            sources: [{ source: 'Secret source', version: 'u/7' }],
            answer: 'bad password',
            tries: 1,
            triedAt: '2026-01-01T11:59:00Z',
          },
        ],
      },
    },
    'sources',
    /registry.example.com refused the login in Secret source at .*: bad password/,
    /put the right login there/,
  ],
  [
    'a copy that is not there',
    { ...failing, copy: null },
    'copy',
    /there is none/,
    /kubectl create job pullsecret-sync-now --from=cronjob\/pullsecret-sync --namespace registry-access/,
  ],
  [
    'a copy that is not current',
    { ...failing, copy: { content: 'e30=' } },
    'copy',
    /does not hold what the sources hold now/,
    /next run/,
  ],
  ['a copy of another type', { ...failing, copy: { type: 'Opaque' } }, 'copy', /has the type "Opaque"/, /next run/],
  [
    'a copy without our marks',
    {
      ...failing,
      config: { previousReleases: ['a/b'] },
      copy: { annotations: { 'pullsecret-sync.io/owner': 'a/b/team-a' } },
    },
    'copy',
    /not marked as ours/,
    /next run/,
  ],
  [
    "a Secret of the copy's name that Helm owns",
    {
      ...failing,
      copy: {
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'shop' },
      },
    },
    'copy',
    /belongs to someone else \(the Helm release shop\)/,
    /exclude the namespace or choose another secretName/,
  ],
  [
    "a Secret of the copy's name that a person made",
    { ...failing, copy: { labels: {}, annotations: {}, managers: ['kubectl-create'] } },
    'copy',
    /belongs to someone else \(kubectl-create\)/,
    /onConflict: adopt/,
  ],
  [
    'a ServiceAccount that lost the reference',
    { ...early, account: { imagePullSecrets: [], listWriters: ['pullsecret-sync', 'argocd'] } },
    'serviceAccount',
    /does not name pull any more: argocd took it out/,
    /next run does it/,
  ],
  [
    'a ServiceAccount without the reference',
    { ...early, account: { imagePullSecrets: [], annotations: {} } },
    'serviceAccount',
    /does not name pull yet/,
    /next run does it/,
  ],
  [
    'a ServiceAccount whose list another tool declares',
    { ...early, account: { imagePullSecrets: [], annotations: {}, listAppliedBy: 'argocd' } },
    'serviceAccount',
    /declared by another tool \(argocd\)/,
    /add pull to the list there/,
  ],
  [
    'a ServiceAccount that no target wants',
    {
      ...early,
      pod: { serviceAccount: 'builder', imagePullSecrets: [] },
      account: { name: 'builder', imagePullSecrets: [], annotations: {} },
    },
    'serviceAccount',
    /target default leaves it out, since serviceAccounts.include has only "default"/,
    /add "builder" to serviceAccounts.include/,
  ],
  [
    'a ServiceAccount with the annotation that takes it out',
    { ...early, account: { imagePullSecrets: [], annotations: { 'pullsecret-sync.io/exclude': 'true' } } },
    'serviceAccount',
    /annotation pullsecret-sync.io\/exclude/,
    /take the annotation/,
  ],
  [
    'a ServiceAccount that is gone',
    { ...early, account: null },
    'serviceAccount',
    /there is no ServiceAccount default/,
    /kubectl create serviceaccount default --namespace team-a/,
  ],
  [
    'a pod that is not there',
    { pods: { is: [] }, similar: ['app-2'] },
    'pod',
    /there is no pod app in team-a \(did you mean app-2\?\)/,
    /kubectl get pods --namespace team-a/,
  ],
  ['a pod that is being deleted', { ...failing, pod: { terminating: true } }, 'pod', /being deleted/, /in its place/],
  [
    'a pod that no node has',
    {
      pod: { unscheduled: '0/3 nodes are available' },
      containers: [{ name: 'app', image, waiting: undefined, hasImage: false }],
    },
    'pod',
    /no node has it: 0\/3 nodes are available/,
    /kubectl describe pod app --namespace team-a/,
  ],
  [
    'a pod that came too early',
    { ...early, account: { listChangedAt: ago(60_000) } },
    'pullSecrets',
    /made before its ServiceAccount named pull/,
    /^kubectl rollout restart deployment\/app --namespace team-a$/,
  ],
  [
    'a pod that got the list of its ServiceAccount as it was then',
    {
      ...early,
      pod: { imagePullSecrets: ['other'] },
      account: { imagePullSecrets: ['other', 'pull'], listChangedAt: ago(60_000) },
    },
    'pullSecrets',
    /it names other and not pull: it was made before/,
    /rollout restart/,
  ],
  [
    'a pod from which something takes the list',
    early,
    'pullSecrets',
    /something takes it out when pods are made/,
    /mutatingwebhookconfigurations/,
  ],
  [
    'a pod that names a Secret of a name that was in use once',
    {
      ...early,
      config: { previousSecretNames: ['was'] },
      pod: { imagePullSecrets: ['was'] },
      account: { listChangedAt: ago(60_000) },
    },
    'pullSecrets',
    /it names was and not pull/,
    /rollout restart/,
  ],
  [
    'a pod that brings a list of its own without the login',
    {
      ...failing,
      pod: { imagePullSecrets: ['own'] },
      secrets: new Map([['own', secretWith('elsewhere.example.com')]]),
    },
    'pullSecrets',
    /brings its own list \(own\).*none in it has a login for registry.example.com/,
    /add pull to imagePullSecrets in the template of Deployment app, or take the list out of it/,
  ],
  [
    'a pod that brings a list of its own that leads nowhere',
    { ...failing, pod: { imagePullSecrets: ['own'] }, secrets: new Map([['own', { is: undefined }]]) },
    'pullSecrets',
    /there is no Secret own/,
    /add pull/,
  ],
  [
    'an image of a registry that nobody has a login for',
    { containers: [docker] },
    'registry',
    /no login for docker.io; pull has logins for registry.example.com/,
    /add a login for docker.io to the sources of target default/,
  ],
  [
    'an image of a registry that a target has a login for which leaves the namespace out',
    {
      containers: [docker],
      targets: [{ name: 'default' }, { name: 'hub', secretName: 'hub', namespaces: { exclude: ['team-*'] } }],
      hosts: { hub: 'docker.io' },
    },
    'registry',
    /no login for docker.io/,
    /target hub has a login for it and leaves this namespace out, since namespaces.exclude has "team-\*": take "team-\*" out/,
  ],
  [
    'a login that the registry refuses',
    failing,
    'kubelet',
    /the registry refused the login; it says: unexpected status .* 401 Unauthorized/,
    /verify/,
  ],
  [
    'an image that is not there',
    {
      containers: [
        waitingFor(
          image,
          `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve image: ${image}: not found`,
          'ErrImagePull',
        ),
      ],
    },
    'kubelet',
    /no such image or tag, or hides it/,
    /check name and tag/,
  ],
];

describe('the first broken link is named, with its cure', () => {
  for (const [what, change, link, says, fix] of cases) {
    test(`for ${what}: ${link}`, () => {
      const broken = brokenOf(change);

      assert.equal(broken?.link, link, JSON.stringify(broken));
      assert.match(broken.says, says);
      assert.match(broken.fix ?? '', fix);
    });
  }
});

const makers: Array<[kind: string, controller: { kind: string; name: string } | undefined, fix: RegExp]> = [
  [
    'a StatefulSet',
    { kind: 'StatefulSet', name: 'db' },
    /^kubectl rollout restart statefulset\/db --namespace team-a$/,
  ],
  ['a DaemonSet', { kind: 'DaemonSet', name: 'log' }, /^kubectl rollout restart daemonset\/log --namespace team-a$/],
  [
    'a Job',
    { kind: 'Job', name: 'once' },
    /^kubectl delete pod app --namespace team-a \(its Job once makes it anew\)$/,
  ],
  ['nothing', undefined, /from its manifest.*kubectl delete pod app --namespace team-a$/],
  ['a node', { kind: 'Node', name: 'node-1' }, /static pod/],
];
for (const [kind, controller, fix] of makers) {
  test(`a pod that came too early and was made by ${kind} is made anew in its own way`, () => {
    const pod = { imagePullSecrets: [], controller, workload: controller };

    const broken = brokenOf({ ...early, pod, account: { listChangedAt: ago(60_000) } });

    assert.equal(broken?.link, 'pullSecrets');
    assert.match(broken.fix ?? '', fix);
  });
}

/** What holds although something beside the way is off. */
const beside: Array<[what: string, change: Change, link: LinkName, state: LinkState]> = [
  [
    'a suspended schedule, while nothing is missing',
    { runs: { cronJob: { is: { suspended: true, startedAt: undefined } } } },
    'release',
    'ok',
  ],
  [
    'a follower that runs beside a suspended schedule',
    {
      copy: null,
      runs: { follower: { is: { ready: true } }, cronJob: { is: { suspended: true, startedAt: undefined } } },
    },
    'release',
    'ok',
  ],
  [
    'a failed run, while nothing is missing',
    { runs: { lastRun: { is: { finished: '2026-01-01T11:00:00Z', exitCode: 1, editedCopies: [], failures: [] } } } },
    'lastRun',
    'ok',
  ],
  [
    'a ServiceAccount without the reference, where the pod names the copy itself',
    { account: { imagePullSecrets: [] } },
    'serviceAccount',
    'notReached',
  ],
  [
    'a missing copy, where the pod brings a list of its own that has the login',
    { copy: null, pod: { imagePullSecrets: ['own'] }, secrets: new Map([['own', secretWith('registry.example.com')]]) },
    'copy',
    'notReached',
  ],
  [
    'a list of its own with the login',
    { pod: { imagePullSecrets: ['own'] }, secrets: new Map([['own', secretWith('registry.example.com')]]) },
    'pullSecrets',
    'ok',
  ],
  [
    'a registry without a login, whose image is on the node',
    { containers: [{ name: 'app', image: 'nginx', waiting: undefined, hasImage: true }] },
    'registry',
    'ok',
  ],
  [
    'a registry without a login, of which nothing was heard yet',
    {
      containers: [
        { name: 'app', image: 'nginx', waiting: { reason: 'ContainerCreating', message: '' }, hasImage: false },
      ],
    },
    'registry',
    'unknown',
  ],
  [
    'an image that is never pulled',
    { containers: [waitingFor(image, 'is not present with pull policy of Never', 'ErrImageNeverPull')] },
    'registry',
    'notReached',
  ],
  [
    'a source of which only the pods have the file',
    { target: { content: undefined, unread: { says: 'not seen' } } },
    'sources',
    'unknown',
  ],
];
for (const [what, change, link, state] of beside) {
  test(`${what}: ${link} is ${state}`, () => {
    assert.deepEqual(
      linksOf(change, link).map((one) => one.state),
      [state],
    );
  });
}

const refusals: Array<[what: string, change: Change, link: LinkName, right: RegExp]> = [
  [
    'the CronJob',
    {
      runs: {
        cronJob: forbidden({
          verb: 'get',
          resource: 'cronjobs',
          name: 'pullsecret-sync',
          namespace: 'registry-access',
        }),
      },
    },
    'release',
    /auth can-i get cronjobs.batch\/pullsecret-sync --namespace registry-access/,
  ],
  [
    'the status',
    { runs: { lastRun: forbidden({ verb: 'get', resource: 'configmaps', name: 'x', namespace: 'registry-access' }) } },
    'lastRun',
    /resources: \[configmaps\]/,
  ],
  [
    'the namespace',
    { namespace: forbidden({ verb: 'get', resource: 'namespaces', name: 'team-a' }) },
    'namespace',
    /auth can-i get namespaces\/team-a"/,
  ],
  [
    'the sources',
    {
      target: {
        content: undefined,
        unread: forbidden({ verb: 'get', resource: 'secrets', name: 'source', namespace: 'registry-access' }).not,
      },
    },
    'sources',
    /get secrets\/source --namespace registry-access/,
  ],
  [
    'the copy',
    {
      secrets: new Map([['pull', forbidden({ verb: 'get', resource: 'secrets', name: 'pull', namespace: 'team-a' })]]),
    },
    'copy',
    /get secrets\/pull --namespace team-a/,
  ],
  [
    'the ServiceAccounts',
    { serviceAccounts: forbidden({ verb: 'get', resource: 'serviceaccounts', name: 'default', namespace: 'team-a' }) },
    'serviceAccount',
    /get serviceaccounts\/default/,
  ],
  [
    'pods',
    { pods: forbidden({ verb: 'get', resource: 'pods', name: 'app', namespace: 'team-a' }) },
    'pod',
    /get pods\/app --namespace team-a/,
  ],
];
for (const [what, change, link, right] of refusals) {
  test(`without the right to see ${what} that link is unknown and names the right, and the others are told`, () => {
    const { links } = walk(observed(change));

    const unseen = links.find((one) => one.link === link);
    assert.equal(unseen?.state, 'unknown');
    assert.match(unseen.fix ?? '', right);
    assert.ok(links.filter(({ state }) => state === 'ok').length > 4);
    assert.equal(
      links.find(({ state }) => state === 'broken'),
      undefined,
    );
  });
}

test('of several targets those count that have a login for what the pod waits for', () => {
  const change: Change = {
    ...failing,
    targets: [{ name: 'hub', secretName: 'hub' }, { name: 'default' }],
    hosts: { hub: 'docker.io' },
    copy: { content: Buffer.from('{}').toString('base64') },
  };

  assert.deepEqual(
    linksOf(change, 'copy').map(({ about }) => about),
    ['pull'],
  );
  assert.equal(linksOf(change, 'selection').length, 2);
});

test('what waits for a run beside the way of the pod stops nobody there', () => {
  const change: Change = {
    ...failing,
    targets: [{ name: 'default' }, { name: 'hub', secretName: 'hub' }],
    hosts: { hub: 'docker.io' },
    runs: { cronJob: { is: { suspended: true, startedAt: undefined } } },
  };

  assert.equal(brokenOf(change)?.link, 'kubelet');
  assert.equal(brokenOf({ ...change, asked: { namespace: 'team-a' } })?.link, 'release');
});

test('a source that has the name of the copy is the copy', () => {
  const [link] = linksOf(
    {
      copy: { annotations: {}, labels: {}, namespace: 'registry-access' },
      asked: { namespace: 'registry-access', pod: 'app' },
      namespace: { is: { name: 'registry-access', labels: {}, annotations: {}, terminating: false } },
      config: { targets: [{ name: 'default', secretName: 'pull', sources: [{ secret: 'pull' }] }] },
    },
    'copy',
  );

  assert.match(link?.says ?? '', /^it is the source itself and current/);
});

test('a target that comes first for the same name is said to', () => {
  const targets = [{ name: 'team' }, { name: 'default' }];

  assert.match(linksOf({ targets }, 'selection').at(-1)?.says ?? '', /^default: team comes first for pull$/);
});

test('a namespace is walked to every pod in it that waits, and to the ServiceAccounts of its targets', () => {
  const asked = { namespace: 'team-a' };
  const pods = {
    is: [
      podWith({ name: 'one', imagePullSecrets: [], containers: [waitingFor(image, noLogin)] }),
      podWith({
        name: 'two',
        serviceAccount: 'builder',
        imagePullSecrets: [],
        containers: [waitingFor(image, noLogin)],
      }),
    ],
  };
  const { serviceAccounts } = observed();
  const named = 'is' in serviceAccounts ? serviceAccounts.is : [];
  const builder = { ...named[0], name: 'builder', imagePullSecrets: [] } as (typeof named)[number];

  const { links } = walk(observed({ asked, pods, serviceAccounts: { is: [...named, builder] } }));

  const states = (name: LinkName) =>
    links.filter(({ link }) => link === name).map(({ about, state }) => `${about} ${state}`);
  assert.deepEqual(states('serviceAccount'), ['default ok', 'builder broken']);
  assert.deepEqual(states('pod'), ['one ok', 'two ok']);
  assert.deepEqual(states('pullSecrets'), ['one broken', 'two broken']);
});

test('more pods than are looked at are counted', () => {
  const links = linksOf({ asked: { namespace: 'team-a' }, morePods: 280 }, 'pod');

  assert.equal(links.at(-1)?.says, '280 more wait for an image');
});

test('a refused login of a list that the pod brings is to be mended there', () => {
  const change: Change = {
    ...failing,
    pod: { imagePullSecrets: ['own'] },
    secrets: new Map([['own', secretWith('registry.example.com')]]),
    copy: null,
    targets: [{ name: 'default', namespaces: { include: ['shop'] } }],
  };

  const broken = brokenOf(change);

  assert.equal(broken?.link, 'kubelet');
  assert.equal(broken.fix, 'put the right login into the Secret own, which is not ours');
});

test('where all holds by now the kubelet only has to try again', () => {
  const broken = brokenOf({ containers: [waitingFor(image, noLogin)] });

  assert.equal(broken?.link, 'kubelet');
  assert.match(broken.fix ?? '', /tries again within five minutes; at once: kubectl rollout restart deployment\/app/);
});

test('a namespace in which none waits says so', () => {
  const links = linksOf({ asked: { namespace: 'team-a' }, pods: { is: [] } }, 'pod');

  assert.deepEqual(links, [{ link: 'pod', state: 'ok', says: 'none waits for an image' }]);
});

test('an older kubelet says why in an Event only', () => {
  const events = {
    is: [{ reason: 'Failed', note: `Failed to pull image "${image}": 401 Unauthorized`, at: ago(30_000) }],
  };
  const containers = [waitingFor(image, `Back-off pulling image "${image}"`)];

  const [link] = linksOf({ pod: { events }, containers }, 'kubelet');

  assert.equal(link?.says, 'the registry refused the login; it said 30 seconds ago: 401 Unauthorized');
});
