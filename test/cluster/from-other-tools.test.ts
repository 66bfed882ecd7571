import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { until } from '../../scripts/until.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';
import { documented, sectionBlocks } from '../support/page.ts';
import { type Shell, startShell } from '../support/shell.ts';
import {
  annotated,
  deployment,
  metadata,
  oldHost,
  oldSecret,
  policy,
  reflector,
  replicator,
  resourceDefinition,
  secretName,
  type Tool,
  tools,
} from './old-secrets.ts';
import { offSchedule, type TestRelease, testRelease, workingChart } from './release.ts';
import {
  type JobRun,
  loginIn,
  namespaceObject,
  password,
  sourceSecret,
  startTestCluster,
  type TestCluster,
} from './support.ts';

let cluster: TestCluster;
let shell: Shell;

before(async () => {
  cluster = await startTestCluster();
  shell = await startShell(cluster.controlPlane.kubeconfig, cluster.controlPlane.directory);
  await cluster.applyObjects(
    resourceDefinition('ClusterSecret', 'clustersecret.io', 'v1'),
    resourceDefinition('ClusterPolicy', 'kyverno.io', 'v1'),
    ...['infra', 'shared', 'reflector', 'clustersecret'].map((name) => namespaceObject(name)),
  );
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  await cluster.applyObjects(
    deployment('reflector', 'reflector'),
    deployment('kube-system', 'kubernetes-replicator'),
    deployment('clustersecret', 'clustersecret'),
  );
});
after(() => cluster[Symbol.asyncDispose]());

suite('coming from a tool that copies Secrets', () => {
  const namespaces = tools.flatMap((one) => one.namespaces);
  const first = tools[0] as Tool;
  const { release, values } = releaseFor(first.title, namespaces);
  const named = namespaces.filter((name) => name.endsWith('-a'));
  const unnamed = namespaces.filter((name) => name.endsWith('-b'));
  let uids: Array<string | undefined>;

  before(async () => {
    await cluster.createNamespaces(...namespaces);
    await create('kubectl-create', ...tools.flatMap(({ source }) => source()));
    for (const one of tools) {
      const copies = one.namespaces.map((name) => ({ ...oldSecret(name), metadata: metadata(name, one.marks()) }));
      await create(one.manager, ...copies);
    }
    for (const namespace of named) await refer(namespace, ['theirs', secretName]);
    uids = await uidsIn(namespaces);
  });

  test('the page says the same values for each', () => {
    for (const { title } of tools) assert.deepEqual(valuesUnder(title), valuesUnder(first.title));
  });

  test('what is kept is named with the tool that made it, and with what of that to stop', async () => {
    await release().upgrade(workingChart, { ...values(), onConflict: 'keep' });

    const { code, events } = await release().job(['sync']);

    assert.equal(code, 0);
    for (const { owner, stop, ...tool } of tools) {
      const kept = events.filter((event) => event.owner === owner);
      assert.deepEqual(
        kept.map(({ namespace }) => namespace),
        tool.namespaces,
      );
      assert.match(String(kept[0]?.fix), stop);
    }
  });

  test('it is taken over in place once the tool is stopped as the page says, and nothing of the tool is left on it', async () => {
    for (const { commands } of tools) await shell(commands.before);
    await release().upgrade(workingChart, values());
    const planned = await release().job(['plan']);

    const { code, output } = await release().job(['sync']);

    assert.equal(code, 0, output);
    for (const secret of await assertTakenOver(namespaces, uids)) assertOnlyOurs(secret);
    for (const tool of tools) {
      const { labels = {}, annotations = {} } = tool.marks();
      const marks = [...Object.keys(labels), ...Object.keys(annotations)].toSorted();
      for (const namespace of tool.namespaces) assert.deepEqual(takenOff(planned, namespace), marks);
    }
  });

  test('the page has the command that sees that it is done', async () => {
    const commands = documented('chart/pages/from-other-tools.md', 'The order');

    assert.match(await shell(commands.replace('registry-access', release().namespace)), /Nothing to do\./);
  });

  test('references that were there stay in their order, and are added where there was none', async () => {
    assert.deepEqual(await referencesIn(named), Array(4).fill(['theirs', secretName]));
    assert.deepEqual(await referencesIn(unnamed), Array(4).fill([secretName]));
  });

  for (const { title, source, commands } of tools) {
    test(`once the old of ${title} is gone as the page says, nothing is left to do`, async () => {
      await shell(commands.after);

      for (const object of source()) await assertGone(object);
      await assertInLine(release());
      await assertTakenOver(namespaces, uids);
    });
  }

  test('set back to keep, it stays ours; uninstalled, it is handed back with the references that were there', async () => {
    await release().upgrade(workingChart, { ...values(), onConflict: 'keep' });
    await assertInLine(release());

    const { code, output } = await release().job(['cleanup'], 'pullsecret-sync-cleanup');

    assert.equal(code, 0, output);
    for (const { metadata: left } of await assertTakenOver(namespaces, uids)) {
      assert.deepEqual([left?.labels, left?.annotations], [undefined, undefined]);
    }
    assert.deepEqual(await referencesIn(named), Array(4).fill(['theirs', secretName]));
    assert.deepEqual(await referencesIn(unnamed), Array(4).fill([]));
  });
});

suite('what a tool copies from, in a selected namespace, and what names where it is copied from', () => {
  const namespaces = ['sources', 'pulled'];
  const { release, values } = releaseFor('kubernetes-replicator', namespaces);

  before(async () => {
    await cluster.createNamespaces(...namespaces);
    await create(
      'kubectl-create',
      annotated(oldSecret('sources'), { [`${replicator}/replicate-to`]: '*' }),
      annotated(oldSecret('pulled'), { [`${replicator}/replicate-from`]: `sources/${secretName}` }),
    );
  });

  test('is a copy like the others, and nothing to the tool any more', async () => {
    const uids = await uidsIn(namespaces);
    await release().upgrade(workingChart, values());

    await release().job(['sync']);

    for (const secret of await assertTakenOver(namespaces, uids)) assertOnlyOurs(secret);
  });
});

suite('a tool that still runs', () => {
  const { release, values } = releaseFor('reflector', ['fought']);

  before(async () => {
    await cluster.createNamespaces('fought');
    await release().upgrade(workingChart, values());
    await release().job(['sync']);
  });

  test('is noticed where it changes a copy, and named with what of it to stop', async () => {
    const { data } = oldSecret('fought');
    const mark = { metadata: { annotations: { [`${reflector}/reflects`]: `infra/${secretName}` } }, data };
    const args = [
      'patch',
      'secret',
      secretName,
      '-n',
      'fought',
      '--field-manager=Reflector',
      '-p',
      JSON.stringify(mark),
    ];
    await cluster.kubectl(args);

    const { events } = await release().job(['sync']);

    const warned = events.find(({ message }) => message === 'another program changed the copy since the last run');
    assert.equal(warned?.writer, `reflector, from infra/${secretName}`);
    assert.match(String(warned?.fix), /scale the Deployment reflector to 0/);
    assertOnlyOurs(await secretIn('fought'));
  });
});

suite('coming from Secrets made by hand', () => {
  const namespaces = ['hand-plain', 'hand-opaque', 'hand-fixed'];
  const { release, values } = releaseFor('Made by hand', ['hand-*', 'kube-system']);

  before(async () => {
    await cluster.createNamespaces(...namespaces);
    await create(
      'kubectl-create',
      { ...oldSecret('hand-plain'), metadata: metadata('hand-plain', { labels: { team: 'theirs' } }) },
      { ...oldSecret('hand-opaque'), type: 'Opaque' },
      { ...oldSecret('hand-fixed'), immutable: true },
      oldSecret('kube-system'),
    );
    await refer('hand-plain', [secretName, 'theirs']);
  });

  test('they are taken over in place, their labels and references kept; what cannot be changed is replaced', async () => {
    const uids = await uidsIn(namespaces);
    await release().upgrade(workingChart, values());

    const { code, output } = await release().job(['sync']);

    assert.equal(code, 0, output);
    const now = await uidsIn(namespaces);
    assert.deepEqual(
      now.map((uid, index) => uid === uids[index]),
      [true, false, false],
    );
    await assertTakenOver(namespaces, now);
    assert.equal((await secretIn('hand-plain')).metadata?.labels?.team, 'theirs');
    assert.deepEqual(await cluster.pullSecretsOf('hand-plain'), [secretName, 'theirs']);
    await assertInLine(release());
  });

  test('in kube-system nothing is touched', async () => {
    assert.equal(loginIn(await secretIn('kube-system'), oldHost), `old:${uniquePassword('login')}`);
  });

  test('set back to keep, what a team makes under that name later is left, and what was taken over stays ours', async () => {
    await cluster.createNamespaces('hand-later');
    await create('kubectl-create', oldSecret('hand-later'));
    await release().upgrade(workingChart, { ...values(), onConflict: 'keep' });

    const { code, events } = await release().job(['sync']);

    assert.equal(code, 0);
    assert.deepEqual(
      events.flatMap(({ owner, namespace }) => (owner ? [[namespace, owner]] : [])),
      [['hand-later', 'kubectl-create']],
    );
    assert.equal(loginIn(await secretIn('hand-later'), oldHost), `old:${uniquePassword('login')}`);
    await assertTakenOver(namespaces, await uidsIn(namespaces));
  });
});

suite('coming from Secrets made by hand under several names', () => {
  const title = 'Under several names';
  const old = 'harbor-login';
  const release = () => testRelease(cluster, { namespace: 'several' });
  const only = { include: ['team-b', 'team-c', 'named-*'] };
  let uid: string | undefined;

  before(async () => {
    await cluster.createNamespaces('several', 'team-b', 'team-c', 'named-d');
    await create('kubectl-create', { ...oldSecret('team-b'), metadata: { namespace: 'team-b', name: old } });
    await create('kubectl-create', oldSecret('named-d'));
    await cluster.applyObjects(sourceSecret('registry-credentials', `robot:${password}`, undefined, 'several'));
    await refer('team-b', [old]);
    ({ uid } = (await secretIn('team-b', old)).metadata ?? {});
  });

  test('both names are kept current, in place', async () => {
    await release().upgrade(workingChart, {
      ...offSchedule,
      ...noPolicy,
      ...valuesUnder(title)[0],
      namespaces: only,
    });

    const { code, output } = await release().job(['sync']);

    assert.equal(code, 0, output);
    assert.equal((await secretIn('team-b', old)).metadata?.uid, uid);
    for (const name of [old, secretName]) assert.equal(loginIn(await secretIn('team-b', name)), `robot:${password}`);
    assert.deepEqual((await cluster.pullSecretsOf('team-b')).toSorted(), [old, secretName]);
    assert.deepEqual((await cluster.pullSecretsOf('team-c')).toSorted(), [old, secretName]);
    await assertInLine(release());
  });

  test('the old one is retired: current at first, then handed back, and its references by hand are left', async () => {
    const retired = { ...offSchedule, ...noPolicy, ...valuesUnder(title)[1], namespaces: only };
    await release().upgrade(workingChart, retired);
    await release().job(['sync']);
    const meanwhile = await secretIn('team-b', old);
    await release().upgrade(workingChart, { ...retired, retireAfter: '0s' });

    const { code, output } = await release().job(['sync']);

    assert.equal(code, 0, output);
    assert.ok(meanwhile.metadata?.annotations?.['pullsecret-sync.io/retired-at']);
    const { metadata } = await secretIn('team-b', old);
    assert.deepEqual([metadata?.uid, metadata?.annotations], [uid, undefined]);
    assert.deepEqual(await cluster.pullSecretsOf('team-b'), [old, secretName]);
    assert.deepEqual(await cluster.pullSecretsOf('team-c'), [secretName]);
  });

  test('the commands of the page tell who names it, and delete what is left of it', async () => {
    const told = await shell(documented('chart/pages/from-other-tools.md', 'Under several names'));

    assert.match(told, new RegExp(`ServiceAccount +team-b +default +<none> +${old},${secretName}`));
    assert.deepEqual(await cluster.list('secrets', '-A', '--field-selector', `metadata.name=${old}`), []);
    await assertInLine(release());
  });
});

suite('coming from a Kyverno rule that adds imagePullSecrets', () => {
  const title = 'Kyverno: a rule that adds imagePullSecrets';
  const { release, values } = releaseFor(title, ['mutated']);

  before(async () => {
    await cluster.createNamespaces('mutated');
    await create('kubectl-create', oldSecret('mutated'), policy('add-imagepullsecrets', { name: 'add', mutate: {} }));
    await refer('mutated', [secretName], 'Kyverno');
  });

  test('the name that it added stays, with the rule and without it', async () => {
    const uids = await uidsIn(['mutated']);
    await release().upgrade(workingChart, values());
    await release().job(['sync']);

    await shell(documented('chart/pages/from-other-tools.md', 'Kyverno: a rule that adds imagePullSecrets'));

    await assertInLine(release());
    await assertTakenOver(['mutated'], uids);
    assert.deepEqual(await cluster.pullSecretsOf('mutated'), [secretName]);
    await assertGone(policy('add-imagepullsecrets'));
  });
});

suite('coming from Secrets that belong to the object they are made from', () => {
  const title = 'An ExternalSecret or SealedSecret in each namespace';
  const { release, values } = releaseFor(title, ['team-a', 'owned']);
  let owned: string[];

  // A ConfigMap stands for the operator's object: to the garbage collector, which is the real one, all owners are alike.
  before(async () => {
    owned = ['team-a', 'owned'];
    await cluster.createNamespaces(...owned);
    for (const namespace of owned) await createOwned(namespace, secretName);
    await createOwned('owned', 'witness');
  });

  test('what is kept is named with its owner, and with how to delete that alone', async () => {
    await release().upgrade(workingChart, { ...values(), onConflict: 'keep' });

    const { events } = await release().job(['sync']);

    const kept = events.find(({ namespace }) => namespace === 'team-a');
    assert.equal(kept?.owner, `the ConfigMap ${secretName}`);
    assert.match(String(kept?.fix), /delete the ConfigMap regcred with --cascade=orphan/);
  });

  test('the owner is deleted without it as the page says, and it is taken over in place', async () => {
    const uids = await uidsIn(['team-a']);
    const command = documented(
      'chart/pages/from-other-tools.md',
      'An ExternalSecret or SealedSecret in each namespace',
    );
    await shell(command.replace('externalsecret', 'configmap'));
    await release().upgrade(workingChart, values());

    await release().job(['sync']);

    await assertTakenOver(['team-a'], uids);
    await assertInLine(release());
  });

  test('one that is taken over with its owner still there does not go with it', async () => {
    const uids = await uidsIn(['owned']);
    assert.equal((await secretIn('owned')).metadata?.ownerReferences, undefined);

    await cluster.kubectl(['delete', 'configmap', secretName, '-n', 'owned']);

    await until('the garbage collector deletes what the owner left', async () => {
      const left = await cluster.list<V1Secret>('secrets', '-n', 'owned');
      return !left.some(({ metadata }) => metadata?.name === 'witness');
    });
    await assertTakenOver(['owned'], uids);
  });

  async function createOwned(namespace: string, name: string): Promise<void> {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: secretName } };
    await cluster.applyObjects(owner);
    const { metadata } = await cluster.get<V1Secret>('configmap', secretName, '-n', namespace);
    const ownerReferences = [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: secretName,
        uid: metadata?.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ];
    await create('some-operator', { ...oldSecret(namespace), metadata: { namespace, name, ownerReferences } });
  }
});

const noPolicy = { admissionPolicy: { enabled: false } };

/** What the page says to set below a heading. */
function valuesUnder(title: string): object[] {
  return sectionBlocks('chart/pages/from-other-tools.md', title, 'yaml').map((text) => parse(text));
}

/** A release with the values of a section, which looks at these namespaces only. */
function releaseFor(title: string, include: string[]): { release(): TestRelease; values(): object } {
  const namespace = `release-${include[0]?.replaceAll('*', 'all')}`;
  const registries = { main: { server: 'registry.example.com', username: 'robot', password } };
  return {
    release: () => testRelease(cluster, { namespace }),
    values: () => ({ ...offSchedule, ...noPolicy, ...valuesUnder(title)[0], registries, namespaces: { include } }),
  };
}

async function create(manager: string, ...objects: object[]): Promise<void> {
  const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await cluster.kubectl(['create', `--field-manager=${manager}`, '-f', '-'], items);
}

async function refer(namespace: string, names: string[], manager = 'kubectl-patch'): Promise<void> {
  const patch = JSON.stringify({ imagePullSecrets: names.map((name) => ({ name })) });
  const args = ['patch', 'serviceaccount', 'default', '-n', namespace, '--type=merge', `--field-manager=${manager}`];
  await cluster.kubectl([...args, '-p', patch]);
}

function secretIn(namespace: string, name = secretName): Promise<V1Secret> {
  return cluster.get('secret', name, '-n', namespace);
}

/** In the order of the namespaces. */
async function secretsIn(namespaces: string[]): Promise<V1Secret[]> {
  const all = await cluster.list<V1Secret>('secrets', '-A', '--field-selector', `metadata.name=${secretName}`);
  return namespaces.flatMap((name) => all.filter(({ metadata: place }) => place?.namespace === name));
}

async function uidsIn(namespaces: string[]): Promise<Array<string | undefined>> {
  return (await secretsIn(namespaces)).map((secret) => secret.metadata?.uid);
}

/** The Secrets hold our credentials, and are the same objects as before. */
async function assertTakenOver(namespaces: string[], uids: Array<string | undefined>): Promise<V1Secret[]> {
  const secrets = await secretsIn(namespaces);
  assert.deepEqual(
    secrets.map((secret) => [secret.metadata?.uid, loginIn(secret)]),
    uids.map((uid) => [uid, `robot:${password}`]),
  );
  return secrets;
}

/** What the ServiceAccount `default` of each of these namespaces names. */
async function referencesIn(namespaces: string[]): Promise<Array<Array<string | undefined>>> {
  const accounts = await cluster.list<V1ServiceAccount>(
    'serviceaccounts',
    '-A',
    '--field-selector',
    'metadata.name=default',
  );
  return namespaces.map((name) => {
    const account = accounts.find(({ metadata: place }) => place?.namespace === name);
    return (account?.imagePullSecrets ?? []).map((reference) => reference.name);
  });
}

function assertOnlyOurs({ metadata: { labels, annotations } = {} }: V1Secret): void {
  assert.deepEqual(labels, { 'app.kubernetes.io/managed-by': 'pullsecret-sync' });
  const foreign = Object.keys(annotations ?? {}).filter((key) => !key.startsWith('pullsecret-sync.io/'));
  assert.deepEqual(foreign, []);
}

async function assertInLine(release: TestRelease): Promise<void> {
  const { code, output } = await release.job(['plan', '--exit-code']);
  assert.equal(code, 0, output);
}

async function assertGone(object: object): Promise<void> {
  const { kind = '', metadata: { name = '', namespace = 'default' } = {} } = object as V1Secret;
  assert.equal(await cluster.kubectl(['get', kind, name, '-n', namespace, '--ignore-not-found']), '');
}

/** What a plan says that it takes off the Secret of a namespace. */
function takenOff({ events }: JobRun, inside: string): string[] {
  const taken = events.find(({ namespace, takesOff }) => namespace === inside && takesOff !== undefined)?.takesOff;
  return String(taken).split(', ').toSorted();
}
