import { parse } from 'yaml';
import type { Config } from '../../job/src/config/config.ts';
import { exitCode } from '../../job/src/exit-code.ts';
import { configNow, standStillUntil } from './configuration.ts';
import { Violation } from './invariants.ts';
import { anythingLeft } from './last-state.ts';
import { endOne, type Life, runAlone } from './life.ts';
import type { StoredObject } from './model.ts';
import { release, statusName } from './names.ts';
import { repairConfig } from './repair.ts';
import { managedNames } from './wishes.ts';
import type { World } from './world.ts';

/** The release is cleaned up, maybe while runs are under way, and in the end it is there again. */
export async function cleanUpAndInstallAgain(life: Life): Promise<void> {
  const { world, random, rates, programs, say, goOn } = life;
  // What a dead process had under way took effect long ago.
  rates.late = 0;
  repairConfig(world, random);
  const kills = random.pick([0, 0, 0.01, 0.05]);
  const one = programs.startCleanup();
  await goOn(
    () => one.end !== undefined || one.killed,
    () => {
      if (!world.schedule.suspended && random.chance(0.03)) programs.startRun();
      if (random.chance(kills)) endOne([one], random, say);
    },
  );
  if (one.end && 'code' in one.end && one.end.code === exitCode.ok) checkClean(world);
  say(() => 'the release is there again');
  world.schedule.suspended = false;
  world.deployment.deleted = !world.traits.follows;
}

function checkClean({ model, schedule }: World): void {
  const left = anythingLeft(model);
  if (left !== undefined) throw new Violation(`a cleanup ended well, and ${left}`);
  if (!schedule.suspended) throw new Violation('a cleanup ended well, and the schedule goes on');
  const status = model.get({ resource: 'configmaps', namespace: release.namespace, name: statusName });
  if (status && !tellsMore(status, configNow(model) as Config)) {
    throw new Violation('a cleanup ended well, and the status is left');
  }
}

/** Whether a status holds a name that the configuration does not: it is the only record of that. */
function tellsMore({ fields }: StoredObject, config: Config): boolean {
  const { secrets = [], serviceAccounts = [] } = parse(fields.get('data/status.yaml') ?? '')?.namesInUse ?? {};
  const accounts = config.targets.flatMap((target) => target.serviceAccounts.include);
  const known = new Set([...managedNames(config), ...accounts, ...config.previousServiceAccounts]);
  return [...secrets, ...serviceAccounts].some((name) => !known.has(name));
}

/** A cleanup that was killed left its mark: until that ends runs do nothing, and then they go on. */
export async function untilRunsMayGoOn(life: Life): Promise<void> {
  const { world, scheduler, goOn } = life;
  const until = standStillUntil(world.model);
  if (until <= scheduler.clock.now().getTime()) return;
  const resting = await runAlone(life);
  if (!resting.end || !('code' in resting.end) || resting.end.code !== exitCode.incomplete) {
    throw new Violation(`${resting.name} did not stand still`);
  }
  let over = false;
  scheduler.clock.sleep(until - scheduler.clock.now().getTime()).then(() => {
    over = true;
  });
  await goOn(() => over);
}
