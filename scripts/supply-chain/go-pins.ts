const requirement = /^(?:require\s+)?([^\s/]+\.[^\s]+)\s+(v\S+)$/;
const replacement = /^(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\S+)(?:\s+(v\S+))?$/;

/**
 * Modules of a go.mod without a checksum in its go.sum, and ones that are taken from a folder. `go build` refuses the former
 * too, but only on a machine that has not built them yet.
 *
 * @param file names the go.mod in messages
 * @returns a sentence for each, with what to do
 */
export function goPinFaults(file: string, goMod: string, goSum: string): string[] {
  const lines = goMod.split('\n').map((line) => line.replace(/\/\/.*/, '').trim());
  const required = new Map<string, string>();
  const faults: string[] = [];
  for (const [, module, version] of lines.map((line) => requirement.exec(line) ?? []))
    if (module && version) required.set(module, version);
  for (const [, module, by, version] of lines.map((line) => replacement.exec(line) ?? [])) {
    if (!module || !by) continue;
    required.delete(module);
    if (version) required.set(by, version);
    else faults.push(`${file}: ${module} is replaced by a folder: require a version`);
  }
  const sums = new Set(goSum.split('\n').map((line) => line.split(' h1:')[0]));
  for (const [module, version] of required)
    if (!sums.has(`${module} ${version}/go.mod`))
      faults.push(`${file}: ${module} ${version} has no checksum: run "go mod tidy" there`);
  return faults;
}
