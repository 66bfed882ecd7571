import type { Output } from '../output.ts';
import type { Progress } from '../progress.ts';
import { progressLine, type Step } from './progress-line.ts';

/** What is over sooner shows nothing, and how often what is shown is made anew: milliseconds. */
const patience = 1000;
const interval = 200;

/** Shows below what a terminal tells how far a run is, once that takes more than a moment, until it is disposed of. */
export function createProgressBar(
  { setFooter }: Pick<Output, 'setFooter'>,
  columns: () => number,
  now = () => performance.now(),
): Progress & Disposable {
  const began = now();
  let step: (Omit<Step, 'elapsed'> & { since: number }) | undefined;
  const timer = setInterval(() => {
    if (step && now() - began >= patience) setFooter(progressLine({ ...step, elapsed: now() - step.since }, columns()));
  }, interval).unref();
  const since = (what: string, done: number) => (step?.what === what && done >= step.done ? step.since : now());

  return {
    read(objects) {
      const what = 'objects read';
      // Meanwhile single namespaces are looked at again.
      if (step?.all !== undefined && step.done < step.all) return;
      const done = (step?.what === what ? step.done : 0) + objects;
      step = { what, done, since: since(what, done) };
    },
    namespacesDone(done, all) {
      const what = 'namespaces';
      step = { what, done, all, since: since(what, done) };
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      setFooter('');
    },
  };
}
