import type { Variables } from '../support/gitlab.ts';
import { uniquePassword } from '../support/leaks/unique-password.ts';

export interface BadInput {
  name: string;
  /** Default: `apply staging`. */
  job?: string;
  /** The variables that differ from good ones. */
  changed: Variables;
  /** What the job says. */
  sentence: RegExp;
}

/** @param password the right one, with a `$` in it */
export function badInput(password: string): BadInput[] {
  return [
    {
      name: 'a variable that is missing',
      changed: { REGISTRY_USERNAME: { values: { other: 'robot' } } },
      sentence: /^the variable REGISTRY_USERNAME is missing or empty for the environment staging: set it/,
    },
    {
      name: 'a variable that is empty',
      changed: { REGISTRY_PASSWORD: '' },
      sentence: /^the variable REGISTRY_PASSWORD is missing or empty/,
    },
    {
      name: 'a file that is empty',
      changed: { REGISTRY_PASSWORD: { type: 'file', values: { '*': '' } } },
      sentence: /^the variable REGISTRY_PASSWORD is an empty file/,
    },
    {
      name: 'a password too short to be masked',
      changed: { REGISTRY_PASSWORD: 'r0tated' },
      sentence: /^the variable REGISTRY_PASSWORD is shorter than the 8 characters that GitLab can mask/,
    },
    {
      name: 'what GitLab shows in place of a value',
      changed: { REGISTRY_PASSWORD: '[MASKED]' },
      sentence: /^the variable REGISTRY_PASSWORD holds what GitLab shows in place of a masked value/,
    },
    {
      name: 'a docker config that "$" cut',
      changed: { REGISTRY_SERVER: '', DOCKER_AUTH_CONFIG: '{"auths":{"registry.example.com":{"auth":"$NOWHERE' },
      sentence: /JSON/,
    },
    {
      name: 'a password that the registry refuses',
      changed: { REGISTRY_PASSWORD: uniquePassword('not-the-r0tated-one') },
      sentence: /the registry registry\.example\.com refuses the login/,
    },
    {
      name: 'a password whose "$" GitLab expanded',
      changed: { REGISTRY_PASSWORD: password },
      sentence: /refuses the login .*Expand variable reference/,
    },
    {
      name: "GitLab's own job token",
      changed: { REGISTRY_USERNAME: 'gitlab-ci-token' },
      sentence: /GitLab's job token, which dies with its pipeline/,
    },
    {
      name: 'a context that is not there',
      job: 'apply nowhere',
      changed: {},
      sentence:
        /^there is no kube context platform\/agents:nowhere, only: platform\/agents:production platform\/agents:staging$/,
    },
    {
      name: 'no kubeconfig',
      changed: { KUBECONFIG: '' },
      sentence: /^there is no kubeconfig: share the GitLab agent/,
    },
    { name: 'debug logging', changed: { CI_DEBUG_TRACE: 'true' }, sentence: /^CI_DEBUG_TRACE is on/ },
  ];
}
