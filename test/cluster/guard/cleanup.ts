import { releaseNamespace } from '../support.ts';
import { type Attempt, applySecret, deleteSecret, patchAccount, patchSecret } from './requests.ts';

const onlyList = /changes nothing of a ServiceAccount but its pull secrets/;
const notOurs = /is no copy of this release/;
const inRelease = (kind: string, name: string) => `${kind}/namespaces/${releaseNamespace}/${name}`;
const cronJob = inRelease('/apis/batch/v1', 'cronjobs/pullsecret-sync');
const onlySuspends = /changes nothing of the schedule but whether it is suspended/;
const onlyMarks = /its cleanup changes nothing of a Secret but the marks/;

/** What the cleanup's token is good for without the guard. */
export const attemptsOfCleanup: Attempt[] = [
  { what: 'writes credentials into a copy', request: applySecret('team-a'), refusal: onlyMarks },
  {
    what: "changes nothing but a copy's mark",
    request: patchSecret({ metadata: { annotations: { 'pullsecret-sync.io/retired-at': '2020-01-01T00:00:00Z' } } }),
    refusal: onlyMarks,
  },
  { what: "takes another's Secret over", request: applySecret('foreign'), refusal: notOurs },
  { what: "deletes another's Secret", request: deleteSecret('foreign'), refusal: notOurs },
  { what: 'labels a ServiceAccount', request: patchAccount({ metadata: { labels: { a: 'b' } } }), refusal: onlyList },
  {
    what: 'changes what the schedule runs',
    request: {
      method: 'PATCH',
      path: cronJob,
      type: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/spec/jobTemplate/spec/template/spec/containers/0/image', value: 'thief' }],
    },
    refusal: onlySuspends,
  },
  {
    what: 'changes as whom the schedule runs',
    request: {
      method: 'PATCH',
      path: cronJob,
      body: { spec: { jobTemplate: { spec: { template: { spec: { serviceAccountName: 'admin' } } } } } },
    },
    refusal: onlySuspends,
  },
  {
    what: 'labels the schedule',
    request: { method: 'PATCH', path: cronJob, body: { metadata: { labels: { a: 'b' } } } },
    refusal: onlySuspends,
  },
  {
    what: 'changes the configuration',
    request: {
      method: 'PATCH',
      path: inRelease('/api/v1', 'configmaps/pullsecret-sync'),
      body: { data: { 'config.yaml': 'release: thief/thief' } },
    },
    refusal: /changes nothing of the configuration/,
  },
  {
    what: 'ends a Job of somebody else',
    request: { method: 'DELETE', path: inRelease('/apis/batch/v1', 'jobs/theirs') },
    refusal: /ends no Job that the schedule did not start/,
  },
];
