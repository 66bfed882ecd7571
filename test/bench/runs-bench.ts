import { atMost, type Bench, type Figure, type Plot, type Point, rounded } from './figure.ts';
import { type Landscape, startLandscape } from './landscape.ts';
import { type Command, type Measurement, measure, median } from './measure.ts';

/** Each with the next, in this order: namespaces only come. */
const sizes = [100, 1000, 10_000];

/** What one kind of run needs to find each time. */
interface Kind {
  name: string;
  title: string;
  prepare(landscape: Landscape): Promise<void>;
}

const fromNothing: Kind = {
  name: 'from nothing',
  title: 'From nothing',
  prepare: (landscape) => landscape.reset(),
};
const rotation: Kind = { name: 'rotation', title: 'Rotation', prepare: (landscape) => landscape.rotate() };
const nothingToDo: Kind = { name: 'nothing to do', title: 'Nothing to do', prepare: async () => {} };

interface Pair {
  job: Measurement;
  yardstick: Measurement;
}

/** Whole runs that write, beside the same work of the yardstick, in turn, for three sizes of a cluster. */
export const runsBench: Bench = async ({ runs, say }) => {
  await using landscape = await startLandscape();
  const of = await measureKinds([fromNothing, rotation], landscape, { runs, say });
  return {
    figures: [
      ratio('From nothing, 1,000 namespaces, whole process', of(fromNothing, 1000), 1.25),
      ratio('Rotation, 1,000 namespaces, whole process', of(rotation, 1000), 1.25),
      growth(of),
      memory('Peak memory, from nothing, 1,000 namespaces', of(fromNothing, 1000), 110),
      memory('Peak memory, from nothing, 10,000 namespaces', of(fromNothing, 10_000), 180),
      ...costs([fromNothing, rotation], of),
    ],
    plots: [plotOf(fromNothing, of), plotOf(rotation, of)],
  };
};

/** Whole runs that find everything in line, as nearly all do. */
export const idleBench: Bench = async ({ runs, say }) => {
  await using landscape = await startLandscape();
  const of = await measureKinds([nothingToDo], landscape, { runs, say });
  return {
    figures: [
      idle(of(nothingToDo, 1000)),
      ...(await requestsOf(landscape)),
      memory('Peak memory, nothing to do, 1,000 namespaces', of(nothingToDo, 1000), 95),
      memory('Peak memory, nothing to do, 10,000 namespaces', of(nothingToDo, 10_000), 160),
      ...costs([nothingToDo], of),
    ],
    plots: [plotOf(nothingToDo, of)],
  };
};

type Results = (kind: Kind, size: number) => readonly Pair[];

async function measureKinds(
  kinds: readonly Kind[],
  landscape: Landscape,
  { runs, say }: Parameters<Bench>[0],
): Promise<Results> {
  const results = new Map<string, Pair[]>();
  for (const size of sizes) {
    say(`${size} namespaces are made`);
    await landscape.grow(size);
    for (const kind of kinds) {
      const pairs: Pair[] = [];
      // The first one brings the new namespaces in line, and warms up what is warm in a cluster that runs.
      for (let run = 0; run <= runs; run++) {
        pairs.push({ yardstick: await timed(kind, landscape, true), job: await timed(kind, landscape, false) });
        say(`${size} namespaces, ${kind.name}: ${run} of ${runs}`);
      }
      results.set(`${kind.name} ${size}`, pairs.slice(1));
    }
  }
  return (kind, size) => results.get(`${kind.name} ${size}`) ?? [];
}

async function timed(kind: Kind, landscape: Landscape, yardstick: boolean): Promise<Measurement> {
  await kind.prepare(landscape);
  const command: Command = yardstick ? await landscape.yardstick() : landscape.job('sync');
  return measure(command, landscape.directory);
}

/** The middle of what each run was of the yardstick's run beside it, so that a machine that slows down slows both. */
function ratioOf(pairs: readonly Pair[]): number {
  return median(pairs.map(({ job, yardstick }) => job.seconds / yardstick.seconds));
}

function ratio(name: string, pairs: readonly Pair[], limit: number): Figure {
  return atMost(name, ratioOf(pairs), limit, '× yardstick', walls(pairs));
}

function walls(pairs: readonly Pair[]): string {
  const of = (measured: Measurement[]) => rounded(median(measured.map(({ seconds }) => seconds)));
  const cpu = (measured: Measurement[]) => rounded(median(measured.map(({ cpuSeconds }) => cpuSeconds)));
  const memory = (measured: Measurement[]) => rounded(median(measured.map(({ megabytes }) => megabytes)));
  const [jobs, yardsticks] = [pairs.map(({ job }) => job), pairs.map(({ yardstick }) => yardstick)];
  return `job ${of(jobs)} s (CPU ${cpu(jobs)} s, ${memory(jobs)} MB), yardstick ${of(yardsticks)} s (CPU ${cpu(yardsticks)} s)`;
}

function idle(pairs: readonly Pair[]): Figure {
  const seconds = median(pairs.map(({ job }) => job.seconds));
  return atMost('Nothing to do, 1,000 namespaces, exec to exit', seconds, 0.45, 's', walls(pairs));
}

function memory(name: string, pairs: readonly Pair[], limit: number): Figure {
  const most = pairs.map(({ job }) => job.megabytes);
  return atMost(name, median(most), limit, 'MB', `most of all runs: ${rounded(Math.max(...most))} MB`);
}

/** What a run costs, for the README's sums; the bars are elsewhere. */
function costs(kinds: readonly Kind[], of: Results): Figure[] {
  return kinds.flatMap((kind) =>
    sizes.map((size) => ({
      name: `${kind.title}, ${size} namespaces`,
      bar: '',
      result: `${rounded(ratioOf(of(kind, size)))} × yardstick`,
      details: walls(of(kind, size)),
    })),
  );
}

function plotOf(kind: Kind, of: Results): Plot {
  return {
    file: `${kind.name.replaceAll(' ', '-')}.svg`,
    title: `${kind.title}: wall time of a whole run`,
    unit: 'seconds',
    points: sizes.flatMap((size) => points(size, of(kind, size))),
  };
}

/** Ten times the namespaces, and how many times the time: the job's may not grow faster than the yardstick's. */
function growth(of: Results): Figure {
  const [small, large] = [ratioOf(of(fromNothing, 1000)), ratioOf(of(fromNothing, 10_000))];
  return {
    name: '1,000 → 10,000 namespaces, from nothing',
    bar: 'grows no faster than the yardstick',
    result: `${rounded(small)} → ${rounded(large)} × yardstick`,
    // Two medians of the same are never the same; 5 % is what they differ by here.
    reached: large <= small * 1.05,
    details: `at 100 namespaces ${rounded(ratioOf(of(fromNothing, 100)))} ×, where the start of Node counts most`,
  };
}

/** What a run asks for where there is nothing to do, in the largest cluster of this bench. */
async function requestsOf(landscape: Landscape): Promise<Figure[]> {
  const idle = async () => void (await measure(landscape.job('sync'), landscape.directory));
  await idle();
  const { counts } = await landscape.requests(idle);
  const lists = Object.entries(counts).filter(([name]) => name.startsWith('list '));
  const others = Object.entries(counts).filter(([name]) => !name.startsWith('list '));
  const sum = (entries: Array<[string, number]>) => entries.reduce((total, [, count]) => total + count, 0);
  const tell = (entries: Array<[string, number]>) => entries.map(([name, count]) => `${count} ${name}`).join(', ');
  const pages = Math.ceil((sizes.at(-1) as number) / 500) + 1;
  return [
    atMost('Requests beside LISTs, nothing to do, 10,000 namespaces', sum(others), 6, 'requests', tell(others)),
    atMost(
      'LIST requests, the same run, three resources in pages of 500',
      sum(lists),
      3 * pages,
      'requests',
      tell(lists),
    ),
  ];
}

function points(namespaces: number, pairs: readonly Pair[]): Point[] {
  return [
    { namespaces, program: 'pullsecret-sync', value: median(pairs.map(({ job }) => job.seconds)) },
    { namespaces, program: 'yardstick', value: median(pairs.map(({ yardstick }) => yardstick.seconds)) },
  ];
}
