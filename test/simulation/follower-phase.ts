import type { Config } from '../../job/src/config/config.ts';
import { marks } from '../../job/src/plan/marks.ts';
import { allowAllRemovals, configNow } from './configuration.ts';
import { Violation } from './invariants.ts';
import { contentField, retiredField } from './judge-secret.ts';
import { outOfLine } from './last-state.ts';
import type { Life } from './life.ts';
import type { Model, StoredObject } from './model.ts';
import { accounts, release, secretName, teams } from './names.ts';
import { peopleOf } from './people.ts';
import type { Program } from './programs.ts';
import { changeSomething } from './repair.ts';
import { encoded } from './sources.ts';
import { managedNames, ownerOf } from './wishes.ts';

/**
 * Longer than any pause of a follower, than a watch that went silent, and than it takes where watches lose their place
 * again and again, each time with a pass that starts over: milliseconds. No look at everything may be needed.
 */
const rest = 900_000;
/** Longer than any pause of a follower between two passes: milliseconds. */
const quiet = 90_000;

/** The Deployment: where no follower is, one starts. */
export function keepFollower({ world, programs }: Life): void {
  if (!world.deployment.deleted && programs.activeOf('follower').length === 0) programs.startFollower();
}

/** Resolves when the follower has nothing to do any more. */
export async function untilFollowerRests(life: Life): Promise<void> {
  const { world, scheduler, goOn } = life;
  if (world.deployment.deleted) {
    // What a killed run had sent arrives still.
    await goOn(() => scheduler.isQuiet(quiet));
    return;
  }
  keepFollower(life);
  let isOver = false;
  scheduler.clock.sleep(rest).then(() => {
    isOver = true;
  });
  await goOn(() => isOver && scheduler.isQuiet(quiet));
}

/** With no run beside it the follower sees to each change by itself, and to nothing else. */
export async function followChanges(life: Life): Promise<void> {
  const { world, random, rates, programs, say } = life;
  const { model } = world;
  if (world.deployment.deleted) return;
  // A watch may still end, or lose its place, but not without a word.
  Object.assign(rates, { silent: 0, closed: random.pick([0, 0.5]) });
  rates.expired = rates.closed;
  rates.pages = 0;
  await untilFollowerRests(life);
  const [follower] = programs.activeOf('follower') as [Program];
  for (let round = 0; round < 3; round++) {
    const { knowledge } = follower;
    const { fullLooks } = knowledge;
    const held = contentsOf(model);
    const trigger = random.pick(triggers);
    say(() => `alone with the follower: ${trigger.what}`);
    follower.withholds = false;
    trigger.act(life);
    await untilInLine(life, follower, trigger.what);
    // Only a look at everything tells whether some copy holds the logins of a target that had no namespace yet, and of
    // the targets whose logins the copy of a previous name joins.
    const isNew = [...contentsOf(model)].some((content) => !held.has(content));
    const mayLook = isNew || copiesOf(model).some(({ fields }) => fields.has(retiredField));
    if (trigger.isLocal && rates.closed === 0 && !mayLook && knowledge.fullLooks > fullLooks)
      throw new Violation(`a look at everything: ${trigger.what}`);
    await untilFollowerRests(life);
    const { writes } = knowledge;
    await untilFollowerRests(life);
    if (knowledge.writes > writes) throw new Violation(`${follower.name} made a write with nothing to do`);
  }
}

/** Resolves when what changed is followed. Where too many copies would go for that somebody allows it. */
async function untilInLine(life: Life, follower: Program, what: string): Promise<void> {
  const { world, scheduler, goOn } = life;
  const { model } = world;
  const now = () => scheduler.clock.now().getTime();
  const at = now();
  const until = (from: number, isOver = () => false) =>
    goOn(() => outOfLine(model, at) === undefined || isOver() || now() - from > rest);
  await until(at, () => follower.withholds);
  if (follower.withholds) {
    allowAllRemovals(model);
    await until(now());
  }
  checkInLine(life, follower, what, at);
}

/** @throws a Violation where something is not as the configuration wants it */
export function checkInLine(
  { world, scheduler }: Life,
  follower: Program,
  what: string,
  since = scheduler.clock.now().getTime(),
) {
  const wrong = outOfLine(world.model, since);
  if (wrong !== undefined) throw new Violation(`${follower.name} did not follow: ${what}: ${wrong}`);
}

function copiesOf(model: Model): StoredObject[] {
  const config = configNow(model) as Config;
  const secrets = managedNames(config).flatMap((name) => model.list('secrets', { name }));
  return secrets.filter((secret) => ownerOf(secret, config) === 'ours');
}

/** What the copies hold. */
function contentsOf(model: Model): Set<string | undefined> {
  return new Set(copiesOf(model).map(({ fields }) => fields.get(contentField)));
}

interface Trigger {
  what: string;
  /** It concerns one namespace, and no copy goes. */
  isLocal: boolean;
  act(life: Life): void;
}

const triggers: Trigger[] = [
  {
    what: 'a new namespace',
    isLocal: true,
    act: ({ world, programs }) => {
      const people = peopleOf(world.model);
      const name = `new-${programs.all.length}-${world.model.version}`;
      people.createNamespace(name);
      people.createServiceAccount('kube-controller-manager', name, 'default');
    },
  },
  {
    what: 'a list is overwritten',
    isLocal: true,
    act: ({ world, random }) => {
      const place = [random.pick([...teams, release.namespace]), random.pick(accounts)] as const;
      peopleOf(world.model)
        .patchServiceAccount('kubectl', ...place, { imagePullSecrets: ['own'] })
        .catch(() => {});
    },
  },
  {
    what: 'a copy is edited',
    isLocal: true,
    act: ({ world, random }) => {
      const data = { '.dockerconfigjson': encoded('{"auths":{"x":{}}}') };
      peopleOf(world.model)
        .patchSecret('kubectl-edit', random.pick(teams), secretName, { data })
        .catch(() => {});
    },
  },
  {
    what: 'a copy is deleted',
    isLocal: true,
    act: ({ world, random }) =>
      void peopleOf(world.model)
        .deleteSecret(random.pick(teams), secretName)
        .catch(() => {}),
  },
  {
    what: 'a namespace is taken out, or in again',
    isLocal: false,
    act: ({ world, random }) => {
      const annotations = { [marks.exclude]: random.pick(['true', null]) };
      peopleOf(world.model)
        .patchNamespace(random.pick(teams), { annotations })
        .catch(() => {});
    },
  },
  {
    what: 'a namespace gets a label',
    isLocal: false,
    act: ({ world, random }) => {
      const labels = { tier: random.pick(['gold', 'iron', null]) };
      peopleOf(world.model)
        .patchNamespace(random.pick(teams), { labels })
        .catch(() => {});
    },
  },
  {
    what: 'a source or the configuration changes',
    isLocal: false,
    act: ({ world, random }) => {
      changeSomething(world, random);
      allowAllRemovals(world.model);
    },
  },
];
