import { marks } from '../../job/src/plan/marks.ts';
import { allowAllRemovals, setRemovalLimit } from './configuration.ts';
import { checkInLine, untilFollowerRests } from './follower-phase.ts';
import type { Life } from './life.ts';
import { peopleOf } from './people.ts';
import type { Program } from './programs.ts';
import { rotateSources } from './repair.ts';

/** Namespaces, or ServiceAccounts, leave the selection one by one, as by `kubectl annotate --all`, and come back. */
export async function leaveOneByOne(life: Life): Promise<void> {
  const { world, random, scheduler, programs, goOn, say } = life;
  if (world.deployment.deleted) return;
  const [follower] = programs.activeOf('follower') as [Program];
  const { what, all } = leavers(life);
  say(() => `alone with the follower: ${what} leave one by one`);
  setRemovalLimit(world.model, 50);
  await untilFollowerRests(life);
  follower.withholds = false;
  for (const mark of all) {
    await mark('true');
    let over = false;
    scheduler.clock.sleep(random.below(30_000)).then(() => {
      over = true;
    });
    await goOn(() => over);
  }
  await untilFollowerRests(life);
  if (follower.withholds) {
    allowAllRemovals(world.model);
    await untilFollowerRests(life);
  }
  checkInLine(life, follower, `${what} left one by one`);
  for (const mark of all) await mark(null);
  await untilFollowerRests(life);
  checkInLine(life, follower, `${what} came back`);
}

/** They leave, a few at a time, during a run that starts over since sources change, too. */
export async function leaveDuringRun(life: Life): Promise<void> {
  const { world, random, programs, goOn, say } = life;
  const { what, all } = leavers(life);
  setRemovalLimit(world.model, 50);
  await untilFollowerRests(life);
  const one = programs.startRun();
  let left = 0;
  await goOn(
    () => one.end !== undefined,
    () => {
      if (left >= all.length || !random.chance(0.1)) return;
      const next = all.slice(left, left + 1 + random.below(6));
      left += next.length;
      say(() => `${next.length} ${what} leave`);
      for (const mark of next) mark('true');
      rotateSources(world, random);
    },
  );
  for (const mark of all) await mark(null);
  allowAllRemovals(world.model);
  await untilFollowerRests(life);
}

/** Functions that take something out of the selection, or with `null` in again. */
function leavers({ world: { model }, random }: Life): {
  what: string;
  all: Array<(mark: 'true' | null) => Promise<void>>;
} {
  const people = peopleOf(model);
  const exclude = (mark: 'true' | null) => ({ annotations: { [marks.exclude]: mark } });
  if (random.chance(0.5)) {
    const names = [...model.namespaces.keys()];
    return { what: 'namespaces', all: names.map((name) => (mark) => people.patchNamespace(name, exclude(mark))) };
  }
  const accounts = model.list('serviceaccounts', {});
  return {
    what: 'ServiceAccounts',
    all: accounts.map(
      ({ namespace, name }) =>
        (mark) =>
          people.patchServiceAccount('kubectl', namespace, name, exclude(mark)),
    ),
  };
}
