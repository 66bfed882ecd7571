/** The oldest Node that has all that the program uses, such as `AsyncDisposableStack`. */
const oldestNode = 24;

const { node } = process.versions;
// Nothing is imported before: what an old Node cannot read would end it with a trace of its own.
if (Number.parseInt(node, 10) >= oldestNode) await import('./main.ts');
else {
  console.error(
    `pullsecret-sync needs Node ${oldestNode} or newer, and this is Node ${node}: install a newer one, or run the image`,
  );
  process.exitCode = 1;
}
