import type { EngineDeps } from '../run/engine-deps.ts';

type ReadFile = EngineDeps['readFile'];

/** What passes read of files: what comes and goes between two looks at a file may be in the copies. */
export interface FileReads {
  /** Reads a file, and remembers what was there; what cannot be read counts as nothing. */
  readFile: ReadFile;
  /** What was read of a file since the last call; `undefined`: it was not. */
  take(path: string): { content: Buffer | undefined } | undefined;
}

export function rememberReads(readFile: ReadFile): FileReads {
  const reads = new Map<string, { content: Buffer | undefined }>();
  return {
    async readFile(path) {
      reads.set(path, { content: undefined });
      const content = await readFile(path);
      reads.set(path, { content });
      return content;
    },
    take(path) {
      const read = reads.get(path);
      reads.delete(path);
      return read;
    },
  };
}
