import type { Output } from '../output.ts';
import type { Progress } from '../progress.ts';
import type { Terminal } from './terminal.ts';
import { type Streams, watchedStream } from './watched.ts';

/** What a terminal needs is loaded where there is one: a run in a cluster has none. */
export async function terminalOf(stream: NodeJS.WriteStream): Promise<Terminal | undefined> {
  if (!stream.isTTY && !process.env.FORCE_COLOR) return undefined;
  const { createTerminal } = await import('./terminal.ts');
  return createTerminal(stream);
}

/** Shows how far a run is, where somebody watches. */
export async function openProgress(outputs: Streams<Output>): Promise<(Progress & Disposable) | undefined> {
  const watched = watchedStream(process, process.env);
  if (watched === undefined) return undefined;
  const { createProgressBar } = await import('./progress-bar.ts');
  return createProgressBar(outputs[watched], () => process[watched].columns || 80);
}
