import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goPinFaults } from './go-pins.ts';
import { dockerfileImageFaults, pipelineImageFaults } from './image-pins.ts';
import { installScriptFaults } from './install-scripts.ts';
import { licenceFaults } from './licences.ts';
import { npmPinFaults } from './npm-pins.ts';

const root = join(import.meta.dirname, '..', '..');
const goModules = '{scripts,test}/**/go.mod';
const pipelines = ['.gitlab-ci.yml', 'chart/gitlab/cluster.yml'];

/** What of this project comes from elsewhere and is not pinned, or not looked at: a sentence for each. */
export function supplyChainFaults(): string[] {
  const [manifest, lockfile] = ['package.json', 'package-lock.json'].map((file) => JSON.parse(read(file)));
  return [
    ...npmPinFaults(manifest, lockfile),
    ...installScriptFaults(manifest, lockfile, read('.npmrc')),
    ...licenceFaults(lockfile),
    ...globSync(goModules, { cwd: root }).flatMap(goFaults),
    ...dockerfileImageFaults('job/Dockerfile', read('job/Dockerfile')),
    ...pipelines.flatMap((file) => pipelineImageFaults(file, read(file))),
  ];
}

/** A module that requires none has no checksums. */
function goFaults(file: string): string[] {
  const sums = file.replace(/mod$/, 'sum');
  return goPinFaults(file, read(file), existsSync(join(root, sums)) ? read(sums) : '');
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
