import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentences } from './sentences.ts';
import { credentials, withEachHelm } from './support.ts';

const cases: [what: string, values: object, sentence: string][] = [
  [
    'a schedule of six fields',
    { ...credentials, schedule: '0 * * * * *' },
    'schedule is not five cron fields: write it as "*/5 * * * *", or as a word such as "@hourly"',
  ],
  [
    'a time zone in the schedule',
    { ...credentials, schedule: 'CRON_TZ=Europe/Berlin 0 * * * *' },
    'schedule has a time zone in it, which Kubernetes does not take: move it to timeZone',
  ],
  [
    'no ServiceAccount to run as',
    { ...credentials, serviceAccount: { create: false } },
    'serviceAccount.name is missing: with create: false it says which ServiceAccount the job has',
  ],
  ...['240s', '4m', '3m59.9s200ms'].map((sourceTimeout): [string, object, string] => [
    `a wait of ${sourceTimeout} for a source that outlasts the run`,
    { ...credentials, sourceTimeout },
    'sourceTimeout is not shorter than activeDeadlineSeconds: a run that waits for a source would be ended before it can say which; shorten the one or raise the other',
  ]),
  [
    'a ServiceMonitor without a follower',
    { ...credentials, serviceMonitor: { enabled: true } },
    'serviceMonitor.enabled has nothing to scrape: set follow.enabled: true, since only the follower has metrics of its own',
  ],
  [
    'a file that is not absolute',
    { sourceFiles: ['config.json'] },
    'sourceFiles has a path that is not absolute: begin it with "/"',
  ],
  ...[[], [{ name: 'a', mountPath: '/etc/cred' }]].map((extraVolumeMounts): [string, object, string] => [
    `a file outside ${extraVolumeMounts.length} mounts`,
    { sourceFiles: ['/etc/credentials/config.json'], extraVolumeMounts },
    'sourceFiles names /etc/credentials/config.json, which no volume holds: mount it with extraVolumes and extraVolumeMounts',
  ]),
  [
    'an ExternalSecret without a store',
    { externalSecret: { remoteRef: { key: 'a' } } },
    'externalSecret.secretStoreRef is missing: an ExternalSecret names its store in secretStoreRef and what to fetch in remoteRef',
  ],
  [
    'an ExternalSecret that fetches nothing',
    { externalSecret: { secretStoreRef: { name: 'a' } } },
    'externalSecret.remoteRef is missing: an ExternalSecret names its store in secretStoreRef and what to fetch in remoteRef',
  ],
  ...['ops/sync:1.0', 'registry.example.com:5000/ops/sync@sha256:00'].map((repository): [string, object, string] => [
    `the image ${repository} in one piece`,
    { ...credentials, image: { repository } },
    'image.repository has a tag or a digest in it: move it to image.tag or image.digest',
  ]),
  [
    'a variable that the chart sets',
    { ...credentials, extraEnv: [{ name: 'PULLSECRET_SYNC_LOG_FORMAT', value: 'text' }] },
    'extraEnv sets PULLSECRET_SYNC_LOG_FORMAT, which the chart sets itself: remove it there',
  ],
  [
    'a proxy twice',
    { ...credentials, proxy: { https: 'http://p' }, extraEnv: [{ name: 'NO_PROXY', value: '*' }] },
    'extraEnv sets NO_PROXY, which the chart sets itself: remove it there',
  ],
  [
    'a NetworkPolicy that lets nothing out',
    { ...credentials, networkPolicy: { enabled: true, ports: [] } },
    'networkPolicy.ports and networkPolicy.extraEgress are both empty: the job could not reach the API server; name its port in one of them',
  ],
];

withEachHelm('settings', (helm) => {
  for (const [what, values, sentence] of cases) {
    test(`${what} is refused in one sentence`, async () => {
      assert.deepEqual(await sentences(helm, values), [sentence]);
    });
  }

  for (const [what, values] of [
    ['a wait that is just shorter than the run', { ...credentials, sourceTimeout: '3m59s900ms' }],
    ['a registry with a port', { ...credentials, image: { repository: 'localhost:5000/sync' } }],
    ['a file at a mount', { sourceFiles: ['/a.json'], extraVolumeMounts: [{ name: 'a', mountPath: '/a.json' }] }],
    ['a file under a mount', { sourceFiles: ['/a/b/c'], extraVolumeMounts: [{ name: 'a', mountPath: '/a/' }] }],
    [
      "a file that Vault's agent injects",
      { sourceFiles: ['/vault/secrets/a'], podAnnotations: { 'vault.hashicorp.com/agent-inject': 'true' } },
    ],
    ['a schedule in words', { ...credentials, schedule: '@every 90s' }],
    ['proxy variables of its own', { ...credentials, extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://p' }] }],
  ] as const) {
    test(`${what} is taken`, async () => {
      await helm.template({ values });
    });
  }
});
