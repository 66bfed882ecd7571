import { chmod, mkdir, mkdtempDisposable, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cyclonedxEsbuildPlugin as billOfMaterials } from '@cyclonedx/cyclonedx-esbuild';
import { build, type Plugin } from 'esbuild';
import { noticesOf } from './notices.ts';
import { templateFiles, templateModule } from './templates.ts';

const templates: Plugin = {
  name: 'templates',
  setup(bundle) {
    bundle.onLoad({ filter: templateFiles }, async ({ path }) => ({
      contents: templateModule(path, await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
/** What is run. It starts the rest where this Node can. */
export const bundleFile = join(dist, 'pullsecret-sync.mjs');
/** The job as a pod of a cluster needs it each minute, and what it imports where it needs more: of a kubeconfig, for example. */
const partsFolder = join(dist, 'pullsecret-sync');
/** The licences of what is in the bundle. */
const noticesFile = join(dist, 'NOTICES.txt');
/** The packages in the bundle, for programs: CycloneDX. Scanners of images find it by the end of its name. */
const billFile = join(dist, 'pullsecret-sync.cdx.json');

/**
 * Makes what the image holds. Node reads the whole text of a module before it runs any of it, so what most runs do not need
 * lies in parts of its own. Some dependencies are CommonJS and ask for `require` at run time.
 */
export async function buildBundle(): Promise<void> {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'build-'));
  const outputFile = join(temporary.path, 'bill.json');
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { 'pullsecret-sync': 'job/src/start.ts' },
    outdir: dist,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'pullsecret-sync/[name]-[hash]',
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node22.19',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    // They are in the notices, with the licences that have no such comment.
    legalComments: 'none',
    metafile: true,
    write: false,
    banner: {
      js: "import { createRequire as _createRequire } from 'node:module'; const require = _createRequire(import.meta.url);",
    },
    // Valid by the schema of CycloneDX, and without the time and number that would make each build another one.
    plugins: [templates, billOfMaterials({ outputFile, validate: true, outputReproducible: true, logLevel: 'silent' })],
  });
  await mkdir(partsFolder, { recursive: true });
  for (const { path, text } of outputFiles)
    await writeWhereNew(path, path === bundleFile ? `#!/usr/bin/env node\n${text}` : text);
  await chmod(bundleFile, 0o755);
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  await writeWhereNew(noticesFile, await noticesOf(inputs, root));
  await writeWhereNew(billFile, await readFile(outputFile, 'utf8'));
  const parts = new Set(outputFiles.map(({ path }) => path));
  const present = (await readdir(partsFolder)).map((file) => join(partsFolder, file));
  await Promise.all(present.filter((file) => !parts.has(file)).map((file) => rm(file, { force: true })));
}

/** Two builds of the same at the same time must not show each other, or who runs the bundle, half a file. */
async function writeWhereNew(file: string, content: string): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present !== content) await writeFile(file, content);
}

if (import.meta.main) await buildBundle();
