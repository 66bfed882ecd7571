import { beforeVerdict, searchOutput } from './verdict.ts';

/** What this process itself prints: names of tests, and how what a test saw differs from what it expected. */
const printed: string[] = [];

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]) => {
    const [chunk] = args;
    printed.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('latin1'));
    return write(...args);
  };
}

beforeVerdict(() => {
  // The test runner hears of tests in V8's own format, which has two bytes for each character of some texts.
  searchOutput('what the test file itself printed', printed.join('').replaceAll('\0', ''));
});
