import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { besideSecrets } from './shown-objects.ts';
import { beforeVerdict, searchOutput } from './verdict.ts';

const allowed = new AsyncLocalStorage<string>();

/**
 * What programs print that start meanwhile may show passwords.
 *
 * @param why who made it print them
 */
export function mayShowSecrets<T>(why: string, during: () => T): T {
  return allowed.run(why, during);
}

// Whoever starts a program, and however: Node tells of each.
subscribe('tracing:child_process.spawn:end', (message) => {
  const { process: child } = message as { process: ChildProcess };
  if (allowed.getStore() !== undefined) return;
  // Its streams are there as soon as it is given to whoever started it, and nothing has come out of them yet.
  queueMicrotask(() => watch(child));
});

function watch(child: ChildProcess): void {
  const [program = '', ...args] = child.spawnargs ?? [];
  const command = [basename(program), ...args];
  const outputs = { stdout: collect(child.stdout), stderr: collect(child.stderr) };
  const finish = beforeVerdict(() => {
    searchOutput(`stdout of ${command.join(' ')}`, besideSecrets(command, outputs.stdout()));
    searchOutput(`stderr of ${command.join(' ')}`, outputs.stderr());
  });
  child.once('close', finish);
}

/** What comes through a stream, whoever reads it and when: a listener of ours would set it flowing. */
function collect(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  if (stream) {
    const push = stream.push.bind(stream);
    stream.push = (chunk: Buffer | null, encoding) => {
      if (chunk) chunks.push(chunk);
      return push(chunk, encoding);
    };
  }
  return () => Buffer.concat(chunks).toString('latin1');
}
