import { applyType } from '../api-requests.ts';
import { secretName } from '../support.ts';
import {
  type Attempt,
  accountWith,
  allMarks,
  allReferences,
  ourMark,
  ours,
  patchAccount,
  references,
} from './requests.ts';

const onlyList = /changes nothing of a ServiceAccount but its pull secrets/;
const keepsList = /neither removes nor moves a pull secret/;

/** What the job's token is good for, without the guard, on ServiceAccounts. */
export const attemptsOnReferences: Attempt[] = [
  {
    what: "takes another's pull secret out",
    request: patchAccount({ imagePullSecrets: references('more', secretName) }),
    refusal: keepsList,
  },
  {
    what: "takes another's pull secret out by server-side apply",
    request: {
      method: 'PATCH',
      path: '/api/v1/namespaces/team-a/serviceaccounts/default?fieldManager=thief&force=true',
      type: applyType,
      body: {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: 'team-a' },
        imagePullSecrets: references(secretName),
      },
    },
    refusal: keepsList,
  },
  {
    what: 'takes all pull secrets out',
    request: patchAccount({ imagePullSecrets: null }),
    refusal: keepsList,
  },
  {
    what: "moves another's pull secret",
    request: patchAccount({ imagePullSecrets: references('more', 'theirs', secretName) }),
    refusal: keepsList,
  },
  {
    what: 'takes out a reference of its own name that was there before',
    request: patchAccount({ imagePullSecrets: null }, 'had-it'),
    refusal: keepsList,
  },
  {
    what: 'adds a pull secret without a mark',
    request: patchAccount({ imagePullSecrets: references(...allReferences, 'evil') }),
    refusal: /adds no pull secret without its mark/,
  },
  {
    what: "takes another release's mark off",
    request: patchAccount(accountWith(allReferences, ourMark)),
    refusal: /leaves the marks of other releases/,
  },
  {
    what: "marks another's pull secret as its own, to take it out later",
    request: patchAccount(accountWith(allReferences, `${allMarks},${ours}:theirs`)),
    refusal: /marks no pull secret that was there before/,
  },
  {
    what: 'marks a pull secret that is not there, to take it out when somebody adds it',
    request: patchAccount(accountWith(allReferences, `${allMarks},${ours}:yet-to-come`)),
    refusal: /or is not there/,
  },
  {
    what: 'marks a reference of its own name that was there before',
    request: patchAccount(accountWith([secretName], ourMark), 'had-it'),
    refusal: /marks no pull secret that was there before/,
  },
  ...[
    [
      'binds a ServiceAccount to a role of the cloud',
      { metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'a' } } },
    ],
    ["changes another's annotation", { metadata: { annotations: { 'example.com/theirs': 'b' } } }],
    ["takes another's annotation off", { metadata: { annotations: { 'example.com/theirs': null } } }],
    [
      'takes a ServiceAccount out of its own sight',
      { metadata: { annotations: { 'pullsecret-sync.io/exclude': 'true' } } },
    ],
    ['labels a ServiceAccount', { metadata: { labels: { 'azure.workload.identity/use': 'true' } } }],
    ["takes another's label off", { metadata: { labels: { 'example.com/theirs': null } } }],
    ['keeps a ServiceAccount from being deleted', { metadata: { finalizers: ['example.com/never'] } }],
    [
      'gives a ServiceAccount an owner',
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'none' }] } },
    ],
    ['lets pods of a ServiceAccount mount a Secret', { secrets: [{ name: 'private' }] }],
    ['gives pods of a ServiceAccount its token', { automountServiceAccountToken: true }],
  ].map(([what, change]) => ({ what: String(what), request: patchAccount(change as object), refusal: onlyList })),
];
