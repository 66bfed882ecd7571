import type { Release } from '../../job/src/config/config.ts';
import { marks, ownerMark } from '../../job/src/plan/marks.ts';
import { configText, writeConfig } from './configuration.ts';
import { Model } from './model.ts';
import { crowd, release, secretName, sourceNames, teams } from './names.ts';
import { type ForeignSecret, peopleOf } from './people.ts';
import { podAppears } from './pods.ts';
import type { Random } from './random.ts';
import type { SimulatedRegistries } from './registries.ts';
import { encoded, goodSource, putSource } from './sources.ts';

/** What may occur in a cluster. A plain one has none of it, so that faults and changes meet simple clusters often. */
export interface Traits {
  /** Several targets, with one secret name and with several. */
  profiles: boolean;
  /** Label selectors, and labels on namespaces. */
  selects: boolean;
  /** Targets that take foreign Secrets over. */
  adopts: boolean;
  /** Secret names and ServiceAccounts that were in use once. */
  renames: boolean;
  /** Copies and references of another release of ours, and what imagepullsecret-patcher left. */
  others: boolean;
  /** Namespaces enough for the limit on removals. */
  crowded: boolean;
  /** The release is cleaned up, and installed again. */
  cleanups: boolean;
  /** Registries refuse logins, and go away. */
  verifies: boolean;
  /** A follower runs beside the schedule. */
  follows: boolean;
  /** Runs write their status. It is YAML, and with it always the simulation would do little else. */
  statuses: boolean;
  /** Pods come too early, and runs may evict them. */
  pods: boolean;
  /** Runs write Events. */
  events: boolean;
}

export interface World {
  model: Model;
  traits: Traits;
  /** The CronJob and the follower's Deployment, as far as the engine knows them. */
  schedule: { suspended: boolean };
  deployment: { deleted: boolean };
  registries: SimulatedRegistries;
}

/** A cluster with the release installed; what else is in it is chance. */
export function createWorld(random: Random): World {
  const model = new Model();
  const traits = traitsOf(random);
  const people = peopleOf(model);
  const names = [...teams.slice(0, 2 + random.below(3)), ...(traits.crowded ? crowd : [])];
  for (const name of [release.namespace, 'kube-system', ...names]) {
    people.createNamespace(name);
    people.createServiceAccount('kube-controller-manager', name, 'default');
    if (random.chance(0.3)) people.createServiceAccount('kubectl', name, 'builder');
    if (traits.selects) people.patchNamespace(name, { labels: tier(random) });
  }
  for (const namespace of traits.pods ? [...names, ...names, ...names] : []) {
    podAppears({ model, random, namespace, name: secretName });
  }
  writeConfig(model, configText(random, traits));
  for (const name of [...sourceNames, secretName]) {
    if (name !== secretName || random.chance(0.1)) putSource(model, name, goodSource(name, 0));
  }
  return {
    model,
    traits,
    schedule: { suspended: false },
    deployment: { deleted: !traits.follows },
    registries: { moods: new Map(), down: new Set() },
  };
}

function traitsOf(random: Random): Traits {
  const often = random.pick([0, 0.15, 0.5]);
  const crowded = random.chance(often / 3);
  return {
    crowded,
    // The limit counts the copies of one name too.
    profiles: random.chance(crowded ? 0.7 : often),
    selects: random.chance(often),
    adopts: random.chance(often),
    renames: random.chance(often),
    others: random.chance(often),
    cleanups: random.chance(0.1),
    follows: random.chance(0.3),
    statuses: random.chance(0.1),
    verifies: random.chance(often),
    pods: random.chance(often),
    events: random.chance(0.15),
  };
}

export function tier(random: Random): { tier: string | null } {
  return { tier: random.pick(['gold', 'iron', null]) };
}

/** A Secret with the marks that a copy of a release in namespace `marked` has, wherever it lies. */
export function markedSecret(
  place: { namespace: string; name: string },
  marked: string,
  type: string,
  content: string,
  owner: Release = release,
): ForeignSecret {
  return {
    ...place,
    type,
    labels: { [marks.managedBy]: marks.managedByValue },
    annotations: { [marks.owner]: ownerMark(owner, marked) },
    data: { '.dockerconfigjson': encoded(content) },
  };
}
