import { contextAccess, programFolders, programsFor } from './programs.ts';
import { foreignStage } from './stages.ts';
import { demoNamespaces, playStory } from './story.ts';
import { printStory } from './table.ts';
import { removalCommands, takeDown } from './take-down.ts';

/**
 * Plays on a cluster that the person has, and takes everything down again, after Ctrl-C too.
 *
 * @param keep leave everything, and say how to use and how to remove it
 * @returns the exit code
 */
export async function playOnForeignCluster(context: string, images: readonly string[], keep: boolean): Promise<number> {
  const access = contextAccess(context);
  const stop = new AbortController();
  const stage = await foreignStage(
    await programsFor(access, stop.signal),
    Object.fromEntries(images.map((image, index) => [`app-${index + 1}`, image])),
  );
  // More than once: a terminal sends Ctrl-C to us and to whoever passes it on to us.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const code = printStory(await playStory(stage, console.log));
  if (keep) {
    console.log('\nEverything stays. Look at it:');
    console.log(`  kubectl --context ${context} get pods,secrets -n ${demoNamespaces[0]}`);
    await sayHowToRemove(context);
    return code;
  }
  console.log('\nTaking everything down …');
  // Without the signal: it has to run after Ctrl-C.
  const failures = await takeDown(await programsFor(access));
  if (failures.length === 0) return code;
  for (const failure of failures) console.error(`Not everything is down: ${failure}`);
  await sayHowToRemove(context);
  return 1;
}

async function sayHowToRemove(context: string): Promise<void> {
  console.log('Remove it:');
  for (const command of [`export PATH="${await programFolders()}:$PATH"`, ...removalCommands(context)]) {
    console.log(`  ${command}`);
  }
}
