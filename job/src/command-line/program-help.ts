import type { HelpParts } from './help-layout.ts';

/** What the help of the program says beside its commands. */
export const programHelp: HelpParts = {
  examples: [
    'pullsecret-sync status --config-map registry-access/pullsecret-sync',
    'pullsecret-sync plan --config config.yaml --context staging',
    'pullsecret-sync help plan',
  ],
  lists: [
    {
      title: 'Environment:',
      items: [
        ['PULLSECRET_SYNC_CONFIG_MAP', 'what --config-map takes, where it is not given; the chart sets it'],
        ['PULLSECRET_SYNC_LOG_FORMAT', 'auto (default: text on a terminal, else one JSON object a line), json, text'],
        ['KUBECONFIG', 'kubeconfig file, where --kubeconfig is not given'],
        [
          'HTTPS_PROXY, HTTP_PROXY, NO_PROXY',
          'proxy on the way to registries, where logins are tried; not to the API server',
        ],
        ['NODE_EXTRA_CA_CERTS', 'file with further certificate authorities of registries (PEM)'],
        ['NO_COLOR, FORCE_COLOR', 'no colours on a terminal; colours elsewhere too'],
      ],
    },
    {
      title: 'Exit codes:',
      items: [
        ['0', 'as it should be'],
        ['1', 'not all could be done; verify: a login was refused, or a registry cannot be reached'],
        ['2', 'plan --exit-code, status --exit-code: drift, or a broken link'],
        ['64', 'wrong command line'],
        ['78', 'the configuration or every credential is wrong, nothing was written'],
      ],
    },
  ],
};
