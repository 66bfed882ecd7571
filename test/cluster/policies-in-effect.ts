import assert from 'node:assert/strict';
import { until } from '../../scripts/until.ts';
import type { Caller } from './api-requests.ts';

const api = '/apis/admissionregistration.k8s.io/v1';
const policies = `${api}/validatingadmissionpolicies`;
const bindings = `${api}/validatingadmissionpolicybindings`;

interface Policy {
  metadata: { uid: string; generation: number };
}

/**
 * Makes a function that resolves once the API server goes by the ValidatingAdmissionPolicies as they are. It looks for changes
 * once a second, and takes them up in the order in which they were made: what is made last tells of all before. Where none
 * changed since the last call there is nothing to wait for.
 */
export function policiesInEffect({ ask }: Caller): () => Promise<void> {
  let known = '';
  let inEffect = Promise.resolve();
  return async () => {
    const { body } = await ask({ path: policies });
    const now = body.items.map(({ metadata }: Policy) => `${metadata.uid} ${metadata.generation}`).join();
    if (now !== known) inEffect = untilRefused(`in-effect-${performance.now()}`);
    known = now;
    return inEffect;
  };

  async function untilRefused(name: string): Promise<void> {
    const metadata = { name };
    await create(policies, { metadata, spec: refusalOf(name) });
    await create(bindings, { metadata, spec: { policyName: name, validationActions: ['Deny'] } });
    const path = '/api/v1/namespaces/default/configmaps?dryRun=All';
    await until('the API server goes by the policies', async () => {
      const { status } = await ask({ method: 'POST', path, body: { metadata } });
      return status === 422;
    });
    for (const kind of [bindings, policies]) await ask({ method: 'DELETE', path: `${kind}/${name}` });
  }

  async function create(path: string, body: object): Promise<void> {
    const { status, body: answer } = await ask({ method: 'POST', path, body });
    assert.equal(status, 201, answer.message);
  }
}

/** Refuses the ConfigMap of that name, and nothing else. */
function refusalOf(name: string): object {
  const configMaps = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
  return {
    matchConstraints: { resourceRules: [configMaps] },
    validations: [{ expression: `object.metadata.name != "${name}"` }],
  };
}
