import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { SecretRecord } from '../../job/src/cluster/cluster.ts';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { ProblemError } from '../../job/src/problem.ts';
import { assertNoTrace } from '../support/no-trace.ts';
import { account, importOf, logins, marker, secret } from './import-support.ts';

const helm = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'shop' },
};
const patched = { annotations: { 'app.kubernetes.io/managed-by': 'imagepullsecret-patcher' } };
const ours = (namespace: string) => ({
  labels: { 'app.kubernetes.io/managed-by': 'pullsecret-sync' },
  annotations: { 'pullsecret-sync.io/owner': `registry-access/pullsecret-sync/${namespace}` },
});

describe('an import of hand-made Secrets', () => {
  test('is complete but for the credentials, and all namespaces where each has one', async () => {
    const { values } = await importOf({ namespaces: ['a', 'b', 'kube-system'], secrets: [secret('a'), secret('b')] });

    assert.deepEqual(values, {
      secretName: 'regcred',
      registries: { 'registry-example-com': { server: 'registry.example.com' } },
      namespaces: { include: ['*'], exclude: [], excludeSystem: true },
      serviceAccounts: { include: ['default'] },
      onConflict: 'adopt',
    });
  });

  test('names exactly the namespaces that have one where others have none, and says who else would get it', async () => {
    const { values, comments } = await importOf({
      namespaces: ['a', 'b', 'c'],
      secrets: [secret('a'), secret('b')],
    });

    assert.deepEqual(values.namespaces.include, ['a', 'b']);
    assert.match(comments, /include: \["\*"\] would give it to these too: c\./);
  });

  test('reaches into system namespaces only where one has it, and leaves out those that have not', async () => {
    const { values } = await importOf({
      namespaces: ['a', 'kube-system', 'kube-public'],
      secrets: [secret('a'), secret('kube-system')],
    });

    assert.deepEqual(values.namespaces, { include: ['*'], exclude: ['kube-public'], excludeSystem: false });
  });

  test('does not count namespaces that an annotation takes out, nor ones that are being deleted', async () => {
    const annotations = { 'k8s.titansoft.com/imagepullsecret-patcher-exclude': 'true' };
    const { values, comments } = await importOf({
      namespaces: ['a', 'b', { name: 'out', annotations }, { name: 'going', terminating: true }],
      secrets: [secret('a'), secret('b')],
    });

    assert.deepEqual(values.namespaces.include, ['*']);
    assert.match(comments, /Namespace out: is left out by its annotation/);
  });

  test('makes a profile of each further name, the most frequent name being the main one', async () => {
    const { values } = await importOf({
      namespaces: ['a', 'b', 'c'],
      secrets: [
        secret('a', { name: 'zz-main' }),
        secret('b', { name: 'zz-main' }),
        secret('c', { name: 'zz-main' }),
        secret('a', { name: 'tools.pull', holds: logins('docker.io') }),
        secret('b', { name: 'tools.pull', holds: logins('docker.io') }),
      ],
    });

    assert.equal(values.secretName, 'zz-main');
    assert.deepEqual(values.profiles, {
      'tools-pull': {
        secretName: 'tools.pull',
        registries: { 'docker-hub': { server: 'docker.io' } },
        namespaces: { include: ['a', 'b'], exclude: [], excludeSystem: true },
      },
    });
  });

  test('makes a profile of the namespaces that hold something else under the same name', async () => {
    const { values } = await importOf({
      namespaces: ['a', 'b', 'c'],
      secrets: [secret('a'), secret('b', { holds: logins('registry.example.com', 'another-password') }), secret('c')],
    });

    assert.deepEqual(values.namespaces.include, ['*']);
    assert.deepEqual(values.profiles['regcred-b'].namespaces.include, ['b']);
    assert.equal(values.profiles['regcred-b'].secretName, 'regcred');
    assert.equal(values.profiles['regcred-b'].priority, undefined);
  });

  test('lets what is else under the name of a profile come before that profile', async () => {
    const name = 'tools';
    const { values } = await importOf({
      namespaces: ['a', 'b', 'c'],
      secrets: [
        ...['a', 'b', 'c'].flatMap((namespace) => [secret(namespace, { name: 'main' }), secret(namespace, { name })]),
      ].map((one) =>
        one.name === name && one.namespace === 'a' ? secret('a', { name, holds: logins('b.example.com') }) : one,
      ),
      serviceAccounts: ['a', 'b', 'c'].map((namespace) => account(namespace, { imagePullSecrets: ['main'] })),
    });

    assert.deepEqual(values.profiles.tools.namespaces.include, ['*']);
    assert.equal(values.profiles['tools-a'].priority, 1);
  });

  test('takes logins for the same however a docker config writes them', async () => {
    const auths = { 'https://registry.example.com/v2/': { username: 'robot-user', password: marker, email: 'a@b' } };
    const { values } = await importOf({
      namespaces: ['a', 'b'],
      secrets: [secret('a'), secret('b', { holds: { auths } })],
    });

    assert.equal(values.profiles, undefined);
  });

  test('says where two names hold the same in the same namespaces, and does not guess which is the old one', async () => {
    const { values, comments } = await importOf({
      namespaces: ['a', 'b'],
      secrets: ['a', 'b'].flatMap((namespace) => [secret(namespace), secret(namespace, { name: 'regcred-2024' })]),
    });

    assert.deepEqual(Object.keys(values.profiles), ['regcred-2024']);
    assert.match(comments, /The same logins in the same namespaces as regcred\..* candidate for previousSecretNames/);
    assert.equal(values.previousSecretNames, undefined);
  });

  test('is limited to the names that are asked for', async () => {
    const secrets = [secret('a'), secret('b'), secret('a', { name: 'tools' }), secret('b', { name: 'tools' })];

    const { values, comments } = await importOf({ namespaces: ['a', 'b'], secrets }, { secretName: ['tools'] });

    assert.equal(values.secretName, 'tools');
    assert.equal(values.profiles, undefined);
    assert.match(comments, /Secret a\/regcred, Secret b\/regcred: was not asked for/);
  });

  test('says which of the names that are asked for is not there', async () => {
    const asked = { secretName: ['regcred', 'typo'] };

    const { values, told } = await importOf({ namespaces: ['a'], secrets: [secret('a')] }, asked);

    assert.equal(values.secretName, 'regcred');
    assert.ok(told.includes('warn: no Secret of this name can be imported  secret=typo'), told.join('\n'));
  });

  test("leaves out what nobody spreads, such as a build's login, but for whoever asks for it", async () => {
    const records = {
      namespaces: ['a', 'b'],
      secrets: [secret('a'), secret('b'), secret('a', { name: 'kaniko' })],
    };

    const all = await importOf(records);
    const one = await importOf(records, { secretName: ['kaniko'] });

    assert.equal(all.values.profiles, undefined);
    assert.match(all.comments, /Secret a\/kaniko: lies in one namespace .* --secret-name kaniko/);
    assert.equal(one.values.secretName, 'kaniko');
  });

  test('points to a Secret that existingSecrets can take', async () => {
    const { comments } = await importOf({ namespaces: ['a'], secrets: [secret('a')] });

    assert.match(comments, /Secret a\/regcred holds these logins: .* existingSecrets can stand in place of this/);
  });
});

describe('the ServiceAccounts of an import', () => {
  const secrets = [secret('a'), secret('b')];
  const namespaces = ['a', 'b'];

  test('are exactly the names that refer to it, and who is new to that is told', async () => {
    const { values, comments } = await importOf({
      namespaces,
      secrets,
      serviceAccounts: [
        account('a', { imagePullSecrets: [] }),
        account('a', { name: 'app' }),
        account('b', { imagePullSecrets: [] }),
        account('b', { name: 'app', imagePullSecrets: [] }),
      ],
    });

    assert.deepEqual(values.serviceAccounts.include, ['app']);
    assert.match(comments, /These do not name it yet, and will: b\/app\./);
  });

  test('are all where all refer to it', async () => {
    const serviceAccounts = [account('a'), account('a', { name: 'app' }), account('b')];

    const { values } = await importOf({ namespaces, secrets, serviceAccounts });

    assert.deepEqual(values.serviceAccounts.include, ['*']);
  });

  test('are the default ones where none refers to it, and that is said', async () => {
    const serviceAccounts = namespaces.map((namespace) => account(namespace, { imagePullSecrets: [] }));

    const { values, comments } = await importOf({ namespaces, secrets, serviceAccounts });

    assert.deepEqual(values.serviceAccounts.include, ['default']);
    assert.match(comments, /No ServiceAccount names it/);
  });

  test('whose list another tool declares are a conflict to expect', async () => {
    const lagging = account('b', { imagePullSecrets: ['other'], listAppliedBy: 'argocd-controller' });

    const { comments, told } = await importOf({ namespaces, secrets, serviceAccounts: [account('a'), lagging] });

    const reason = 'has a list of pull secrets that argocd-controller declares';
    assert.match(comments, new RegExp(`ServiceAccount b/default: ${reason}`));
    assert.doesNotMatch(comments, /do not name it yet/);
    assert.match(told.join('\n'), new RegExp(`objects=ServiceAccount b/default  reason=${reason}`));
  });
});

describe('conflicts to expect', () => {
  const identityToken = { auths: { 'registry.example.com': { identitytoken: marker } } };
  const cases: Array<[what: string, other: SecretRecord, expected: RegExp]> = [
    [
      'a Secret of the old type',
      secret('b', { type: 'kubernetes.io/dockercfg', holds: logins().auths }),
      /kubernetes\.io\/dockercfg and is deleted and created anew/,
    ],
    ['a Secret of a wrong type', secret('b', { type: 'Opaque' }), /Opaque and is deleted and created anew/],
    [
      'an immutable Secret',
      secret('b', { immutable: true, holds: { ...logins(), more: 1 } }),
      /is immutable and is deleted and created anew/,
    ],
    ['a Secret of a Helm release', secret('b', helm), /belongs to the Helm release shop and is never touched/],
    ['content that is no JSON', secret('b', { holds: `no JSON ${marker}` }), /is not a JSON object/],
    ['an entry that the job refuses', secret('b', { holds: identityToken }), /has only an identity or registry token/],
    [
      'a login that expires',
      secret('b', { holds: { auths: { 'registry.example.com': { username: 'AWS', password: marker } } } }),
      /Amazon ECR token/,
    ],
    [
      'a copy that another tool keeps',
      secret('b', { annotations: { 'reflector.v1.k8s.emberstack.com/reflects': 'a/regcred' } }),
      /is kept by reflector.*; before the installation, scale/,
    ],
    [
      'a Secret that Argo CD applies',
      secret('b', { managers: ['argocd-controller'] }),
      /is applied by Argo CD, which changes it back; before the installation, take it out of its Application/,
    ],
    [
      'a Secret that an object of another tool owns',
      secret('b', { owners: ['SealedSecret regcred'] }),
      /is kept by the SealedSecret regcred; before the installation, delete the SealedSecret/,
    ],
  ];
  for (const [what, other, expected] of cases) {
    test(`include ${what}, in the file and beside it`, async () => {
      const { comments, told, values } = await importOf({
        namespaces: ['a', 'b', 'c'],
        secrets: [secret('a'), other, secret('c')],
      });

      assert.match(comments, new RegExp(`Secret b/regcred: [^#]*${expected.source}`));
      assert.match(told.join('\n'), new RegExp(expected.source.replace('; ', '.*fix=')));
      assert.deepEqual(values.namespaces.include, ['*']);
    });
  }

  test('are none where what is there is plainly taken over, an immutable Secret with the same content too', async () => {
    const { comments, told } = await importOf({
      namespaces: ['a', 'b'],
      secrets: [secret('a', patched), secret('b', { immutable: true })],
    });

    assert.doesNotMatch(comments, /To expect/);
    assert.equal(told.length, 1);
  });

  test('name a host whose login is refused all the same, since its credentials come anew', async () => {
    const { values } = await importOf({
      namespaces: ['a', 'b'],
      secrets: [secret('a', { holds: identityToken }), secret('b', { holds: identityToken })],
    });

    assert.deepEqual(values.registries, { 'registry-example-com': { server: 'registry.example.com' } });
  });

  test('do not arise from a Secret of the name that is something else: its namespace is left out', async () => {
    const stranger = secret('b', { type: 'Opaque', content: undefined });

    const { values, comments } = await importOf({ namespaces: ['a', 'b'], secrets: [secret('a'), stranger] });

    assert.deepEqual(values.namespaces, { include: ['*'], exclude: ['b'], excludeSystem: true });
    assert.match(
      comments,
      /Secret b\/regcred: has the type Opaque and holds no docker config: its namespace is left out/,
    );
  });
});

describe('what is left out of an import', () => {
  test('are the Secrets that OpenShift generates', async () => {
    const generated = (rest: Partial<SecretRecord>) =>
      secret('a', { type: 'kubernetes.io/dockercfg', holds: logins().auths, ...rest });
    const { values, comments } = await importOf({
      namespaces: ['a'],
      secrets: [
        secret('a'),
        generated({ name: 'default-dockercfg-x7k2p' }),
        generated({
          name: 'builder-dockercfg',
          annotations: { 'openshift.io/internal-registry-auth-token.service-account': 'builder' },
        }),
      ],
    });

    assert.equal(values.profiles, undefined);
    assert.match(comments, /default-dockercfg-x7k2p, Secret a\/builder-dockercfg: was generated by OpenShift/);
  });

  test('is what a release of ours manages, and it says where that is set', async () => {
    const { values, comments } = await importOf({
      namespaces: ['a', 'b', 'c'],
      secrets: [secret('a', ours('a')), secret('b'), secret('c')],
    });

    assert.deepEqual(values.namespaces, { include: ['*'], exclude: ['a'], excludeSystem: true });
    assert.match(
      comments,
      /Secret a\/regcred: is managed by the release registry-access\/pullsecret-sync of pullsecret-sync/,
    );
    assert.match(comments, /helm get values pullsecret-sync --namespace registry-access/);
  });

  test('is a name that only Helm releases have', async () => {
    const { values, comments } = await importOf({
      namespaces: ['a', 'b'],
      secrets: [secret('a'), secret('b'), secret('b', { name: 'shop-pull', ...helm })],
    });

    assert.equal(values.profiles, undefined);
    assert.match(comments, /Secret b\/shop-pull: belongs to the Helm release shop/);
  });

  test('may be everything: then it fails, and no values are written', async () => {
    const importing = importOf({ namespaces: ['a'], secrets: [secret('a', ours('a'))] });

    await assert.rejects(importing, (error: ProblemError & { told: string[] }) => {
      assert.equal(error.exitCode, 1);
      assert.match(error.problem.message, /no pull secret that a release could manage/);
      assert.match(error.told.join(), /is managed by the release/);
      return true;
    });
  });
});

describe('an import beside imagepullsecret-patcher', () => {
  const patcher = {
    namespace: 'imagepullsecret-patcher',
    name: 'imagepullsecret-patcher',
    runs: true,
    settings: {},
    unread: [],
    sources: ['registry-credentials'],
  };
  const namespaces = ['a', 'b', 'kube-system', 'imagepullsecret-patcher'];
  const copies = namespaces.slice(1).map((namespace) => secret(namespace, { ...patched, name: 'pull' }));
  const secrets = [...copies, secret('imagepullsecret-patcher', { name: 'registry-credentials' })];
  const serviceAccounts = namespaces.map((namespace) => account(namespace, { imagePullSecrets: ['pull'] }));
  const settings = {
    CONFIG_SECRETNAME: 'pull',
    CONFIG_ALLSERVICEACCOUNT: 'true',
    CONFIG_EXCLUDED_NAMESPACES: 'a, b',
  };

  test('goes by its settings rather than by what they led to so far', async () => {
    const { values, comments } = await importOf({
      namespaces,
      secrets,
      serviceAccounts,
      patchers: [{ ...patcher, settings }],
    });

    assert.deepEqual(values, {
      secretName: 'pull',
      registries: { 'registry-example-com': { server: 'registry.example.com' } },
      namespaces: { include: ['*'], exclude: ['a'], excludeSystem: false },
      serviceAccounts: { include: ['*'] },
      onConflict: 'adopt',
    });
    assert.match(comments, /entries that name no namespace \(they are not trimmed\): 1/);
    assert.match(
      comments,
      /Secret imagepullsecret-patcher\/registry-credentials: is what imagepullsecret-patcher copies from/,
    );
    assert.match(comments, /Secret imagepullsecret-patcher\/registry-credentials holds these logins/);
  });

  test('has its defaults where nothing is set, and leaves system namespaces out where it does', async () => {
    const set = { CONFIG_SECRETNAME: 'pull', CONFIG_FORCE: 'false', CONFIG_EXCLUDED_NAMESPACES: 'kube-system' };

    const { values } = await importOf({ namespaces, secrets, patchers: [{ ...patcher, settings: set }] });

    assert.deepEqual(values.namespaces, { include: ['*'], exclude: [], excludeSystem: true });
    assert.deepEqual(values.serviceAccounts.include, ['default']);
    assert.equal(values.onConflict, 'keep');
  });

  test('leaves alone what lies under its name where it is told not to go', async () => {
    const other = secret('a', { name: 'pull', holds: logins('other.example.com') });

    const { values } = await importOf({
      namespaces,
      secrets: [...secrets, other],
      patchers: [{ ...patcher, settings }],
    });

    assert.deepEqual(values.namespaces.exclude, ['a']);
    assert.equal(values.profiles, undefined);
  });

  test('takes its copy for a pull secret although there is but one', async () => {
    const { values } = await importOf({ namespaces: ['b', 'c'], secrets: copies.slice(0, 1) });

    assert.equal(values.secretName, 'pull');
    assert.equal(values.onConflict, 'keep');
  });

  test('says that it has to be stopped first, and how, while it runs', async () => {
    const running = await importOf({ namespaces, secrets, patchers: [patcher] });
    const stopped = await importOf({ namespaces, secrets, patchers: [{ ...patcher, runs: false }] });

    const command = /kubectl scale deployment imagepullsecret-patcher --replicas=0 --namespace imagepullsecret-patcher/;
    assert.match(running.comments, command);
    assert.match(running.told.join('\n'), command);
    assert.doesNotMatch(stopped.comments, command);
  });

  test('says so where it may not look for it, and goes on', async () => {
    const forbidden = async () => {
      throw new ClusterError('forbidden', { verb: 'list', resource: 'deployments' }, 'says the test');
    };

    const { told, values } = await importOf({ namespaces, secrets }, {}, { listPatchers: forbidden });

    assert.equal(values.secretName, 'pull');
    assert.match(
      told.join('\n'),
      /warn: it was not looked whether imagepullsecret-patcher runs.*apiGroups: \["apps"\], resources: \[deployments\]/,
    );
  });
});

describe('the output of an import', () => {
  test('holds no password and no user name, however broken the content is', async () => {
    const holds = [
      logins(),
      {
        auths: {
          [`registry.example.com/robot-user:${marker}`]: {
            auth: Buffer.from(`robot-user:${marker}`).toString('base64'),
          },
        },
      },
      { auths: { [`robot-user:${marker}@registry.example.com`]: { auth: marker } } },
      { auths: { 'registry.example.com': { auth: marker, identitytoken: marker } } },
      `{"auths": {"registry.example.com": {"auth": "${marker}"`,
      { auths: { 'registry.example.com': marker } },
      { credsStore: marker },
      { auths: { 'registry.example.com': { username: 'robot-user', password: `${marker}\ud83d` } } },
      `{"auths": {"registry.example.com": {"auth": ${'['.repeat(100_000)}"${marker}"${']'.repeat(100_000)}}}}`,
    ];
    const namespaces = holds.map((_, index) => `n${index}`);

    const { text, told } = await importOf({
      namespaces,
      secrets: holds.map((content, index) => secret(`n${index}`, { holds: content })),
    });

    assertNoTrace(text + told.join('\n'));
    assert.doesNotMatch(text + told.join('\n'), /robot-user/);
  });

  test('leaves out a registry that cannot be written down, and says so', async () => {
    const hidden = `${marker}.example.com`;
    const { auths } = logins('plain.example.com');

    const { values, comments } = await importOf({
      namespaces: ['a'],
      secrets: [
        secret('a', {
          holds: { auths: { ...auths, ...logins(hidden).auths } },
        }),
      ],
    });

    assert.deepEqual(values.registries, { 'plain-example-com': { server: 'plain.example.com' } });
    assert.match(comments, /registries that cannot be written down, .*: 1;/);
  });

  test('is YAML whatever the names in it are, and a line that came from an object stays in its comment', async () => {
    const hosts = [
      'r.example.com/{{x}}',
      'r.example.com/"q"',
      "r.example.com/'q'",
      'r.example.com/a',
      '*.example.com',
      '[::1]:5000',
    ];
    const hostile = `x"\nonConflict: keep\u2028# {{ fail }}\u001b[2J`;
    const namespaces = ['yes', '1e3', 'null', 'off'];

    const { values, text, told } = await importOf({
      namespaces,
      secrets: namespaces.map((namespace) =>
        secret(namespace, {
          name: 'no',
          holds: { auths: Object.assign({}, ...hosts.map((host) => logins(host).auths)) },
        }),
      ),
      serviceAccounts: namespaces.flatMap((namespace) => [
        account(namespace, { imagePullSecrets: ['no'] }),
        account(namespace, {
          name: 'true',
          imagePullSecrets: namespace === 'off' ? [] : ['no'],
          listAppliedBy: hostile,
        }),
      ]),
    });

    assert.equal(values.secretName, 'no');
    assert.equal(values.onConflict, 'adopt');
    assert.deepEqual(values.serviceAccounts.include, ['default', 'true']);
    assert.deepEqual(
      Object.values(values.registries).map((registry) => (registry as { server: string }).server),
      hosts.toSorted(),
    );
    assert.equal(new Set(Object.keys(values.registries)).size, hosts.length);
    for (const sign of ['\u001b', '\u2028']) assert.ok(!`${text}${told}`.includes(sign));
  });

  test('keeps keys what they are where YAML would read a word as something else', async () => {
    const { values } = await importOf({
      namespaces: ['a', 'b'],
      secrets: ['a', 'b'].flatMap((namespace) => [
        secret(namespace),
        secret(namespace, { name: 'on' }),
        secret(namespace, { name: 'default' }),
      ]),
    });

    assert.deepEqual(Object.keys(values.profiles), ['default-2', 'on']);
    assert.equal(values.secretName, 'regcred');
  });

  test('goes into a new file, and into one that is there only where that is asked for', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'import-'));
    t.after(() => rm(folder, { recursive: true }));
    const output = join(folder, 'values.yaml');
    const cluster = { namespaces: ['a'], secrets: [secret('a')] };

    const first = await importOf(cluster, { output });
    const again = importOf(
      { ...cluster, secrets: [secret('a', { name: 'other' })] },
      { output, secretName: ['other'] },
    );

    await assert.rejects(again, /is there already.*--overwrite/);
    assert.equal(first.text, '');
    assert.match(await readFile(output, 'utf8'), /^secretName: "regcred"$/m);
    await importOf(
      { ...cluster, secrets: [secret('a', { name: 'other' })] },
      { output, overwrite: true, secretName: ['other'] },
    );
    assert.match(await readFile(output, 'utf8'), /^secretName: "other"$/m);
  });

  test('names every right that is missing at once, and asks for it of a person', async () => {
    const refuse = (resource: 'secrets' | 'serviceaccounts') => async () => {
      throw new ClusterError('forbidden', { verb: 'list', resource }, 'says the test');
    };

    const importing = importOf(
      { namespaces: ['a'], secrets: [] },
      {},
      { listPullSecrets: refuse('secrets'), listServiceAccounts: refuse('serviceaccounts') },
    );

    await assert.rejects(importing, ({ errors }: AggregateError) => {
      assert.deepEqual(
        errors.map((error: ProblemError) => error.problem.fix),
        ['serviceaccounts', 'secrets'].map(
          (resource) =>
            `choose a context whose user has the rule {apiGroups: [""], resources: [${resource}], verbs: [list]} in all namespaces`,
        ),
      );
      return errors.every((error: unknown) => error instanceof ProblemError);
    });
  });
});
