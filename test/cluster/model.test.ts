import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import type { Cluster } from '../../job/src/cluster/cluster.ts';
import { ClusterError } from '../../job/src/cluster/cluster-error.ts';
import { connect } from '../../job/src/cluster/connection.ts';
import { createKubernetesCluster } from '../../job/src/cluster/kubernetes.ts';
import type { ControlPlane } from '../../scripts/cluster/control-plane.ts';
import { until } from '../../scripts/until.ts';
import { engineView } from '../simulation/cluster-model.ts';
import { Model } from '../simulation/model.ts';
import { createPairing, onlyOurs } from '../simulation/pairing.ts';
import { emptyNamespace, finishNamespace, type People, peopleOf, terminateNamespace } from '../simulation/people.ts';
import { createRandom } from '../simulation/random.ts';
import { randomOperation, secretNames, serviceAccountNames } from '../simulation/random-operation.ts';
import { type RealPeople, realPeople } from '../simulation/real-people.ts';
import { startControlPlane } from '../support/control-plane.ts';

const operations = 400;
const seed = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));

let controlPlane: ControlPlane;
let real: { cluster: Cluster; people: RealPeople; close(): Promise<void> };

before(async () => {
  controlPlane = await startControlPlane();
  const { signal } = new AbortController();
  const { kubeconfig } = controlPlane;
  const connection = await connect({ kubeconfig, userAgent: 'model-test' });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  real = {
    cluster: createKubernetesCluster(connection.client(signal), signal),
    people: realPeople(kubeConfig),
    close: connection.close,
  };
});
after(async () => {
  await real.close();
  await controlPlane.stop();
});

describe('the model beside the API server', { concurrency: true }, () => {
  test(`the model answers as the API server does (replay: MODEL_SEED=${seed})`, async () => {
    const { both, look, model } = pair('honest-');
    const namespaces = ['honest-a', 'honest-b', 'honest-c'];
    for (const name of namespaces) await both(`create namespace ${name}`, ({ people }) => people.createNamespace(name));
    await settled(model, namespaces);

    const random = createRandom(seed);
    for (let index = 0; index < operations; index++) {
      const { text, act } = randomOperation(random, [...namespaces, 'honest-none']);
      await both(`${index}: ${text}`, act);
      if (index % 10 === 0) await look(`after ${index}`);
    }
    await look('at the end');
  });

  test('a namespace that is being deleted refuses what is new, and is gone at last', async () => {
    const { both, look, model } = pair('ending-');
    const random = createRandom(seed);
    await real.people.createHeldNamespace('ending-a');
    await peopleOf(model).createNamespace('ending-a');
    await settled(model, ['ending-a']);
    await both('fill', ({ people }) => people.createServiceAccount('kubectl', 'ending-a', 'builder'));

    await real.people.deleteNamespace('ending-a');
    terminateNamespace(model, 'ending-a');
    await until('its content is gone', async () => {
      const accounts = await real.cluster.listServiceAccounts({ namespace: 'ending-a' });
      return accounts.length === 0;
    });
    emptyNamespace(model, 'ending-a');
    await look('terminating');
    for (let index = 0; index < 40; index++) {
      const { text, act } = randomOperation(random, ['ending-a']);
      await both(`terminating ${index}: ${text}`, act);
    }

    await real.people.releaseNamespace('ending-a');
    await until('it is gone', async () => (await real.cluster.listNamespaces({ name: 'ending-a' })).length === 0);
    finishNamespace(model, 'ending-a');
    await look('gone');
    for (let index = 0; index < 40; index++) {
      const { text, act } = randomOperation(random, ['ending-a']);
      await both(`gone ${index}: ${text}`, act);
    }
  });

  test('a quota and an admission policy refuse as the switches of the model do', async () => {
    const { both, look, model } = pair('refused-');
    const names = ['refused-quota', 'refused-policy'];
    for (const name of names) await both(`create namespace ${name}`, ({ people }) => people.createNamespace(name));
    await settled(model, names);
    await both('a Secret before', ({ people }) => people.createSecret('kubectl', opaque('refused-policy')));
    await Promise.all([real.people.forbidSecrets('refused-quota'), real.people.denyWrites('refused-policy')]);
    model.quotas.add('refused-quota');
    model.denials.add('refused-policy');

    const random = createRandom(seed);
    for (let index = 0; index < 80; index++) {
      const { text, act } = randomOperation(random, names);
      await both(`refused ${index}: ${text}`, act);
    }
    await look('at the end');
  });
});

function opaque(namespace: string) {
  return { namespace, name: secretNames[0], type: 'Opaque', data: { key: 'dmFsdWU=' } };
}

/** The model and the API server side by side, in namespaces with one prefix. */
function pair(prefix: string) {
  const model = new Model();
  const sides = {
    model: { cluster: engineView(model, 'engine'), people: peopleOf(model) },
    real,
  };
  const pairing = createPairing();
  const history: string[] = [];

  const both = async (
    text: string,
    act: (side: { cluster: Cluster; people: People }, name: 'model' | 'real') => Promise<unknown>,
  ) => {
    history.push(text);
    const [ofModel, ofReal] = [
      await outcome(() => act(sides.model, 'model')),
      await outcome(() => act(sides.real, 'real')),
    ];
    pairing.compare(onlyOurs(ofModel, prefix), onlyOurs(ofReal, prefix), () => explain(history));
  };
  const look = async (when: string) => {
    await both(`${when}: list namespaces`, ({ cluster }) => cluster.listNamespaces());
    for (const name of secretNames) await both(`${when}: list ${name}`, ({ cluster }) => cluster.listSecrets({ name }));
    for (const name of serviceAccountNames) {
      await both(`${when}: list ${name}`, ({ cluster }) => cluster.listServiceAccounts({ name }));
    }
    await both(`${when}: list all ServiceAccounts`, ({ cluster }) => cluster.listServiceAccounts({}));
  };
  return { both, look, model };
}

/** The controller-manager gives each namespace a ServiceAccount; the model is given the same. */
async function settled(model: Model, namespaces: string[]): Promise<void> {
  for (const namespace of namespaces) {
    await until(`${namespace} has its ServiceAccount`, async () => {
      const found = await real.cluster.listServiceAccounts({ name: 'default', namespace });
      return found.length === 1;
    });
    await peopleOf(model).createServiceAccount('kube-controller-manager', namespace, 'default');
  }
}

/** What a call answered: its value, or the kind of its refusal. */
async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return (await call()) ?? 'nothing';
  } catch (error) {
    if (error instanceof ClusterError) return { refused: error.kind };
    throw error;
  }
}

function explain(history: string[]): string {
  return [
    `the model (actual) differs from the API server (expected) at: ${history.at(-1)}`,
    ...history.slice(-12, -1).map((text) => `  before: ${text}`),
    `replay: MODEL_SEED=${seed} npm run test:cluster`,
  ].join('\n');
}

test('the comparison itself tells a difference', () => {
  const pairing = createPairing();

  pairing.compare([{ uid: 'a', resourceVersion: '1' }], [{ uid: 'x', resourceVersion: '9' }], () => '');

  assert.throws(() =>
    pairing.compare([{ uid: 'a', resourceVersion: '1' }], [{ uid: 'x', resourceVersion: '10' }], () => ''),
  );
  assert.throws(() =>
    pairing.compare([{ uid: 'b', resourceVersion: '1' }], [{ uid: 'x', resourceVersion: '9' }], () => ''),
  );
  assert.throws(() => pairing.compare({ refused: 'conflict' }, 'nothing', () => ''));
});
