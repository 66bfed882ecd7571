import { releaseNamespace } from '../support.ts';
import {
  type Attempt,
  adopted,
  applySecret,
  deleteSecret,
  dockerConfig,
  handedBack,
  managedBy,
  owner,
  patchSecret,
  tokenOf,
} from './requests.ts';

const notOurs = /is no copy of this release/;
const onlyCopies = /makes no Secret but a copy/;
const onlyConfig = /changes nothing of a Secret but the docker config/;
const keepsMarks = /writes no docker config without its marks/;

/** What the job's token is good for, without the guard, on Secrets. */
export const attemptsOnCopies: Attempt[] = [
  {
    what: 'makes a Secret that Kubernetes fills with the token of any ServiceAccount',
    request: tokenOf('default', 'empty'),
    refusal: onlyCopies,
  },
  { what: 'makes a Secret of another type', request: applySecret('empty', { type: 'Opaque' }), refusal: onlyCopies },
  {
    what: 'makes a copy without its label',
    request: applySecret('empty', { metadata: { labels: {} } }),
    refusal: onlyCopies,
  },
  {
    what: 'makes a copy without an owner',
    request: applySecret('empty', { metadata: { annotations: {} } }),
    refusal: onlyCopies,
  },
  {
    what: 'makes a copy of another release',
    request: applySecret('empty', {
      metadata: { annotations: { 'pullsecret-sync.io/owner': owner('empty', 'other/release') } },
    }),
    refusal: onlyCopies,
  },
  {
    what: 'makes a copy of another namespace',
    request: applySecret('empty', { metadata: { annotations: { 'pullsecret-sync.io/owner': owner('team-a') } } }),
    refusal: onlyCopies,
  },
  {
    what: 'makes a copy with more in it',
    request: applySecret('empty', { data: { '.dockerconfigjson': dockerConfig, more: 'eA==' } }),
    refusal: onlyCopies,
  },
  {
    what: 'makes a copy that cannot be deleted',
    request: applySecret('empty', { metadata: { finalizers: ['example.com/never'] } }),
    refusal: onlyCopies,
  },
  {
    what: 'makes a Secret that says that it was there before, to take the marks off it',
    request: applySecret('empty', adopted('empty')),
    refusal: onlyCopies,
  },
  { what: "takes another's Secret over that is to be kept", request: applySecret('foreign'), refusal: notOurs },
  {
    what: "takes another's Secret over, and says that it was there before",
    request: applySecret('foreign', adopted('foreign')),
    refusal: notOurs,
  },
  {
    what: "changes another's Secret",
    request: patchSecret({ data: { '.dockerconfigjson': dockerConfig } }, 'foreign'),
    refusal: notOurs,
  },
  { what: "deletes another's Secret", request: deleteSecret('foreign'), refusal: notOurs },
  { what: "deletes another's Secret of another type", request: deleteSecret('opaque'), refusal: notOurs },
  { what: "takes a Helm release's Secret over", request: applySecret('helms'), refusal: notOurs },
  { what: "deletes a Helm release's Secret", request: deleteSecret('helms'), refusal: notOurs },
  { what: "takes another release's copy over", request: applySecret('other-release'), refusal: notOurs },
  { what: "deletes another release's copy", request: deleteSecret('other-release'), refusal: notOurs },
  { what: 'deletes a copy that was applied elsewhere', request: deleteSecret('exported'), refusal: notOurs },
  {
    what: 'writes the source that has the name of a copy',
    request: patchSecret({ data: { '.dockerconfigjson': dockerConfig } }, releaseNamespace),
    refusal: /writes no Secret that it reads credentials from/,
  },
  {
    what: 'deletes the source that has the name of a copy',
    request: deleteSecret(releaseNamespace),
    refusal: /writes no Secret that it reads credentials from/,
  },
  { what: 'puts more into a copy', request: patchSecret({ data: { more: 'eA==' } }), refusal: onlyConfig },
  { what: 'makes a copy immutable', request: patchSecret({ immutable: true }), refusal: onlyConfig },
  {
    what: 'keeps a copy from being deleted',
    request: patchSecret({ metadata: { finalizers: ['example.com/never'] } }),
    refusal: onlyConfig,
  },
  {
    what: 'gives a copy an owner',
    request: patchSecret({
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'none' }] },
    }),
    refusal: onlyConfig,
  },
  {
    what: "takes another's label off an adopted Secret",
    request: patchSecret({ metadata: { labels: { team: null } } }, 'adopted'),
    refusal: onlyConfig,
  },
  {
    what: "changes another's annotation on an adopted Secret",
    request: patchSecret({ metadata: { annotations: { 'example.com/theirs': 'b' } } }, 'adopted'),
    refusal: onlyConfig,
  },
  {
    what: 'takes its label off a copy',
    request: patchSecret({ metadata: { labels: { [managedBy]: null } } }),
    refusal: onlyConfig,
  },
  {
    what: 'takes its owner off a copy',
    request: patchSecret({ metadata: { annotations: { 'pullsecret-sync.io/owner': null } } }),
    refusal: keepsMarks,
  },
  {
    what: 'gives a copy to another release',
    request: patchSecret({
      metadata: { annotations: { 'pullsecret-sync.io/owner': owner('team-a', 'other/release') } },
    }),
    refusal: keepsMarks,
  },
  {
    what: 'says of a copy that it was there before',
    request: patchSecret({ metadata: { annotations: { 'pullsecret-sync.io/adopted': 'true' } } }),
    refusal: keepsMarks,
  },
  {
    what: 'says of an adopted Secret that it was not there before',
    request: patchSecret({ metadata: { annotations: { 'pullsecret-sync.io/adopted': null } } }, 'adopted'),
    refusal: keepsMarks,
  },
  {
    what: 'hands an adopted Secret back with other credentials',
    request: patchSecret({ ...handedBack(), data: { '.dockerconfigjson': dockerConfig } }, 'adopted'),
    refusal: keepsMarks,
  },
  {
    what: 'deletes a Secret that was adopted',
    request: deleteSecret('adopted'),
    refusal: /deletes no Secret that was there before/,
  },
];

/** What it is not good for either where a target adopts. */
export const attemptsWhereAdopted: Attempt[] = [
  {
    what: "takes another's Secret over as if it had made it, to delete it later",
    request: applySecret('foreign'),
    refusal: keepsMarks,
  },
  {
    what: "writes another's Secret without a mark",
    request: patchSecret({ data: { '.dockerconfigjson': dockerConfig } }, 'foreign'),
    refusal: keepsMarks,
  },
  {
    what: "deletes another's Secret",
    request: deleteSecret('foreign'),
    refusal: /deletes no Secret that was there before/,
  },
  {
    what: "puts more into another's Secret",
    request: applySecret('foreign', {
      ...adopted('foreign'),
      data: { '.dockerconfigjson': dockerConfig, more: 'eA==' },
    }),
    refusal: onlyConfig,
  },
  {
    what: "labels another's Secret of another type",
    request: patchSecret({ metadata: { labels: { team: 'a' } } }, 'opaque'),
    refusal: keepsMarks,
  },
  { what: "takes a Helm release's Secret over", request: applySecret('helms', adopted('helms')), refusal: notOurs },
  {
    what: "takes another release's copy over",
    request: applySecret('other-release', adopted('other-release')),
    refusal: notOurs,
  },
];
