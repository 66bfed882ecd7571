import type { ObjectVersion, ServiceAccountRecord } from '../cluster/cluster.ts';
import type { Config, Target } from '../config/config.ts';
import type { Snapshot } from './observe.ts';
import type { OtherTool, Ties } from './other-tools.ts';

/** A target and what its copies have to hold. */
export interface DesiredTarget {
  target: Target;
  /** The docker config in base64; `undefined` where its sources are not in order: its namespaces stay as they are. */
  content: string | undefined;
}

/** The part of the configuration that planning looks at. */
export type PlanRules = Pick<
  Config,
  | 'release'
  | 'targets'
  | 'previousSecretNames'
  | 'previousServiceAccounts'
  | 'previousReleases'
  | 'retireAfter'
  | 'maxRemovePercent'
>;

/** One thing to do. Holds no credential: a plan is printed. */
export type Action = CopyWrite | ReferenceChange | CopyRemoval;

/** What makes a copy be there and current. It comes before any change of references. */
export type CopyWrite =
  | { kind: 'createCopy' }
  | ({ kind: 'updateCopy'; ties?: Ties } & ChangedCopy)
  | ({ kind: 'replaceCopy'; because: 'wrong type' | 'immutable' } & ChangedCopy);

interface ChangedCopy {
  observed: ObjectVersion;
  marks: CopyMarks;
  /** The program that made what is taken over here. */
  takenFrom?: string;
}

/** The changes of all names in one ServiceAccount are one patch. */
export interface ReferenceChange {
  kind: 'addReference' | 'removeReference';
  /** As it was observed. */
  serviceAccount: ServiceAccountRecord;
}

/** What takes a copy away. It comes after all changes of references. */
export type CopyRemoval =
  | { kind: 'deleteCopy'; observed: ObjectVersion }
  | { kind: 'handBackCopy'; observed: ObjectVersion; labels: string[]; annotations: string[] };

/** What a copy says of itself, besides its owner. */
export interface CopyMarks {
  /** Whether it carries our label: a Secret that was adopted with another tool's label keeps that. */
  labelled: boolean;
  adopted: boolean;
  /** Since when its name is no longer used (ISO 8601). */
  retiredAt: string | undefined;
}

/** What the plan leaves alone although the target wants it otherwise. */
export type Conflict =
  | { kind: 'keptSecret'; owner: string; adoptable: boolean; tool?: OtherTool }
  | { kind: 'appliedList'; serviceAccount: string; manager: string }
  /** A reference of ours that is to go stands in a list that another tool declares. */
  | { kind: 'appliedReference'; serviceAccount: string; manager: string };

/** What is to be done for one secret name in one namespace, in order. */
export interface Placement {
  namespace: string;
  secretName: string;
  /**
   * What the copy follows here: the first target of its name that selects the namespace, or for a name that was in use
   * once all targets that have their copies here. `undefined`: it has to go.
   */
  desired: DesiredTarget | undefined;
  /** The name was in use once: what takes it away waits until the names of now are in line. */
  retired?: true;
  /** When its copy goes, where nothing but the time keeps it: milliseconds. */
  goesAt?: number;
  actions: Action[];
  conflicts: Conflict[];
}

export function isCopyWrite(action: Action): action is CopyWrite {
  return action.kind === 'createCopy' || action.kind === 'updateCopy' || action.kind === 'replaceCopy';
}

export function isReferenceChange(action: Action): action is ReferenceChange {
  return action.kind === 'addReference' || action.kind === 'removeReference';
}

export function isCopyRemoval(action: Action): action is CopyRemoval {
  return action.kind === 'deleteCopy' || action.kind === 'handBackCopy';
}

/** What planning one secret name in one namespace looks at. */
export interface PlanContext {
  rules: PlanRules;
  snapshot: Snapshot;
  now: Date;
  namespace: string;
  /** Where a name is wanted no more, leave it in lists that another tool declares. */
  skipApplied: boolean;
}

/** Where a copy is, or was. */
export type CopyPlace = Pick<Placement, 'namespace' | 'secretName'>;

/** Where a copy has its place: no other placement has the same. */
export function placeOf({ namespace, secretName }: CopyPlace): string {
  return `${namespace}/${secretName}`;
}
